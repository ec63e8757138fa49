import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { render } from "../../src/core/base/message.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { type RulesText, readRules } from "../../src/core/cluster/iptables/reading/read-rules.ts";
import { formatFraction } from "../../src/core/cluster/netfilter/fraction.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { compareRules } from "../../src/core/cluster/node-rules/comparison/compare-rules.ts";
import type { RulesTrace, RulesWay } from "../../src/core/cluster/node-rules/simulation/rules-trace.ts";
import { simulateThroughRules } from "../../src/core/cluster/node-rules/simulation/simulate-rules.ts";
import { filterFor } from "../../src/core/cluster/proxy.ts";
import { parseRequest } from "../../src/core/cluster/simulation/parse-request.ts";
import { simulate } from "../../src/core/cluster/simulation/simulate.ts";
import type { Stop } from "../../src/core/cluster/simulation/stop-reason.ts";
import type { Trace, Way } from "../../src/core/cluster/simulation/trace.ts";
import { comparisonPage } from "../../src/core/features/node-rules/comparison-page.ts";
import { requestInRules } from "../../src/core/features/node-rules/rules-trace-page.ts";
import { renderPage } from "../../src/core/features/page.ts";
import { clusterOf, storeOf, uriOf } from "../harness/workspace.ts";
import { destinations, dumpedCluster, filesOf, sources } from "./dumped-clusters.ts";

const from = uriOf("/dump.json");
const nodes = ["node-a", "node-b"] as const;

function textAt(cluster: Cluster, node: string, print: typeof printSave): string {
  const filter = filterFor(cluster.viewFrom(from), "iptables", node, "IPv4");
  assert.equal(filter.tool, "iptables");
  return joinLines(print(filter.rules));
}

function rulesAt(cluster: Cluster, node: string, print = printSave): RulesText {
  const read = readRules(uriOf("/node.iptables"), textAt(cluster, node, print));
  assert.deepEqual(
    read.problems.map(({ message }) => render(message)),
    [],
  );
  return read;
}

describe("the rules that a dumped cluster comes to, read again", () => {
  for (const [form, print] of [
    ["iptables-save", printSave],
    ["iptables-restore", printRestore],
  ] as const) {
    test(`as ${form} has them, differ from the manifests in nothing`, () => {
      fc.assert(
        fc.property(dumpedCluster, fc.constantFrom(...nodes), (drawn, node) => {
          const cluster = clusterOf(storeOf(filesOf(drawn)).snapshot);
          const comparisons = compareRules(cluster, from, rulesAt(cluster, node, print));
          const differing = comparisons.flatMap(({ ports }) =>
            ports.filter(({ differences }) => differences.length > 0),
          );
          assert.equal(comparisons.length, 1);
          assert.equal(differing.length, 0, renderPage(comparisonPage(comparisons)).text);
        }),
      );
    });
  }

  test("differ in nothing where they are cut off behind any word", () => {
    const forms = fc.constantFrom(printSave, printRestore);
    fc.assert(
      fc.property(dumpedCluster, fc.constantFrom(...nodes), forms, fc.nat(), (drawn, node, print, draw) => {
        const cluster = clusterOf(storeOf(filesOf(drawn)).snapshot);
        const text = textAt(cluster, node, print);
        const cut = text.slice(0, draw % text.length).replace(/\S*$/, "");
        const comparisons = compareRules(cluster, from, readRules(uriOf("/node.iptables"), cut));
        const said = `${renderPage(comparisonPage(comparisons)).text}\nof rules that end in\n${cut.slice(-900)}`;
        assert.ok(
          comparisons.every(({ ports }) => ports.every(({ differences }) => differences.length === 0)),
          said,
        );
      }),
    );
  });

  test("take a request to the same ends, with the same odds and addresses", () => {
    let exact = 0;
    fc.assert(
      fc.property(
        dumpedCluster,
        fc.constantFrom(...sources),
        fc.constantFrom(...destinations),
        fc.constantFrom("tcp" as const, "udp" as const),
        (drawn, source, destination, protocol) => {
          const cluster = clusterOf(storeOf(filesOf(drawn)).snapshot);
          const typed = parseRequest(source, destination, protocol);
          assert.ok(!("error" in typed));
          const trace = simulate(cluster, from, typed);
          assert.ok(!("error" in trace));
          const node = onlyNodeOf(trace);
          fc.pre(node !== undefined);
          const request = requestInRules(typed);
          assert.ok(!("error" in request));
          const through = simulateThroughRules(cluster, from, rulesAt(cluster, node), request);
          assert.ok(through);
          const isOpen = through.ways.some(({ assumptions }) => assumptions.length > 0);
          const predicted = trace.ways.map(sayWay).toSorted();
          const read = through.ways.map((way) => sayRulesWay(through, way)).toSorted();
          if (isOpen)
            for (const way of predicted) assert.ok(read.includes(way), `${way} is not among\n${read.join("\n")}`);
          else assert.deepEqual(read, predicted);
          if (!isOpen && trace.endpoints.length > 0) exact++;
        },
      ),
      { numRuns: 400 },
    );
    assert.ok(exact > 10, `${exact} requests were delivered without assumptions`);
  });
});

/** The node whose rules alone the request passes. */
function onlyNodeOf({ steps }: Trace): string | undefined {
  const passed = new Set(
    steps.flatMap((step) => {
      if (step.at === "chain")
        return step.kind === "balanced" ? ["", "balanced"] : step.kind === "hop" ? [step.from, step.to] : [step.node];
      return step.at === "source" && step.kind === "enters" ? [step.node] : [];
    }),
  );
  return passed.size === 1 ? [...passed][0] : undefined;
}

function sayWay({ odds, end }: Way): string {
  if (end.kind === "stop") return `${formatFraction(odds)} ${nameOfStop(end)}`;
  const { seen } = end;
  return `${formatFraction(odds)} ${end.address.ip}:${end.port} from ${seen?.translated ? "node" : seen?.ip}`;
}

/** Rules do not tell what becomes of a request that none of them takes. */
function nameOfStop({ reason, verdict }: Stop): string {
  if (!reasonsInRules.has(reason.kind)) return "untouched";
  return verdict === "refused" ? "rejected" : verdict;
}

const reasonsInRules: ReadonlySet<Stop["reason"]["kind"]> = new Set([
  "no-endpoints",
  "no-local-endpoints",
  "source-not-allowed",
  "dropped-by-rule",
]);

function sayRulesWay({ client }: RulesTrace, { odds, end }: RulesWay): string {
  const said = formatFraction(odds);
  if (end.kind !== "endpoint") return `${said} ${end.kind}`;
  const seen = end.seen.of === "client" ? client.address : "node";
  return `${said} ${end.ip}:${end.port} from ${seen}`;
}
