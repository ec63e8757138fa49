import type { SourceRange } from "../../base/source.ts";
import type { Endpoint, ServicePort } from "../kube-proxy/proxy-input.ts";
import {
  type Chain,
  type ChainIndex,
  indexKey,
  type Match,
  type Rule,
  type Table,
  type TableName,
  type Target,
} from "./rule.ts";

/** Collects the chains and rules of one table while a generator runs. */
export interface TableWriter {
  /** Declares a chain of kube-proxy's. Its place among the chains is the place of the first call. */
  readonly chain: (name: string) => void;
  /** Appends a rule of kube-proxy's to a declared chain. */
  readonly rule: (chain: string, matches: readonly Match[], target: Target, cause?: Cause) => void;
  /** Appends a rule that others wrote, or kube-proxy by other means: jumps in built-in chains, the kubelet's rules. */
  readonly foreignRule: (chain: string, owner: "kernel" | "kubelet", matches: readonly Match[], target: Target) => void;
  readonly finish: () => Table;
}

/** What a rule is written for. */
export interface Cause {
  readonly port?: ServicePort;
  readonly endpoint?: Endpoint;
}

/** A table with its built-in chains and nothing in them. */
export function writeTable(name: TableName): TableWriter {
  const chains = new Map<string, GrowingDraft>(
    builtInChains[name].map((chain) => [chain, { owner: "kernel", policy: "ACCEPT", rules: [] }]),
  );
  const restored: Rule[] = [];
  const draft = (chain: string, owner: Chain["owner"]): GrowingDraft => {
    const known = chains.get(chain);
    if (known !== undefined) return known;
    const added: GrowingDraft = { owner, policy: undefined, rules: [] };
    chains.set(chain, added);
    return added;
  };
  return {
    chain: (chain) => {
      draft(chain, "kube-proxy");
    },
    rule: (chain, matches, target, { port, endpoint } = {}) => {
      const rule: Rule = { chain, matches, target, port, endpoint, because: endpoint?.because ?? port?.because };
      draft(chain, "kube-proxy").rules.push(rule);
      restored.push(rule);
    },
    foreignRule: (chain, owner, matches, target) => {
      const rule: Rule = { chain, matches, target, port: undefined, endpoint: undefined, because: undefined };
      draft(chain, owner).rules.push(rule);
    },
    finish: () => ({ name, chains: finishChains(chains), restored }),
  };
}

/** The chains that every table has, in the order in which they are listed. */
export const builtInChains = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
} as const satisfies Record<TableName, readonly string[]>;

type GrowingDraft = Pick<Chain, "owner" | "policy"> & { readonly rules: Rule[] };

/** A chain that is being written, or read. */
export interface Draft extends Pick<Chain, "owner" | "policy"> {
  readonly rules: readonly Rule[];
  readonly declared?: SourceRange | undefined;
}

/** Completes chains with what can be known when all of them are there: who jumps to them, and where to look in long ones. */
export function finishChains(drafts: ReadonlyMap<string, Draft>): ReadonlyMap<string, Chain> {
  const references = new Map<string, number>();
  for (const { rules } of drafts.values()) {
    for (const { target } of rules) {
      if (target.kind === "jump" || target.kind === "goto")
        references.set(target.chain, (references.get(target.chain) ?? 0) + 1);
    }
  }
  const chains = new Map<string, Chain>();
  for (const [name, { owner, policy, declared, rules }] of drafts) {
    const index = rules.length > SHORT ? indexRules(rules) : undefined;
    const chain: Chain = { name, owner, policy, rules, references: references.get(name) ?? 0, index };
    chains.set(name, declared === undefined ? chain : { ...chain, declared });
  }
  return chains;
}

/** Chains up to this length are quicker read from the top. */
const SHORT = 32;

function indexRules(rules: readonly Rule[]): ChainIndex {
  const index = new Map<string, number[]>();
  rules.forEach(({ matches }, position) => {
    const key = indexKey(hostOf(matches), portOf(matches));
    const positions = index.get(key);
    if (positions === undefined) index.set(key, [position]);
    else positions.push(position);
  });
  return index;
}

/** The one destination address that a rule insists on. */
function hostOf(matches: readonly Match[]): string | undefined {
  for (const match of matches) {
    if (match.kind === "destination" && !match.negated) {
      if (!match.block.includes("/")) return match.block;
      const single = match.block.includes(":") ? "/128" : "/32";
      if (match.block.endsWith(single)) return match.block.slice(0, -single.length);
    }
  }
  return undefined;
}

const portOf = (matches: readonly Match[]): number | undefined => matches.find((match) => match.kind === "dport")?.port;
