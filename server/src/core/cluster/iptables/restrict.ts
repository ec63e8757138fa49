import type { ServicePort } from "../kube-proxy/proxy-input.ts";
import { readChainName } from "./chain-names.ts";
import type { Chain, Rule, RuleSet, Table } from "./rule.ts";

/**
 * The same node, with a view to some service ports only: their rules, the chains that those lead to, and what every
 * node has. Reference counts stay those of the whole node.
 */
export function restrictRules(ruleSet: RuleSet, keeps: (port: ServicePort) => boolean): RuleSet {
  const keepsRule = ({ port }: Rule): boolean => port === undefined || keeps(port);
  const tables = new Map([...ruleSet.tables].map(([name, table]) => [name, restrictTable(table, keepsRule)]));
  return { ...ruleSet, tables };
}

function restrictTable(table: Table, keepsRule: (rule: Rule) => boolean): Table {
  const restored = table.restored.filter(keepsRule);
  const targets = new Set(restored.map(({ target }) => (target.kind === "jump" ? target.chain : undefined)));
  const chains = new Map<string, Chain>();
  for (const chain of table.chains.values()) {
    // All others are every node's.
    if (readChainName(chain.name) !== undefined && !targets.has(chain.name)) continue;
    const rules = chain.rules.filter(keepsRule);
    const same = rules.length === chain.rules.length;
    chains.set(chain.name, same ? chain : { ...chain, rules, index: undefined });
  }
  return { ...table, chains, restored };
}
