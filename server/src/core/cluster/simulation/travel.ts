import { type Family, familyOf } from "../../base/ip.ts";
import { assertNever } from "../../base/source.ts";
import { type Fraction, multiply, one } from "../netfilter/fraction.ts";
import type { Packet, ProtocolToken } from "../netfilter/packet.ts";
import type { Branch } from "../netfilter/walk.ts";
import { type FilterStep, walkFilter } from "../packet-filter.ts";
import type { PlannedPod } from "../pods.ts";
import { interfaces } from "../proxy.ts";
import type { ServedService } from "../served.ts";
import { arriveAtNode, arriveAtPod, arriveBehindService } from "./arrival.ts";
import { stopAstray } from "./astray.ts";
import { type Balanced, passBalancer } from "./balancer.ts";
import type { Client } from "./client.ts";
import type { Target } from "./destination.ts";
import { type Ends, endsFrom } from "./ends.ts";
import { findEntry } from "./entry.ts";
import { masqueradeAs } from "./masquerade.ts";
import type { Stop } from "./stop-reason.ts";
import { stop, stopAtRule, stopAtService } from "./stops.ts";
import type { ReachedEndpoint, SeenAddress } from "./trace.ts";
import { addressOf, hostFacts, ownerOf, type World } from "./world.ts";

/** One way that a connection may go: the nodes whose rules it passed, and its end. */
export interface Journey {
  readonly odds: Fraction;
  /** What the client sends; `undefined` where it cannot send at all. */
  readonly start: Ends | undefined;
  readonly hops: readonly Hop[];
  readonly end: ReachedEndpoint | Stop;
}

/** A node whose rules a packet passed. */
export interface Hop {
  readonly node: string;
  readonly steps: readonly FilterStep[];
  /** Whether a rule sent it on to an endpoint. */
  readonly translated: boolean;
  /** What the packet carried when it came. */
  readonly ends: Ends;
  /** The load balancer that sent it here; `undefined` where it came by itself. */
  readonly balanced?: Balanced;
}

/** A packet on its way. */
export interface Flight {
  readonly protocol: ProtocolToken;
  readonly client: Client;
  /** The address it carries as its source, and whose that is. */
  readonly seen: SeenAddress;
  readonly ip: string;
  readonly port: number;
  /** The Service whose name led to the address. */
  readonly via: ServedService | undefined;
}

/** Every way from a client to an address. Their odds add up to exactly one. */
export function travel(world: World, client: Client, protocol: ProtocolToken, target: Target): readonly Journey[] {
  const { ip } = target.address;
  const family = familyOf(ip);
  const owner = ownerOf(world, ip);
  const own = client.addresses.find((address) => familyOf(address.ip) === family);
  const address = owner.kind === "loopback" ? { ip, origin: "written" as const } : own;
  if (address === undefined) {
    return [{ odds: one, start: undefined, hops: [], end: stopWithoutAddress(client, family) }];
  }

  const placed = client.onHost && owner.kind === "pod" ? hostSource(world, client, owner.pod, ip) : undefined;
  const seen: SeenAddress = placed ?? { ...address, translated: false, of: "client", node: undefined };
  const flight: Flight = { protocol, client, seen, ip, port: target.port, via: target.via };
  const start = endsFrom(seen, target.address, target.port);
  const ended = (end: ReachedEndpoint | Stop): readonly Journey[] => [{ odds: one, start, hops: [], end }];
  const inPod = client.pod !== undefined && !client.onHost;
  const itself = owner.kind === "loopback" || (owner.kind === "pod" && owner.pod === client.pod);
  if (inPod && client.pod && itself) {
    return ended(arriveAtPod(world, flight, client.pod, client.node, "same-pod"));
  }
  // Its rules are on every node, and nothing here tells what they lead to.
  if (owner.kind === "cluster-itself" && client.kind !== "external") {
    return ended(stop("unknown", { kind: "cluster-itself", what: owner.what }));
  }
  if (client.kind === "external" && owner.kind === "balancer") return passOn(world, flight, owner.served, []);
  if (client.kind === "external") {
    const entry = findEntry(world, owner, flight);
    if ("kind" in entry) return ended(entry);
    return pass(world, flight, start, {
      node: entry.node,
      origin: "arrives",
      inInterface: interfaces.outside,
      hops: [],
    });
  }
  const node = client.node ?? "";
  if (client.onHost) return pass(world, flight, start, { node, origin: "sent", inInterface: undefined, hops: [] });
  const inInterface =
    world.profile.proxy.detectLocal === "InterfaceNamePrefix" ? `${interfaces.pod}0` : interfaces.bridge;
  return pass(world, flight, start, { node, origin: "arrives", inInterface, hops: [] });
}

/** A process on a node reaches pods by the node's own interfaces, and takes their addresses. */
function hostSource(world: World, client: Client, pod: PlannedPod, ip: string): SeenAddress | undefined {
  const place = { ip, node: world.placementOf(pod)?.node?.name, onHost: pod.key.hostNetwork };
  const source = masqueradeAs(world, client.node ?? "", place);
  return source && { ...source, translated: false };
}

const stopWithoutAddress = ({ addresses }: Client, family: Family): Stop =>
  addresses.length === 0
    ? stop("unknown", { kind: "no-client-address" })
    : stop("unreachable", { kind: "no-common-family", family });

