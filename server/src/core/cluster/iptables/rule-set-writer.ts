import type { SourceRange } from "../../base/source.ts";
import type { Endpoint, ServicePort } from "../kube-proxy/proxy-input.ts";
import { indexRules } from "./chain-index.ts";
import type { Chain, Match, Rule, RuleSet, Table, TableName, Target } from "./rule.ts";

/** Collects the chains and rules of one table while a generator runs. */
export interface TableWriter {
  /** Declares a chain, kube-proxy's unless told. Its place among the chains is the place of the first call. */
  readonly chain: (name: string, owner?: "kube-proxy" | "kubelet") => void;
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

/** The two tables that Kubernetes writes Services to. */
export interface Tables {
  readonly nat: TableWriter;
  readonly filter: TableWriter;
}

/** Both with their built-in chains, and nothing in them. */
export const openTables = (): Tables => ({ nat: writeTable("nat"), filter: writeTable("filter") });

/** What has been written, in the order in which kube-proxy feeds it to iptables-restore. */
export const finishTables = ({ nat, filter }: Tables): RuleSet["tables"] =>
  new Map([
    ["filter", filter.finish()],
    ["nat", nat.finish()],
  ]);

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
    chain: (chain, owner = "kube-proxy") => {
      draft(chain, owner);
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
    finish: () => finishTable(name, chains, restored),
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

/** Completes a table with what can be known when all of it is there: who jumps where, and where to look for what. */
export function finishTable(name: TableName, drafts: ReadonlyMap<string, Draft>, restored: readonly Rule[]): Table {
  const references = new Map<string, number>();
  const endpoints = new Set<string>();
  for (const [chain, { rules }] of drafts) {
    for (const { target } of rules) {
      if (target.kind === "jump" || target.kind === "goto")
        references.set(target.chain, (references.get(target.chain) ?? 0) + 1);
      else if (target.kind === "dnat" && ENDPOINT.test(chain)) endpoints.add(target.ip);
    }
  }
  const chains = new Map<string, Chain>();
  for (const [chain, { owner, policy, declared, rules }] of drafts) {
    const counted = references.get(chain) ?? 0;
    chains.set(chain, { name: chain, owner, policy, declared, rules, references: counted, index: indexRules(rules) });
  }
  const others = [...chains.values()].filter(({ owner }) => owner !== "kube-proxy");
  return { name, chains, restored, others, endpoints };
}

/** Chains of endpoints, kube-proxy's and those of host ports. */
const ENDPOINT = /^(?:KUBE-SEP|CNI-DN)-/;
