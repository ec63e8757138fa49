import { contains, familyOf, hostPort } from "../../base/ip.ts";
import { assertNever } from "../../base/source.ts";
import { isInBlock } from "../netfilter/addresses.ts";
import type { Condition, Literal } from "../netfilter/condition.ts";
import { findInSet } from "../netfilter/ip-set.ts";
import { type Bridge, type CtState, isLocalAddress } from "../netfilter/packet.ts";
import type { ForeignMatch, PortRange } from "./foreign.ts";
import { protocolNumbers } from "./listing.ts";
import type { PacketState, Surroundings } from "./match-packet.ts";
import { foreignMatchText } from "./print-foreign.ts";
import type { Match } from "./rule.ts";

/** Whether a match holds for a packet, or what would have to be so. Lots are none of its business: they always hold. */
export function answerMatch(match: Match, packet: PacketState, around: Surroundings): boolean | Literal {
  switch (match.kind) {
    case "comment":
    case "recent-set":
    case "nfacct":
    case "statistic":
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
      return answerIn(match.name, match.negated, packet, around);
    case "mark":
      return ((packet.mark & match.mask) >>> 0 === match.value) !== match.negated;
    case "ctstate":
      return isInState(packet, match.states) !== match.negated;
    case "addrtype-local":
      return answerLocal(match.side === "src" ? packet.source : packet.destination, match.negated, around);
    case "recent-check":
      return around.recent.get(match.list)?.has(packet.source) ?? false;
    case "physdev-is-in":
      return packet.byUnknownInterface
        ? open({ kind: "bridge" }, match.negated)
        : packet.throughBridgePort !== match.negated;
    case "protocol-only":
      return isProtocol(packet, match.protocol) !== match.negated;
    case "set": {
      const { set, directions, negated } = match;
      if (around.sets === undefined) return open({ kind: "set", set, of: partsOf(packet, directions) }, negated);
      return (findInSet(around.sets.get(set), directions, packet) !== undefined) !== negated;
    }
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
      return answerForeign(match, packet, around);
  }
}

function answerForeign(match: ForeignMatch, packet: PacketState, around: Surroundings): boolean | Literal {
  switch (match.kind) {
    case "statistic-nth":
      return true;
    case "out-interface":
      return answerOut(match.name, match.negated, packet, around);
    // The first packet of a connection comes in one piece, and is no message of ICMP.
    case "fragment":
    case "icmp-type":
      return match.negated;
    case "port-range": {
      const ranges = [[match.first, match.last]] as const;
      return match.side === "source"
        ? answerSource(ranges, match.negated)
        : isIn(packet.port, ranges) !== match.negated;
    }
    case "multiport": {
      const { side, ranges, negated } = match;
      if (side !== "source" && isIn(packet.port, ranges)) return !negated;
      return side === "destination" ? negated : answerSource(ranges, negated);
    }
    case "tcp-flags": {
      const up = match.mask.filter((flag) => flag === "SYN");
      const isSo = up.length === match.set.length && match.set.every((flag) => flag === "SYN");
      return packet.protocol === "tcp" && isSo !== match.negated;
    }
    case "connmark":
      return ((packet.connmark & match.mask) >>> 0 === match.value) !== match.negated;
    case "limit":
      return open({ kind: "rate", rate: match.rate }, false);
    case "other":
      return open({ kind: "match", text: foreignMatchText(match), of: wholeOf(packet) }, false);
    default:
      return assertNever(match);
  }
}

/** What would have to be so; negated, what would not. */
const open = (condition: Condition, negated: boolean): Literal => ({ condition, is: !negated });

function answerLocal(address: string, negated: boolean, around: Surroundings): boolean | Literal {
  if (isLocalAddress(around.localAddresses, address)) return !negated;
  return around.mayBeLocal(address) ? open({ kind: "local-address", address }, negated) : negated;
}

function answerIn(name: string, negated: boolean, packet: PacketState, { bridges }: Surroundings): boolean | Literal {
  if (!packet.byUnknownInterface || packet.inInterface !== undefined) {
    return isInterface(packet.inInterface, name) !== negated;
  }
  if (name === "lo" || packet.notByInterfaces.some((pattern) => isInterface(name, pattern))) return negated;
  return answerBridge(bridges, name, packet.source, negated) ?? open({ kind: "interface", way: "in", name }, negated);
}

function answerOut(name: string, negated: boolean, packet: PacketState, around: Surroundings): boolean | Literal {
  if (packet.outInterface !== undefined) return isInterface(packet.outInterface, name) !== negated;
  // What leaves by loopback is for the node itself, and the other way round.
  if (name === "lo") return answerLocal(packet.destination, negated, around);
  return (
    answerBridge(around.bridges, name, packet.destination, negated) ??
    open({ kind: "interface", way: "out", name, ...amongPods(name, around) }, negated)
  );
}

const amongPods = (name: string, { podInterfaces }: Surroundings): { among?: readonly string[] } =>
  podInterfaces.includes(name) ? { among: podInterfaces } : {};

/** Whether an interface leads to an address, as far as bridges tell that. */
function answerBridge(
  bridges: readonly Bridge[],
  name: string,
  address: string,
  negated: boolean,
): boolean | undefined {
  const holds = ({ network }: Bridge): boolean => familyOf(address) === network.family && contains(network, address);
  const own = bridges.find((bridge) => bridge.isWhole && holds(bridge));
  if (own !== undefined) return isInterface(own.name, name) !== negated;
  return bridges.some((bridge) => bridge.name === name && !holds(bridge)) ? negated : undefined;
}

/** Who opens a connection takes a port from 1024 on, and nobody knows which. */
function answerSource(ranges: readonly PortRange[], negated: boolean): boolean | Literal {
  if (ranges.some(([first, last]) => first <= FIRST_EPHEMERAL && last === LAST_PORT)) return !negated;
  if (ranges.every(([, last]) => last < FIRST_EPHEMERAL)) return negated;
  const ports = ranges.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
  return open({ kind: "source-port", ports }, negated);
}

const FIRST_EPHEMERAL = 1024;
const LAST_PORT = 65535;

const isIn = (port: number, ranges: readonly PortRange[]): boolean =>
  ranges.some(([first, last]) => first <= port && port <= last);

const isProtocol = ({ protocol }: PacketState, wanted: string): boolean =>
  wanted === protocol || wanted === protocolNumbers[protocol];

/** What a set is asked about. */
const partsOf = (packet: PacketState, directions: string): string =>
  directions.startsWith("src") ? packet.source : hostPort(packet.destination, packet.port);

const wholeOf = ({ source, destination, port }: PacketState): string => `${source} ${hostPort(destination, port)}`;

/** The virtual state DNAT holds for connections whose destination was translated. */
const isInState = (packet: PacketState, states: readonly CtState[]): boolean =>
  states.includes(packet.ctState) || (packet.translated && states.includes("DNAT"));

const isInterface = (name: string | undefined, pattern: string): boolean =>
  name !== undefined && (pattern.endsWith("+") ? name.startsWith(pattern.slice(0, -1)) : name === pattern);
