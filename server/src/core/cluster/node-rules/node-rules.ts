import { once, oncePer, remember } from "../../base/once.ts";
import { readChainName } from "../iptables/chain-names.ts";
import type { Rule, RuleSet, Table, TableName } from "../iptables/rule.ts";
import { complement, type Fraction, fraction, multiply, one } from "../netfilter/fraction.ts";
import { confirmedPort, type FoundPort, findPortNames, nameIn, rulesOf } from "./port-names.ts";

/** What the rules of a node tell of themselves, real or predicted. Nothing is worked out before it is asked for. */
export interface NodeRules {
  readonly ruleSet: RuleSet;
  readonly nat: Table | undefined;
  readonly filter: Table | undefined;
  /** The service port behind a chain of kube-proxy's, that of an endpoint included. */
  readonly portOf: (chain: string) => FoundPort | undefined;
  /** Where the chain of an endpoint sends packets. */
  readonly endpointOf: (chain: string) => EndpointPlace | undefined;
  /** The endpoints that a chain balances between, with the chance that each has among them. */
  readonly endpointsBehind: (chain: string) => readonly BalancedEndpoint[];
  /** The rules of a table that lead to a chain. */
  readonly referrersOf: (table: TableName, chain: string) => readonly Rule[];
}

/** An endpoint as the rule that leads to it tells. */
export interface EndpointPlace {
  readonly ip: string;
  readonly port: number;
}

/** An endpoint that a chain may choose. */
export interface BalancedEndpoint {
  readonly chain: string;
  readonly odds: Fraction;
  /** `undefined` where the chain of the endpoint is missing, or cannot be read. */
  readonly place: EndpointPlace | undefined;
  /** The rule that chooses it. */
  readonly rule: Rule;
}

/** Looks into the rules of a node; once for each. */
export const nodeRulesOf: (ruleSet: RuleSet) => NodeRules = oncePer((ruleSet) => {
  const { tables } = ruleSet;
  const nat = tables.get("nat");
  const names = once(() => (nat ? findPortNames(nat) : new Map<string, FoundPort>()));
  const named = remember((hash: string) => (nat && confirmedPort(nat, hash)) ?? names().get(hash));
  const referrers = new Map([...tables.values()].map((table) => [table.name, once(() => findReferrers(table))]));
  const referrersOf = (table: TableName, chain: string): readonly Rule[] => referrers.get(table)?.().get(chain) ?? [];
  const endpointOf = (chain: string): EndpointPlace | undefined => {
    for (const { target } of rulesOf(nat, chain))
      if (target.kind === "dnat") return { ip: target.ip, port: target.port };
    return undefined;
  };
  const portOf = (chain: string): FoundPort | undefined => {
    const name = readChainName(chain);
    if (name === undefined) return undefined;
    if (name.kind !== "SEP") return named(name.hash);
    return portOfEndpoint(referrersOf("nat", chain), rulesOf(nat, chain), (caller) => portOf(caller));
  };
  return {
    ruleSet,
    nat,
    filter: tables.get("filter"),
    portOf,
    endpointOf,
    endpointsBehind: (chain) =>
      balance(rulesOf(nat, chain)).map((choice) => ({ ...choice, place: endpointOf(choice.chain) })),
    referrersOf,
  };
});

function findReferrers({ chains }: Table): ReadonlyMap<string, readonly Rule[]> {
  const referrers = new Map<string, Rule[]>();
  for (const { rules } of chains.values()) {
    for (const rule of rules) {
      if (rule.target.kind !== "jump" && rule.target.kind !== "goto") continue;
      const known = referrers.get(rule.target.chain);
      if (known) known.push(rule);
      else referrers.set(rule.target.chain, [rule]);
    }
  }
  return referrers;
}

/** The port of the chain that chooses an endpoint, else the one that the endpoint's own rules name. */
function portOfEndpoint(
  referrers: readonly Rule[],
  own: readonly Rule[],
  portOf: (chain: string) => FoundPort | undefined,
): FoundPort | undefined {
  for (const { chain } of referrers) {
    const port = readChainName(chain)?.kind === "SEP" ? undefined : portOf(chain);
    if (port !== undefined) return port;
  }
  for (const rule of [...own, ...referrers]) {
    const name = nameIn(rule);
    if (name !== undefined) return { name, protocol: undefined, confirmed: false };
  }
  return undefined;
}

/** The choices of a balancing chain. What a rule leaves, the next ones share. */
function balance(rules: readonly Rule[]): readonly Omit<BalancedEndpoint, "place">[] {
  const choices: Omit<BalancedEndpoint, "place">[] = [];
  let left = one;
  for (const rule of rules) {
    const chance = chanceOf(rule);
    if (chance === undefined || rule.target.kind !== "jump") continue;
    choices.push({ chain: rule.target.chain, odds: multiply(left, chance), rule });
    left = multiply(left, complement(chance));
  }
  return choices;
}

/** The chance of a rule that chooses an endpoint by chance alone; `undefined` for one that asks for anything else. */
function chanceOf({ matches, target }: Rule): Fraction | undefined {
  if (target.kind !== "jump" || readChainName(target.chain)?.kind !== "SEP") return undefined;
  let chance = one;
  for (const match of matches) {
    if (match.kind === "statistic") chance = multiply(chance, match.chance);
    else if (match.kind === "statistic-nth") chance = multiply(chance, fraction(1, match.every));
    else if (match.kind !== "comment") return undefined;
  }
  return chance;
}
