import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { render } from "../../src/core/base/message.ts";
import { documentUri, type SourceRange } from "../../src/core/base/source.ts";
import { portChain } from "../../src/core/cluster/iptables/chain-names.ts";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { printSave, saveRule } from "../../src/core/cluster/iptables/print-save.ts";
import { joinLines } from "../../src/core/cluster/iptables/printed-line.ts";
import { readRules } from "../../src/core/cluster/iptables/reading/read-rules.ts";
import { isFrom } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { servicePortName } from "../../src/core/cluster/kube-proxy/service-order.ts";
import { findUsedEndpoints } from "../../src/core/cluster/kube-proxy/used-endpoints.ts";
import { fraction } from "../../src/core/cluster/netfilter/fraction.ts";
import { type NodeRules, nodeRulesOf } from "../../src/core/cluster/node-rules/node-rules.ts";
import { renderPlain } from "../../src/core/features/markdown.ts";
import { describeChainRole } from "../../src/core/features/node-rules/chain-words.ts";
import { analyzeRules, type RulesAnalysis } from "../../src/core/features/node-rules/rules-analysis.ts";
import { whyRule } from "../../src/core/features/node-rules/why-rule.ts";
import { textFilesBelow } from "../harness/files.ts";
import { type FixtureFile, type Mark, parseFixture, printFixture } from "../harness/fixture.ts";
import { clusterOf, storeOf, uriOf } from "../harness/workspace.ts";
import { input } from "../iptables/arbitraries.ts";

function nodeOf(text: string): NodeRules {
  const [capture] = readRules(documentUri("file:///node-1.iptables"), text).captures;
  assert.ok(capture);
  return nodeRulesOf(capture);
}

describe("what the rules of a node tell of themselves", () => {
  test("why each rule of Kubernetes is there, in every release and configuration, and what each chain is for", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const rules = nodeOf(joinLines(printSave(generateRules(drawn))));
        for (const [table, { chains }] of rules.capture.ruleSet.tables) {
          for (const [name, chain] of chains) {
            assert.ok(describeChainRole(table, name), name);
            for (const rule of chain.rules) assert.ok(whyRule(rules, table, rule), saveRule("IPv4", rule));
          }
        }
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
  answer: (rules: RulesAnalysis, file: FixtureFile, show: (range: SourceRange) => string) => readonly Mark[],
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
        return { ...file, marks: answer(analysis, file, show) };
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
