import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { render } from "../../src/core/base/message.ts";
import { documentUri, type SourceRange } from "../../src/core/base/source.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { portChain } from "../../src/core/cluster/iptables/chain-names.ts";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { printSave, saveRule } from "../../src/core/cluster/iptables/print-save.ts";
import { readRules } from "../../src/core/cluster/iptables/reading/read-rules.ts";
import { isFrom } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { servicePortName } from "../../src/core/cluster/kube-proxy/service-order.ts";
import { findUsedEndpoints } from "../../src/core/cluster/kube-proxy/used-endpoints.ts";
import { formatFraction, fraction } from "../../src/core/cluster/netfilter/fraction.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { rulesWithLostConditions } from "../../src/core/cluster/node-rules/lost-conditions.ts";
import { type NodeRules, nodeRulesOf } from "../../src/core/cluster/node-rules/node-rules.ts";
import type { RulesEnd } from "../../src/core/cluster/node-rules/simulation/rules-trace.ts";
import { simulateThroughRules } from "../../src/core/cluster/node-rules/simulation/simulate-rules.ts";
import { parseRequest } from "../../src/core/cluster/simulation/parse-request.ts";
import { renderPlain } from "../../src/core/features/markdown.ts";
import { describeChainRole } from "../../src/core/features/node-rules/chain-words.ts";
import { analyzeRules, type RulesAnalysis } from "../../src/core/features/node-rules/rules-analysis.ts";
import { requestInRules, rulesTracePage } from "../../src/core/features/node-rules/rules-trace-page.ts";
import { whyRule } from "../../src/core/features/node-rules/why-rule.ts";
import { renderPage } from "../../src/core/features/page.ts";
import { textFilesBelow } from "../harness/files.ts";
import { type FixtureFile, type Mark, parseFixture, printFixture } from "../harness/fixture.ts";
import { clusterOf, storeOf, uriOf } from "../harness/workspace.ts";
import { input } from "../iptables/arbitraries.ts";

function nodeOf(text: string): NodeRules {
  const [capture] = readRules(documentUri("file:///node-1.iptables"), text).captures;
  assert.ok(capture);
  return nodeRulesOf(capture.ruleSet);
}

describe("what the rules of a node tell of themselves", () => {
  test("why each rule of Kubernetes is there, in every release and configuration, and what each chain is for", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const rules = nodeOf(joinLines(printSave(generateRules(drawn))));
        for (const [table, { chains }] of rules.ruleSet.tables) {
          for (const [name, chain] of chains) {
            assert.ok(describeChainRole(table, name), name);
            for (const rule of chain.rules) assert.ok(whyRule(rules, table, rule), saveRule("IPv4", rule));
          }
        }
      }),
    );
  });

  test("that no rule of Kubernetes lacks a condition, in any release and configuration", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const rules = nodeOf(joinLines(printSave(generateRules(drawn))));
        assert.deepEqual(rulesWithLostConditions(rules), []);
      }),
    );
  });

  test("which service port each chain is for, by the names that its rules have in their comments", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const { release } = drawn.config;
        const rules = nodeOf(joinLines(printSave(generateRules(drawn))));
        for (const { namespace, service, portName, protocol } of drawn.servicePorts) {
          const name = servicePortName(release, namespace, service, portName);
          for (const kind of ["SVC", "SVL", "EXT", "FW", "XLB"] as const) {
            const chain = portChain(kind, name, protocol);
            const found = rules.nat?.chains.get(chain);
            // Of an empty chain that nothing leads to no rule can tell.
            if (found === undefined || found.rules.length + found.references === 0) continue;
            const expected = { name: { namespace, service, portName, text: name }, protocol, confirmed: true };
            assert.deepEqual(rules.portOf(chain), expected);
            for (const endpoint of rules.endpointsBehind(chain))
              assert.deepEqual(rules.portOf(endpoint.chain), expected);
          }
        }
      }),
    );
  });

  test("which endpoints a Service has, each with the same odds", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        fc.pre(isFrom(drawn.config.release, 24));
        const { release } = drawn.config;
        const rules = nodeOf(joinLines(printSave(generateRules(drawn))));
        for (const port of drawn.servicePorts) {
          const { cluster, any } = findUsedEndpoints(release, drawn.node, port);
          const name = servicePortName(release, port.namespace, port.service, port.portName);
          const found = rules.endpointsBehind(portChain("SVC", name, port.protocol));
          const expected = any ? cluster : [];
          assert.deepEqual(
            found.map(({ place, odds }) => ({ place, odds })),
            expected.map(({ ip, port: number }) => ({
              place: { ip, port: number },
              odds: fraction(1, expected.length),
            })),
          );
        }
      }),
    );
  });
});