const endAt = (hops: readonly Hop[], end: ReachedEndpoint | Stop): readonly Journey[] => [
  { odds: one, start: hops[0]?.balanced?.came ?? hops[0]?.ends, hops, end },
];

/** How a packet comes to a node. */
interface Coming {
  readonly node: string;
  readonly origin: Packet["origin"];
  readonly inInterface: string | undefined;
  readonly hops: readonly Hop[];
  readonly balanced?: Balanced;
}

/** Nobody builds longer detours. */
const MOST_HOPS = 3;

/** Passes the rules of one node, and of the next ones where the packet goes on. */
function pass(
  world: World,
  flight: Flight,
  came: Ends,
  { node, origin, inInterface, hops, balanced }: Coming,
): readonly Journey[] {
  const { ip, port, protocol, seen } = flight;
  const walk = walkFilter(world.filterFor(node, ip, port), hostFacts(world, node), {
    protocol,
    source: seen.ip,
    destination: ip,
    destinationPort: port,
    origin,
    ...(inInterface === undefined ? {} : { inInterface, throughBridgePort: inInterface === interfaces.bridge }),
  });
  return walk.branches.flatMap((branch) => {
    const { verdict } = branch;
    const translated = verdict.kind === "delivered";
    // To an address of its own a node speaks from that address.
    const spoken = translated && verdict.from !== undefined ? addressOf(world, verdict.from) : undefined;
    const ends = spoken ? endsFrom(spoken, came.destination.address, port) : came;
    const hop: Hop = { node, steps: branch.steps, translated, ends, ...(balanced && { balanced }) };
    const passed = [...hops, hop];
    const onward = continueFrom(world, flight, node, branch, passed);
    return onward.map((journey) => ({ ...journey, odds: multiply(branch.odds, journey.odds) }));
  });
}

function continueFrom(
  world: World,
  flight: Flight,
  node: string,
  branch: Branch<FilterStep>,
  hops: readonly Hop[],
): readonly Journey[] {
  const { verdict } = branch;
  const end = (at: ReachedEndpoint | Stop): readonly Journey[] => endAt(hops, at);
  switch (verdict.kind) {
    case "rejected":
    case "dropped":
      return end(stopAtRule(world, node, branch, flight));
    case "delivered": {
      const arrived = arriveBehindService(world, flight, node, branch, verdict);
      if (arrived !== undefined) return end(stopAstray(world, flight, node, branch, arrived) ?? arrived);
      break;
    }
    case "unchanged":
      break;
    case "unknown":
      throw new Error("predicted rules tell everything");
    default:
      assertNever(verdict);
  }
  const ip = verdict.kind === "delivered" ? verdict.ip : flight.ip;
  const port = verdict.kind === "delivered" ? verdict.port : flight.port;
  const seen = verdict.masqueraded ? masqueradeAs(world, node, { ip, node: undefined, onHost: true }) : flight.seen;
  const moved: Flight = { ...flight, ip, port, seen: seen ?? flight.seen };
  const isHere = verdict.kind === "unchanged" && verdict.toThisNode;
  return arrive(world, moved, node, hops, isHere);
}

/** Passes a load balancer, and the rules of the node to which it sends. */
function passOn(world: World, flight: Flight, served: ServedService, hops: readonly Hop[]): readonly Journey[] {
  const onward = passBalancer(world, flight, served);
  if ("kind" in onward) {
    const start = endsFrom(flight.seen, addressOf(world, flight.ip), flight.port);
    return hops.length > 0 ? endAt(hops, onward) : [{ odds: one, start, hops, end: onward }];
  }
  const { node, balanced, flight: sent } = onward;
  return pass(world, sent, endsFrom(sent.seen, addressOf(world, sent.ip), sent.port), {
    node,
    origin: "arrives",
    inInterface: interfaces.outside,
    hops,
    balanced,
  });
}

/**
 * Where a packet ends that the rules of a node let go on.
 * @param isHere whether the node calls the address its own
 */
function arrive(world: World, flight: Flight, node: string, hops: readonly Hop[], isHere: boolean): readonly Journey[] {
  const { ip } = flight;
  const end = (at: ReachedEndpoint | Stop): readonly Journey[] => endAt(hops, at);
  const owner = ownerOf(world, ip);
  switch (owner.kind) {
    case "loopback":
      return end(arriveAtNode(world, flight, node));
    case "node":
      if (owner.node.name === node || hops.length >= MOST_HOPS)
        return end(arriveAtNode(world, flight, owner.node.name));
      return pass(world, flight, endsFrom(flight.seen, addressOf(world, ip), flight.port), {
        node: owner.node.name,
        origin: "arrives",
        inInterface: interfaces.outside,
        hops,
      });
    case "balancer":
      return hops.length >= MOST_HOPS
        ? end(stop("unknown", { kind: "outside-address", ip }))
        : passOn(world, flight, owner.served, hops);
    case "pod":
      return end(arriveAtPod(world, flight, owner.pod, node));
    case "service":
      // In IPVS mode the node has the address itself, and whatever it runs may answer there.
      return end(isHere ? arriveAtNode(world, flight, node) : stopAtService(owner, flight, "unreachable"));
    case "cluster-itself":
      return end(stop("unknown", { kind: "cluster-itself", what: owner.what }));
    case "nobody":
      return end(stop("unreachable", { kind: "nobody", ip, range: owner.range }));
    case "outside":
      return end(stop("unknown", { kind: "outside-address", ip }));
    default:
      return assertNever(owner);
  }
}
