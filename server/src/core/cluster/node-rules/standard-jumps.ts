import { oncePer } from "../../base/once.ts";
import { generateRules } from "../iptables/generate.ts";
import type { Chain, RuleSet, Table, TableName } from "../iptables/rule.ts";
import { finishTable } from "../iptables/rule-set-writer.ts";
import { kubeadmConfig } from "../kube-proxy/proxy-input.ts";

/**
 * The rules with the jumps from the built-in chains to kube-proxy's, as far as they have those chains; the same object
 * where nothing is to be added. What kube-proxy feeds to iptables-restore has none: it inserts them one by one. What
 * people cut out of a dump often lacks the last rule of KUBE-SERVICES as well, the one that leads to node ports.
 */
export const withStandardJumps: (ruleSet: RuleSet) => RuleSet = oncePer((ruleSet) => {
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
});

function addJumps(table: Table, usual: Table | undefined): Table | undefined {
  const whole = withNodePorts(table, usual);
  const builtIn = [...(usual?.chains.values() ?? [])].filter(({ owner }) => owner === "kernel");
  if (builtIn.some(({ name }) => table.chains.has(name))) return whole === table ? undefined : whole;
  const jumps = builtIn.map((chain): [string, Chain] => [
    chain.name,
    {
      ...chain,
      rules: chain.rules.filter(({ target }) => target.kind === "jump" && table.chains.has(target.chain)),
    },
  ]);
  return finishTable(table.name, new Map([...jumps, ...whole.chains]), table.restored);
}

function withNodePorts(table: Table, usual: Table | undefined): Table {
  const nodePorts = table.chains.get("KUBE-NODEPORTS");
  const services = table.chains.get("KUBE-SERVICES");
  const jump = usual?.chains.get("KUBE-SERVICES")?.rules.at(-1);
  if (jump === undefined || services === undefined || nodePorts === undefined) return table;
  if (nodePorts.references > 0 || nodePorts.rules.length === 0) return table;
  const led = { ...services, rules: [...services.rules, jump] };
  return finishTable(table.name, new Map([...table.chains, ["KUBE-SERVICES", led]]), table.restored);
}
