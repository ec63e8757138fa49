import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { documentUri } from "../../src/core/base/source.ts";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { saveRule } from "../../src/core/cluster/iptables/print-save.ts";
import { type RulesText, readRules } from "../../src/core/cluster/iptables/reading/read-rules.ts";
import { readFixture } from "../iptables/inputs.ts";
import { openPacketFilter } from "./load-rules.ts";
import { openNamespaces } from "./namespaces.ts";
import { findPrerequisites } from "./prerequisites.ts";
import { randomInput } from "./random-input.ts";
import { mustRun, run } from "./shell.ts";

const found = findPrerequisites();

if (found.kind === "missing") test("reading what iptables prints", { skip: found.reason }, () => {});

const namespaces = openNamespaces();
after(() => namespaces.close());

/** Nothing is left over, and every rule is printed as it was. */
function assertReadWhole(text: string): void {
  const { captures, problems }: RulesText = readRules(documentUri("file:///node.iptables"), text);
  assert.deepEqual(problems, []);
  const rules = captures.flatMap(({ ruleSet }) =>
    [...ruleSet.tables.values()].flatMap(({ restored }) => restored.map((rule) => ({ rule, family: ruleSet.family }))),
  );
  assert.equal(rules.length, text.match(/^-A /gm)?.length ?? 0);
  for (const { rule, family } of rules) {
    assert.equal(saveRule(family, rule), text.slice(rule.because?.start, rule.because?.end));
  }
}

for (const backend of found.kind === "ready" ? found.backends : []) {
  const { iptables } = backend;

  describe(`what ${iptables}-save prints is read whole`, () => {
    test("of rules that Kubernetes does not write", (context) => {
      const namespace = namespaces.create("foreign");
      const inside = ["netns", "exec", namespace];
      const { ok, complaint } = run("ip", [...inside, `${iptables}-restore`], readFixture("reading/foreign.nft"));
      if (ok) assertReadWhole(mustRun("ip", [...inside, `${iptables}-save`]));
      else context.skip(`kernel ring skipped: ${complaint.replaceAll("\n", " ").trim()}`);
    });

    for (let seed = 1; seed <= 6; seed++) {
      test(`of kube-proxy's rules, seed ${seed}`, () => {
        const filter = openPacketFilter(namespaces.create("read"), backend, "IPv4");
        filter.load(generateRules(randomInput(seed)));
        assertReadWhole(filter.save("nat") + filter.save("filter"));
      });
    }
  });
}
