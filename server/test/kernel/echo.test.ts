import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { printList } from "../../src/core/cluster/iptables/print-list.ts";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { readFixtures } from "../iptables/inputs.ts";
import { openPacketFilter } from "./load-rules.ts";
import { openNamespaces } from "./namespaces.ts";
import { findPrerequisites } from "./prerequisites.ts";
import { mustRun } from "./shell.ts";

const found = findPrerequisites();
const fixtures = [...readFixtures("current", "json"), ...readFixtures("historic", "json")]
  // Counters must be made with another program before rules may name them.
  .filter(({ input }) => !input.config.counters);

if (found.kind === "missing") test("the kernel's echo of the rules", { skip: found.reason }, () => {});

for (const backend of found.kind === "ready" ? found.backends : []) {
  describe(`what ${backend.iptables} prints of rules that the kernel has taken`, () => {
    const namespaces = openNamespaces();
    after(() => namespaces.close());
    const node = namespaces.create("echo");
    const version = mustRun(backend.iptables, ["--version"]);
    const style = /v1\.8\.(9|10)\b/.test(version) ? "numeric" : "classic";

    for (const { name, input } of fixtures) {
      test(`${name} of ${input.config.release.major}.${input.config.release.minor}`, { timeout: 30_000 }, () => {
        const rules = generateRules(input);
        const filter = openPacketFilter(node, backend, input.family);
        filter.load(rules);
        for (const table of rules.tables.keys()) {
          assert.equal(withoutCounters(filter.save(table)), joinLines(printSave(rules, [table])));
          assert.equal(withoutTraffic(filter.list(table)), joinLines(printList(rules, table, style)));
        }
      });
    }
  });
}

/** `iptables-save` without its remarks, and as if no packet had passed. */
const withoutCounters = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n")
    .replace(/\[\d+:\d+\]$/gm, "[0:0]");

/** `iptables -L -v` as if no packet had passed. */
const withoutTraffic = (text: string): string =>
  text
    .replace(/policy ACCEPT \S+ packets, \S+ bytes/g, "policy ACCEPT 0 packets, 0 bytes")
    .replace(/^ *\d+[KMGT]? +\d+[KMGT]? /gm, "    0     0 ");
