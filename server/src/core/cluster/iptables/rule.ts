import type { Family } from "../../base/ip.ts";
import type { Message } from "../../base/message.ts";
import type { SourceRange } from "../../base/source.ts";
import type { Endpoint, ServicePort } from "../kube-proxy/proxy-input.ts";
import type { Fraction } from "../netfilter/fraction.ts";
import type { IpSet } from "../netfilter/ip-set.ts";
import type { CtState, ProtocolToken } from "../netfilter/packet.ts";
import type { ForeignMatch, ForeignTarget } from "./foreign.ts";

/**
 * The packet filter of one node in one address family: what Kubernetes would write (kube-proxy's chains, the jumps to
 * them from the built-in chains, and the kubelet's chains), or what a real node was found to have. Table mangle, where
 * Kubernetes has nothing but empty chains, is there only where it was found.
 */
export interface RuleSet {
  readonly family: Family;
  /** Those that there are. Kubernetes writes to `filter` and `nat` alone. */
  readonly tables: ReadonlyMap<TableName, Table>;
  /** The sets that rules look addresses up in, by name; `undefined` where no rule does. */
  readonly sets?: ReadonlyMap<string, IpSet>;
  /** Tables of which only a part is known: a chain that is missing there may be on the node. None unless given. */
  readonly partial?: ReadonlySet<TableName>;
  /** What a reader should know of the text, such as that it is that of a neighbouring release. */
  readonly notes: readonly Message[];
}

/** The tables of iptables, in the order in which a packet meets them, as far as it meets several in one place. */
export const tableNames = ["raw", "mangle", "nat", "filter", "security"] as const;

/** A table by its name. */
export type TableName = (typeof tableNames)[number];

/** A word as the name of a table; `undefined` for any other word. */
export const asTable = (word: string | undefined): TableName | undefined => tableNames.find((name) => name === word);

/** The chains of one table, and what can be known only when all of them are there. */
export interface Table {
  readonly name: TableName;
  /** By name: built-in chains first, then kube-proxy's in the order of their lines in its input to iptables-restore. */
  readonly chains: ReadonlyMap<string, Chain>;
  /** The rules that kube-proxy feeds to iptables-restore, in its order, which hops from chain to chain. */
  readonly restored: readonly Rule[];
  /** The chains that are not kube-proxy's, which are few beside its own. */
  readonly others: readonly Chain[];
  /** The addresses of all endpoints that have a chain, those of host ports included. */
  readonly endpoints: ReadonlySet<string>;
}

/** Rules that a packet is tried against in turn. */
export interface Chain {
  readonly name: string;
  /** Built-in chains belong to the kernel. Only kube-proxy's stand in its input to iptables-restore, but its canary. */
  readonly owner: "kernel" | "kube-proxy" | "kubelet" | "other";
  /** What becomes of a packet that passes a built-in chain; `undefined` for any other chain. */
  readonly policy: Policy | undefined;
  /** Where a chain that was read is declared. */
  readonly declared?: SourceRange | undefined;
  readonly rules: readonly Rule[];
  /** How many rules of the table jump here. */
  readonly references: number;
  /** Where to look in a long chain; `undefined` for a short one, which is read from the top. */
  readonly index: ChainIndex | undefined;
}

/** What may become of a packet at the end of a built-in chain. */
export type Policy = "ACCEPT" | "DROP";

/** Positions of rules by the destination address and port that they insist on; `undefined` for what they leave open. */
export type ChainIndex = ReadonlyMap<string | undefined, ReadonlyMap<number | undefined, readonly number[]>>;

/** One line of a chain: if all matches hold, the target is done. */
export interface Rule {
  readonly chain: string;
  /** In the order in which kube-proxy writes them, or in which they were read. */
  readonly matches: readonly Match[];
  readonly target: Target;
  /** The service port that the rule is written for; `undefined` for rules that every node has. */
  readonly port: ServicePort | undefined;
  /** The endpoint that the rule is about. */
  readonly endpoint: Endpoint | undefined;
  /** The text behind the rule: the YAML of the endpoint, else of the port; of a rule that was read, its own line. */
  readonly because: SourceRange | undefined;
}

