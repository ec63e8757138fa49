import { hashedChain, type PortChain, portHash, readChainName } from "../iptables/chain-names.ts";
import type { Chain, Rule, Table } from "../iptables/rule.ts";
import type { Protocol } from "../kube-proxy/proxy-input.ts";
import { nameInComment, type PortName } from "./comment-name.ts";

/** The service port behind a chain, and how that is known. */
export interface FoundPort {
  readonly name: PortName;
  /** `undefined` where the chain's name does not confirm one. */
  readonly protocol: Protocol | undefined;
  /** Whether the chain is named after just this port. If not, only comments say so. */
  readonly confirmed: boolean;
}

/**
 * The service ports of a nat table by the hash that their chains share, as the comments of rules tell them. A name whose
 * hash is that of the chain is certain; any other is what somebody wrote.
 */
export function findPortNames(nat: Table): ReadonlyMap<string, FoundPort> {
  const found = new Map<string, FoundPort>();
  for (const { rules } of nat.chains.values()) {
    for (const rule of rules) {
      const hash = hashOf(rule);
      const name = hash === undefined || found.get(hash)?.confirmed ? undefined : nameIn(rule);
      if (hash === undefined || name === undefined) continue;
      const protocol = confirm(name, hash);
      if (protocol !== undefined) found.set(hash, { name, protocol, confirmed: true });
      else if (!found.has(hash)) found.set(hash, { name, protocol: protocolIn(rule), confirmed: false });
    }
  }
  return found;
}

/**
 * The service port that the chains of a hash are certainly named after, by the comments of their own rules; `undefined`
 * where those do not name it. Looks at no other chains.
 */
export function confirmedPort(nat: Table, hash: string): FoundPort | undefined {
  for (const kind of PORT_CHAINS) {
    for (const rule of rulesOf(nat, hashedChain(kind, hash))) {
      const name = nameIn(rule);
      const protocol = name && confirm(name, hash);
      if (name !== undefined && protocol !== undefined) return { name, protocol, confirmed: true };
    }
  }
  return undefined;
}

const PORT_CHAINS = ["SVC", "SVL", "EXT", "FW", "XLB"] as const satisfies readonly PortChain[];

/** The hash of the port that a rule is about: that of its chain, or of the chain that it leads to. */
function hashOf({ chain, target }: Rule): string | undefined {
  const own = portChainOf(chain);
  return own ?? (target.kind === "jump" || target.kind === "goto" ? portChainOf(target.chain) : undefined);
}

function portChainOf(chain: string): string | undefined {
  const name = readChainName(chain);
  return name === undefined || name.kind === "SEP" ? undefined : name.hash;
}

/** The service port that the comment of a rule names. */
export function nameIn(rule: Rule): PortName | undefined {
  return nameInComment(commentOf(rule));
}

/** The comment of a rule; empty without one. */
export function commentOf({ matches }: Pick<Rule, "matches">): string {
  for (const match of matches) if (match.kind === "comment") return match.text;
  return "";
}

function protocolIn({ matches }: Rule): Protocol | undefined {
  const match = matches.find((candidate) => candidate.kind === "protocol");
  return match && protocols.find((protocol) => protocol.toLowerCase() === match.protocol);
}

const confirm = (name: PortName, hash: string): Protocol | undefined =>
  protocols.find((protocol) => portHash(name.text, protocol) === hash);

/** Those that a Service may have. */
export const protocols = ["TCP", "UDP", "SCTP"] as const satisfies readonly Protocol[];

/** The chain of a table; empty where it has none of that name. */
export const rulesOf = (table: Table | undefined, chain: string): Chain["rules"] =>
  table?.chains.get(chain)?.rules ?? [];
