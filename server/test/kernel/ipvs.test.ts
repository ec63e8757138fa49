import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, describe, test } from "node:test";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { generateIpvs } from "../../src/core/cluster/ipvs/generate-ipvs.ts";
import { printSetsListed, printSetsSaved } from "../../src/core/cluster/ipvs/print-ipset.ts";
import { printIpvsadm, printIpvsadmSaved } from "../../src/core/cluster/ipvs/print-ipvsadm.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { readIpvsFixtures } from "../ipvs/fixtures.ts";
import { whyNoSets, withoutIpvs } from "./ipvs-rules.ts";
import { openPacketFilter } from "./load-rules.ts";
import { openNamespaces } from "./namespaces.ts";
import { findPrerequisites } from "./prerequisites.ts";
import { mustRun } from "./shell.ts";

const found = findPrerequisites();
const fixtures = readIpvsFixtures();

const noSets = whyNoSets(found);
if (noSets !== undefined) test("sets and rules of IPVS mode", { skip: noSets }, () => {});

for (const backend of noSets === undefined && found.kind === "ready" ? found.backends : []) {
  describe(`sets and rules of IPVS mode: ${backend.iptables}`, () => {
    const namespaces = openNamespaces();
    after(() => namespaces.close());

    for (const { name, input } of fixtures) {
      test(`the kernel takes them, and echoes what is said here: ${name}`, () => {
        const node = namespaces.create("ipvs");
        const ipset = (args: readonly string[], text?: string): string =>
          mustRun("ip", ["netns", "exec", node, "ipset", ...args], text);
        const { sets, rules: all } = generateIpvs(input);
        const rules = withoutIpvs(all);
        const saved = joinLines(printSetsSaved(sets.values()));
        ipset(["restore"], saved);
        const filter = openPacketFilter(node, backend, input.family);
        filter.load(rules);
        assert.equal(withoutChance(ipset(["-sorted", "save"])), saved);
        assert.equal(withoutChance(ipset(["-sorted", "list"])), joinLines(printSetsListed(sets.values(), rules)));
        for (const table of ["filter", "nat"] as const) {
          assert.equal(withoutCounts(filter.save(table)), joinLines(printSave(rules, [table])));
        }
      });
    }
  });
}

const whyNoIPVS = existsSync("/proc/net/ip_vs") ? undefined : "kernel ring skipped in part: this kernel has no IPVS";

if (whyNoIPVS !== undefined) test("virtual servers", { skip: whyNoIPVS }, () => {});

describe("virtual servers", () => {
  for (const { name, input } of whyNoIPVS === undefined && noSets === undefined ? fixtures : []) {
    test(`the kernel takes them, and lists them as here: ${name}`, () => {
      const namespaces = openNamespaces();
      try {
        const node = namespaces.create("ipvs");
        const state = generateIpvs(input);
        mustRun("ip", ["netns", "exec", node, "ipvsadm", "--restore"], joinLines(printIpvsadmSaved(state)));
        assert.equal(mustRun("ip", ["netns", "exec", node, "ipvsadm", "-Ln"]), joinLines(printIpvsadm(state)));
      } finally {
        namespaces.close();
      }
    });
  }
});

/** Without what the kernel draws by lot, and what only it knows. */
const withoutChance = (text: string): string =>
  text.replace(/ bucketsize \d+ initval \S+/g, "").replace(/^(Revision|Size in memory): .*\n/gm, "");

/** Without comments and packet counts. */
const withoutCounts = (text: string): string => text.replace(/^#.*\n/gm, "").replace(/\[\d+:\d+\]/g, "[0:0]");
