import type { Chain, Rule, RuleSet, Table } from "../../src/core/cluster/iptables/rule.ts";
import { openNamespaces } from "./namespaces.ts";
import type { Prerequisites } from "./prerequisites.ts";
import { run } from "./shell.ts";

/** Why sets cannot be tried; `undefined` where they can. */
export function whyNoSets(found: Prerequisites): string | undefined {
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

/** The rules without those that ask IPVS itself, which not every kernel has. */
export const withoutIpvs = (rules: RuleSet): RuleSet => {
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
