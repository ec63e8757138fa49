import { contains, parseCidr } from "../../base/ip.ts";
import { findInSet, type IpSet } from "../ipvs/ip-set.ts";
import type { ServicePort } from "../kube-proxy/proxy-input.ts";
import { type Fraction, multiply, one } from "../netfilter/fraction.ts";
import { type CtState, isLocalAddress, type ProtocolToken } from "../netfilter/packet.ts";
import { type Chain, indexKey, type Match, type Rule } from "./rule.ts";

/** A packet at one moment of its walk. */
export interface PacketState {
  readonly protocol: ProtocolToken;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  /** `undefined` for what the node itself sends. */
  readonly inInterface: string | undefined;
  readonly throughBridgePort: boolean;
  readonly ctState: CtState;
  readonly mark: number;
  /** Whether a rule has changed the destination of the connection. */
  readonly translated: boolean;
  /** The service port for which kube-proxy itself takes it. */
  readonly toProxy: ServicePort | undefined;
  /** The virtual server that it came to, once IPVS has chosen a real one. */
  readonly virtualServer: { readonly address: string; readonly port: number } | undefined;
}

/** What matches look at besides the packet. */
export interface Surroundings {
  readonly localAddresses: ReadonlySet<string>;
  readonly recent: ReadonlyMap<string, ReadonlySet<string>>;
  readonly sets: ReadonlyMap<string, IpSet> | undefined;
}

/**
 * The chance that a rule matches a packet: `undefined` for never, the constant {@link one} for always, else what its
 * `statistic` says.
 */
export function matchRule(rule: Rule, packet: PacketState, surroundings: Surroundings): Fraction | undefined {
  let chance = one;
  for (const match of rule.matches) {
    if (match.kind === "statistic") chance = chance === one ? match.chance : multiply(chance, match.chance);
    else if (!holds(match, packet, surroundings)) return undefined;
  }
  return chance.numerator === chance.denominator ? one : chance;
}

/** The positions of a chain's rules that a packet must be tried against, in order: all, or what the index leaves. */
export function findCandidates({ rules, index }: Chain, packet: PacketState, from: number): readonly number[] {
  if (index === undefined) return rules.map((_, position) => position).slice(from);
  const positions: number[] = [];
  for (const destination of [packet.destination, undefined]) {
    for (const port of [packet.port, undefined]) {
      for (const position of index.get(indexKey(destination, port)) ?? [])
        if (position >= from) positions.push(position);
    }
  }
  return positions.sort((a, b) => a - b);
}

function holds(match: Exclude<Match, { kind: "statistic" }>, packet: PacketState, around: Surroundings): boolean {
  switch (match.kind) {
    case "comment":
    case "recent-set":
    case "nfacct":
      return true;
    case "protocol":
      return match.protocol === packet.protocol;
    case "source":
      return isInBlock(packet.source, match.block) !== match.negated;
    case "destination":
      return isInBlock(packet.destination, match.block) !== match.negated;
    case "dport":
      return match.port === packet.port;
    case "in-interface":
      return isInterface(packet.inInterface, match.name) !== match.negated;
    case "mark":
      return ((packet.mark & match.mask) >>> 0 === match.value) !== match.negated;
    case "ctstate":
      return isInState(packet, match.states) !== match.negated;
    case "addrtype-local": {
      const address = match.side === "src" ? packet.source : packet.destination;
      return isLocalAddress(around.localAddresses, address) !== match.negated;
    }
    case "recent-check":
      return around.recent.get(match.list)?.has(packet.source) ?? false;
    case "physdev-is-in":
      return packet.throughBridgePort !== match.negated;
    case "protocol-only":
      return (match.protocol === packet.protocol) !== match.negated;
    case "set":
      return (findInSet(around.sets?.get(match.set), match.directions, packet) !== undefined) !== match.negated;
    case "state":
      return match.states.includes(packet.ctState) !== match.negated;
    case "ipvs":
      return (
        packet.virtualServer?.address === match.address &&
        packet.virtualServer.port === match.port &&
        packet.protocol === match.protocol
      );
    case "proxy-port":
      return packet.toProxy === match.of;
    default:
      return false;
  }
}

/** The virtual state DNAT holds for connections whose destination was translated. */
const isInState = (packet: PacketState, states: readonly CtState[]): boolean =>
  states.includes(packet.ctState) || (packet.translated && states.includes("DNAT"));

function isInBlock(address: string, block: string): boolean {
  const slash = block.indexOf("/");
  if (slash < 0) return block === address;
  // Blocks of one address are most of those in old rule sets, and need no arithmetic.
  if (block.endsWith(block.includes(":") ? "/128" : "/32")) return block.slice(0, slash) === address;
  const parsed = parseCidr(block);
  return parsed !== undefined && contains(parsed, address);
}

const isInterface = (name: string | undefined, pattern: string): boolean =>
  name !== undefined && (pattern.endsWith("+") ? name.startsWith(pattern.slice(0, -1)) : name === pattern);
