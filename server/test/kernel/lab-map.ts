import { type Family, familyOf } from "../../src/core/base/ip.ts";
import type { NodeInfo, Protocol } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { type HostFacts, isLoopback, type Packet } from "../../src/core/cluster/netfilter/packet.ts";
import { addressIn } from "./twin.ts";

/**
 * Who is where in the laboratory:
 *
 *     client 198.51.100.7 ──ext0── node-a 192.168.10.11 ──eth0── node-b 192.168.10.12
 *                                  │ cali5 │ cali9 │   │         (and its pods 10.244.1.7, 10.244.1.12)
 *                       10.244.0.5 ┘       │       │   └──eth1── node-c 192.168.10.13
 *                               10.244.0.6 ┘       │             (and its pod 10.244.2.9, who only asks)
 *                                                  └ 10.244.0.9, who only asks
 *
 * The rules of node-a are under test. node-b has endpoints and never asks: a request that came back to it with its own
 * address would be thrown away before anybody saw it. node-c asks and has none. In IPv6 everything is where its twin is.
 */
export type Place = "node" | "pod 5" | "pod 6" | "pod 9" | "node-b" | "node-c" | "client";

/** Everybody who is not node-a itself: the interface of node-a that leads there, its gateway, and who else lives there. */
export const neighbours = [
  { place: "pod 5", address: "10.244.0.5", via: "cali5", gateway: "10.244.0.1", pods: [] },
  { place: "pod 6", address: "10.244.0.6", via: "cali6", gateway: "10.244.0.1", pods: [] },
  { place: "pod 9", address: "10.244.0.9", via: "cali9", gateway: "10.244.0.1", pods: [] },
  { place: "client", address: "198.51.100.7", via: "ext0", gateway: "198.51.100.1", pods: [] },
  {
    place: "node-b",
    address: "192.168.10.12",
    via: "eth0",
    gateway: "192.168.10.11",
    pods: ["10.244.1.7", "10.244.1.12"],
  },
  { place: "node-c", address: "192.168.10.13", via: "eth1", gateway: "192.168.10.11", pods: ["10.244.2.9"] },
] as const satisfies readonly {
  place: Place;
  address: string;
  via: string;
  gateway: string;
  pods: readonly string[];
}[];

/** The addresses of node-a, its primary one first. */
export const ownAddresses = ["192.168.10.11", "198.51.100.1", "10.244.0.1"] as const;

/** The node under test, as kube-proxy knows it. */
export const labNode: NodeInfo = {
  name: "node-a",
  addresses: (["IPv4", "IPv6"] as const).flatMap((family) => ownAddresses.map((own) => addressIn(family, own))),
  podCIDRs: ["10.244.0.0/24", "fd00:10:244::/64"],
  zone: "east",
};

/** The same node, as its kernel knows it. */
export const labHost: HostFacts = { localAddresses: labNode.addresses };

/** Where Services may lead. */
export const labEndpoints = [
  { place: "pod 5", ip: "10.244.0.5", nodeName: "node-a", ports: [8080, 8081] },
  { place: "pod 6", ip: "10.244.0.6", nodeName: "node-a", ports: [8080, 8081] },
  { place: "node-b", ip: "10.244.1.7", nodeName: "node-b", ports: [8080, 8081] },
  { place: "node-b", ip: "10.244.1.12", nodeName: "node-b", ports: [8080, 8081] },
  { place: "node", ip: "192.168.10.11", nodeName: "node-a", ports: [9443] },
] as const satisfies readonly { place: Place; ip: string; nodeName: string; ports: readonly number[] }[];

/** Where kube-proxy answers health checks of load balancers. */
export const healthCheckPorts = [31_100, 31_101, 31_102] as const;

/** Whoever listens, by every protocol: endpoints, and the node for its health checks. */
export const labListeners: readonly { readonly place: Place; readonly ip: string; readonly port: number }[] = [
  ...labEndpoints.flatMap(({ place, ip, ports }) => ports.map((port) => ({ place, ip, port }))),
  ...ownAddresses.flatMap((ip) => healthCheckPorts.map((port) => ({ place: "node" as const, ip, port }))),
];

/** Whether somebody listens at an address. */
export const isListening = (ip: string, port: number): boolean => listening.has(`${ip} ${port}`);

const listening: ReadonlySet<string> = new Set(
  labListeners.flatMap(({ ip, port }) => [`${ip} ${port}`, `${addressIn("IPv6", ip)} ${port}`]),
);

/** Where requests come from: processes in places, and a pod of node-c. */
export const labClients = ["pod 9", "pod 5", "node", "client", "node-c", "pod of node-c"] as const;
export type Client = (typeof labClients)[number];

/** Whose process asks. */
export const placeOf = (client: Client): Place => (client === "pod of node-c" ? "node-c" : client);

/** The address that a client must choose by itself, where it has several. */
export const bindOf = (client: Client, family: Family): string | undefined =>
  client === "pod of node-c" ? addressIn(family, "10.244.2.9") : undefined;

/** The protocols that people can speak in the laboratory. */
export const protocols = ["TCP", "UDP", "SCTP"] as const satisfies readonly Protocol[];

/** How a packet from a client looks to the node under test. */
export function originOf(client: Client, destination: string): Pick<Packet, "source" | "origin" | "inInterface"> {
  const family = familyOf(destination);
  if (client === "node") {
    // To one of its own addresses a node speaks from that address.
    const isOwn = isLoopback(destination) || labNode.addresses.includes(destination);
    return { source: isOwn ? destination : sourceTowards(destination), origin: "sent" };
  }
  const place = placeOf(client);
  const home = neighbours.find((neighbour) => neighbour.place === place);
  if (home === undefined) throw new Error(`nobody knows the way to ${place}`);
  return {
    source: bindOf(client, family) ?? addressIn(family, home.address),
    origin: "arrives",
    inInterface: home.via,
  };
}

/** The address that the node puts in place of a client's, by the way to an endpoint; one of several to itself. */
export const maskFor = (endpoint: string): readonly string[] =>
  labNode.addresses.includes(endpoint) ? [...labNode.addresses, "127.0.0.1", "::1"] : [sourceTowards(endpoint)];

/** The address that the node itself speaks from to somebody else. */
function sourceTowards(address: string): string {
  const family = familyOf(address);
  const home = neighbours.find((one) => [one.address, ...one.pods].some((ip) => addressIn(family, ip) === address));
  return addressIn(family, home?.gateway ?? ownAddresses[0]);
}
