import { generateRules } from "../iptables/generate.ts";
import type { Chain, RuleSet, Table, TableName } from "../iptables/rule.ts";
import { finishChains } from "../iptables/rule-set-writer.ts";
import { kubeadmConfig } from "../kube-proxy/proxy-input.ts";

/**
 * The rules with the jumps from the built-in chains to kube-proxy's, as far as they have those chains; the same object
 * where nothing is to be added. What kube-proxy feeds to iptables-restore has none: it inserts them one by one.
 */
export function withStandardJumps(ruleSet: RuleSet): RuleSet {
  const usual = generateRules({
    family: ruleSet.family,
    config: kubeadmConfig({ major: 1, minor: 34 }, []),
    node: { name: "", addresses: [], podCIDRs: [], zone: undefined },
    servicePorts: [],
  });
  const tables = new Map<TableName, Table>(ruleSet.tables);
  for (const [name, table] of ruleSet.tables) {
    const added = addJumps(table, usual.tables.get(name));
    if (added !== undefined) tables.set(name, added);
  }
  return [...tables.keys()].every((name) => tables.get(name) === ruleSet.tables.get(name))
    ? ruleSet
    : { ...ruleSet, tables };
}

function addJumps(table: Table, usual: Table | undefined): Table | undefined {
  const builtIn = [...(usual?.chains.values() ?? [])].filter(({ owner }) => owner === "kernel");
  if (builtIn.some(({ name }) => table.chains.has(name))) return undefined;
  const jumps = builtIn.map((chain): [string, Chain] => [
    chain.name,
    {
      ...chain,
      rules: chain.rules.filter(({ target }) => target.kind === "jump" && table.chains.has(target.chain)),
    },
  ]);
  return { ...table, chains: finishChains(new Map([...jumps, ...table.chains])) };
}