/** Tests that the marks of the fixtures in a folder are what is answered, and no other ones. */
function testRulesFixtures(
  folder: string,
  answer: (
    rules: RulesAnalysis,
    file: FixtureFile,
    show: (range: SourceRange) => string,
    cluster: Cluster,
  ) => readonly Mark[],
): void {
  for (const { name, path, text } of textFilesBelow(folder, /\.txt$/)) {
    test(name, () => {
      const fixture = parseFixture(text);
      const isRules = (file: FixtureFile): boolean => !file.path.endsWith(".yaml");
      const cluster = clusterOf(storeOf(fixture.files.filter((file) => !isRules(file))).snapshot);
      const show = ({ uri, start }: SourceRange): string => {
        const file = fixture.files.find((candidate) => uriOf(candidate.path) === uri);
        const before = file?.text.slice(0, start).split("\n") ?? [];
        return `${file?.path}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
      };
      const files = fixture.files.map((file): FixtureFile => {
        if (!isRules(file)) return file;
        const analysis = analyzeRules(cluster, readRules(uriOf(file.path), file.text));
        return { ...file, marks: answer(analysis, file, show, cluster) };
      });
      const printed = printFixture({ ...fixture, files });
      if (process.env["UPDATE_FIXTURES"] === "1" && printed !== text) writeFileSync(path, printed);
      else assert.equal(printed, text);
    });
  }
}

describe("hovers, definitions and references in the rules of a node", () => {
  testRulesFixtures("test-fixtures/node-rules/hover", (rules, { marks }, show) =>
    marks.map((mark) => {
      const [verb = ""] = mark.lines[0]?.split(" ") ?? [];
      if (verb === "definition" || verb === "references") {
        const found = rules[verb](mark.start);
        return { ...mark, lines: [[verb, ...found.map(show)].join(" ")] };
      }
      const hover = rules.hover(mark.start);
      if (hover === undefined) return { ...mark, lines: ["hover nothing"] };
      const [first = "", ...more] = renderPlain(hover.prose).split("\n");
      return { start: hover.range.start, end: hover.range.end, lines: [`hover ${first}`, ...more] };
    }),
  );
});

describe("complaints about the rules of a node", () => {
  testRulesFixtures("test-fixtures/node-rules/check", (rules) =>
    rules.check().map(({ code, severity, range, message }) => ({
      start: range.start,
      end: range.end,
      lines: [`${severity}[${code}]: ${render(message)}`],
    })),
  );
});

describe("requests through the rules of a node", () => {
  testRulesFixtures("test-fixtures/node-rules/simulate", (_, { path, text, marks }, __, cluster) =>
    marks.map((mark) => {
      const [asked = ""] = mark.lines;
      const [, from = "", to = "", over] = /^from (\S+) to (\S+)(?: over (\w+))?$/.exec(asked) ?? [];
      const typed = parseRequest(
        from,
        to,
        protocolTokens.find((one) => one === over),
      );
      assert.ok(!("error" in typed), asked);
      const request = requestInRules(typed);
      assert.ok(!("error" in request), asked);
      const trace = simulateThroughRules(cluster, uriOf(path), readRules(uriOf(path), text), request);
      const page = trace ? renderPage(rulesTracePage(trace)).text : "no rules";
      return { ...mark, lines: [asked, ...page.split("\n").filter((line) => line !== "")] };
    }),
  );

  for (const { name, text } of textFilesBelow("test-fixtures/node-rules/dumps", /\.save$/)) {
    test(`come to the same ends in every release: ${name}`, () => {
      const rules = readRules(documentUri("file:///node"), text);
      const cluster = clusterOf(storeOf([]).snapshot);
      const endsOf = (from: string, to: string, over?: "udp"): readonly string[] => {
        const typed = parseRequest(from, to, over);
        assert.ok(!("error" in typed));
        const request = requestInRules(typed);
        assert.ok(!("error" in request));
        const trace = simulateThroughRules(cluster, rules.uri, rules, request);
        return (trace?.ways ?? []).map(({ odds, end }) => `${formatFraction(odds)} ${nameOfEnd(end)}`);
      };
      const web = ["1/3 10.42.0.11:8080", "1/3 10.42.0.12:8080", "1/3 10.42.1.31:8080"];
      for (const [from, to] of [
        ["pod:client", "http://web.shop"],
        ["node:node-1", "10.43.7.20:80"],
        ["external", "node:30080"],
      ] as const) {
        assert.deepEqual(endsOf(from, to).toSorted(), web, `${from} to ${to}`);
      }
      assert.deepEqual(endsOf("pod:client", "10.43.0.10:53", "udp"), ["1 10.42.0.2:53"]);
      assert.deepEqual(endsOf("node:node-1", "10.43.7.22:80"), ["1 rejected"]);
      assert.match(endsOf("external:198.51.100.9", "https://203.0.113.10").join(), / 10\.42\.0\.14:8443/);
      // 1.2 did not know source ranges.
      const stranger = endsOf("external:192.0.2.9", "https://203.0.113.10");
      if (name !== "1.2.save") assert.deepEqual(stranger, ["1 dropped"]);
      assert.deepEqual(endsOf("external", "node:22"), ["1 untouched"]);
    });
  }
});

const nameOfEnd = (end: RulesEnd): string => (end.kind === "endpoint" ? `${end.ip}:${end.port}` : end.kind);
const protocolTokens = ["tcp", "udp", "sctp"] as const;
