import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, describe, test } from "node:test";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { joinLines } from "../../src/core/cluster/iptables/printed-line.ts";
import type { Chain, Rule, RuleSet, Table } from "../../src/core/cluster/iptables/rule.ts";
import { generateIpvs } from "../../src/core/cluster/ipvs/generate-ipvs.ts";
import { printSetsListed, printSetsSaved } from "../../src/core/cluster/ipvs/print-ipset.ts";
import { printIpvsadm, printIpvsadmSaved } from "../../src/core/cluster/ipvs/print-ipvsadm.ts";
import { readIpvsFixtures } from "../ipvs/fixtures.ts";
import { openPacketFilter } from "./load-rules.ts";
import { openNamespaces } from "./namespaces.ts";
import { findPrerequisites } from "./prerequisites.ts";
import { mustRun, run } from "./shell.ts";

const found = findPrerequisites();
const fixtures = readIpvsFixtures();

/** Why sets cannot be tried; `undefined` where they can. */
function whyNoSets(): string | undefined {
  if (found.kind === "missing") return found.reason;
  const namespaces = openNamespaces();
  try {
    const { ok, complaint } = run(
      "ip",
      ["netns", "exec", namespaces.create("sets"), "ipset", "restore"],
      "create TRIAL hash:ip,port,net family inet\n",
    );
    return ok ? undefined : `kernel ring skipped in part: no ipset (${complaint.trim()})`;
  } finally {
    namespaces.close();
  }
}

const noSets = whyNoSets();
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

/** The rules without those that ask IPVS itself. */
const withoutIpvs = (rules: RuleSet): RuleSet => {
  const asksKernel = ({ matches }: Rule): boolean => matches.some(({ kind }) => kind === "ipvs");
  const tables = new Map(
    [...rules.tables].map(([name, table]): [Table["name"], Table] => [
      name,
      {
        ...table,
        restored: table.restored.filter((rule) => !asksKernel(rule)),
        chains: new Map(
          [...table.chains].map(([key, chain]): [string, Chain] => [
            key,
            { ...chain, rules: chain.rules.filter((rule) => !asksKernel(rule)) },
          ]),
        ),
      },
    ]),
  );
  return { ...rules, tables };
};

/** Without what the kernel draws by lot, and what only it knows. */
const withoutChance = (text: string): string =>
  text.replace(/ bucketsize \d+ initval \S+/g, "").replace(/^(Revision|Size in memory): .*\n/gm, "");

/** Without comments and packet counts. */
const withoutCounts = (text: string): string => text.replace(/^#.*\n/gm, "").replace(/\[\d+:\d+\]/g, "[0:0]");