/** One condition of a rule. */
export type Match = KubernetesMatch | ForeignMatch;

/** The matches that kube-proxy and the kubelet write. */
export type KubernetesMatch =
  | { readonly kind: "comment"; readonly text: string }
  /** Both the protocol and its match module: `-m tcp -p tcp`. */
  | { readonly kind: "protocol"; readonly protocol: ProtocolToken }
  /** An address or a block, written as kube-proxy writes it: `10.0.0.1`, `10.0.0.1/32`, `10.244.0.0/16`. */
  | { readonly kind: "source"; readonly block: string; readonly negated: boolean }
  | { readonly kind: "destination"; readonly block: string; readonly negated: boolean }
  | { readonly kind: "dport"; readonly port: number }
  /** A name, or a prefix that ends in `+`. */
  | { readonly kind: "in-interface"; readonly name: string; readonly negated: boolean }
  | { readonly kind: "mark"; readonly value: number; readonly mask: number; readonly negated: boolean }
  | { readonly kind: "ctstate"; readonly states: readonly CtState[]; readonly negated: boolean }
  /** Whether an address is one of the node's own. */
  | { readonly kind: "addrtype-local"; readonly side: "src" | "dst"; readonly negated: boolean }
  /** Holds by chance. `decimals` is how many are written; the kernel rounds, the fraction is what is meant. */
  | { readonly kind: "statistic"; readonly chance: Fraction; readonly decimals: 5 | 10 | 11 }
  /** Remembers the source address in a list; always holds. */
  | { readonly kind: "recent-set"; readonly list: string }
  /** Whether the list has seen the source address in the last seconds. */
  | { readonly kind: "recent-check"; readonly list: string; readonly seconds: number }
  /** Counts; always holds. */
  | { readonly kind: "nfacct"; readonly name: string }
  /** Whether the packet came in through a port of a bridge. */
  | { readonly kind: "physdev-is-in"; readonly negated: boolean }
  /** `-p` alone, without the match module of the protocol. */
  | { readonly kind: "protocol-only"; readonly protocol: string; readonly negated: boolean }
  /** Whether a set holds the packet; `directions` says which side of it is looked up, part by part: `dst,dst,src`. */
  | { readonly kind: "set"; readonly set: string; readonly directions: string; readonly negated: boolean }
  /** `-m state`, the old name of `ctstate`. */
  | { readonly kind: "state"; readonly states: readonly CtState[]; readonly negated: boolean }
  /** `--dport` of the port at which kube-proxy itself listens for a service port, see {@link PROXY_PORT}. */
  | { readonly kind: "proxy-port"; readonly of: ServicePort }
  /** Whether the packet is of a connection that came to a virtual server. */
  | { readonly kind: "ipvs"; readonly address: string; readonly protocol: ProtocolToken; readonly port: number };

/** What a rule does to a packet that it matches. */
export type Target = KubernetesTarget | ForeignTarget;

/** The targets that kube-proxy and the kubelet write. */
export type KubernetesTarget =
  /** Nothing: the rule only says something. */
  | { readonly kind: "none" }
  | { readonly kind: "jump"; readonly chain: string }
  | { readonly kind: "return" }
  | { readonly kind: "accept" }
  | { readonly kind: "drop" }
  | { readonly kind: "reject" }
  /** `--or-mark`, `--xor-mark` or `--set-xmark value/mask`: three ways to write "clear the mask's bits, xor the value". */
  | { readonly kind: "mark"; readonly how: "or" | "xor" | "set"; readonly value: number; readonly mask: number }
  | { readonly kind: "masquerade"; readonly randomFully: boolean }
  | { readonly kind: "dnat"; readonly ip: string; readonly port: number }
  /** To kube-proxy itself: at an address of the node, or at that of the interface by which the packet came. */
  | { readonly kind: "to-proxy"; readonly ip: string | undefined };

/** Stands for a port that the kernel draws by lot when kube-proxy starts, another one on each node. */
export const PROXY_PORT = "<random>";

/** The chain of a table, `undefined` if there is none. */
export const findChain = (ruleSet: RuleSet, table: TableName, chain: string): Chain | undefined =>
  ruleSet.tables.get(table)?.chains.get(chain);
