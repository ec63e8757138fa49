import { familyOf } from "../../base/ip.ts";
import type { Address } from "../resolution.ts";
import { noDnsConfig } from "../search-path.ts";
import type { ServedService } from "../served.ts";
import type { Client } from "./client.ts";
import { type Ends, endsFrom } from "./ends.ts";
import { nodeBehindBalancer } from "./entry.ts";
import type { Attempt } from "./policy-peers.ts";
import type { Stop } from "./stop-reason.ts";
import { stop } from "./stops.ts";
import type { SeenAddress } from "./trace.ts";
import type { Flight } from "./travel.ts";
import { addressOf, type World } from "./world.ts";

/** What a load balancer made of a packet on its way to a node. */
export interface Balanced {
  readonly served: ServedService;
  /** What came to the load balancer. */
  readonly came: Ends;
  /** The load balancer, as the one that sends what goes on. */
  readonly client: Client;
}

/** The node that a load balancer sends to, and what it sends there. */
export interface Onward {
  readonly node: string;
  readonly flight: Flight;
  readonly balanced: Balanced;
}

/**
 * Passes a load balancer that proxies (`ipMode: Proxy`): what it sends on is for a node's own address and the node port.
 * From which of its addresses, no manifest tells: one that is set aside for documentation stands for it.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#load-balancer-ip-mode
 */
export function passBalancer(world: World, flight: Flight, served: ServedService): Onward | Stop {
  const { ip, port, protocol, seen } = flight;
  const { service, addresses } = served;
  const index = service.ports.findIndex(
    (own) => own.port.value === port && own.protocol.value.toLowerCase() === protocol,
  );
  const found = service.ports[index];
  if (found === undefined) {
    const range = service.ports[0]?.port.range ?? service.name.range;
    return stop("unknown", { kind: "no-such-port", served, port, protocol, address: "load-balancer" }, range);
  }
  const nodePort = addresses.nodePorts.ports[index]?.port;
  if (nodePort === undefined) return stop("unknown", { kind: "balancer-to-pods", served }, found.range);
  const family = familyOf(ip);
  const node = nodeBehindBalancer(world, served, port, protocol);
  const address = world.profile.nodes.find((one) => one.name === node && familyOf(one.address) === family)?.address;
  if (node === undefined || address === undefined) return stop("unknown", { kind: "no-client-address" });
  const itself: Address = { ip: family === "IPv4" ? "198.51.100.20" : "2001:db8:51:100::20", origin: "simulated" };
  const client = balancerAt(itself);
  const sent: SeenAddress = { ...itself, translated: true, of: "load-balancer", node: undefined };
  return {
    node,
    flight: { ...flight, client, seen: sent, ip: address, port: nodePort },
    balanced: { served, came: endsFrom(seen, addressOf(world, ip), port), client },
  };
}

/** The connections that an attempt is made of: one to the load balancer and one from it, or itself. */
export function stagesOf(attempt: Attempt): readonly Attempt[] {
  const { way, called } = attempt;
  const place = way.hops.findIndex(({ balanced }) => balanced !== undefined);
  const hop = way.hops[place];
  if (hop?.balanced === undefined) return [attempt];
  const { came, client } = hop.balanced;
  const { address, port = called.port } = hop.ends.destination;
  const there = stop("unknown", { kind: "outside-address", ip: came.destination.address.ip });
  return [
    { ...attempt, way: { ...way, hops: way.hops.slice(0, place), end: there } },
    { ...attempt, client, called: { address, port }, way: { ...way, hops: way.hops.slice(place) } },
  ];
}

const balancerAt = (address: Address): Client => ({
  kind: "external",
  name: "",
  namespace: "",
  pod: undefined,
  node: undefined,
  onHost: false,
  addresses: [address],
  dns: { namespace: "default", dnsPolicy: "Default", hostNetwork: false, dnsConfig: noDnsConfig },
  because: undefined,
});
