import type { NodeInfo } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import type { HostFacts, Packet } from "../../src/core/cluster/netfilter/packet.ts";
import { type Agent, startAgent } from "./agents.ts";
import { openPacketFilter, type PacketFilter } from "./load-rules.ts";
import { openNamespaces, setKernel } from "./namespaces.ts";
import type { Backend } from "./prerequisites.ts";
import { ip } from "./shell.ts";

/**
 * A small cluster of network namespaces:
 *
 *     client 198.51.100.7 ── node-a 192.168.10.11 ── node-b 192.168.10.12
 *                            │    │    │             (and its pods 10.244.1.7, 10.244.1.12)
 *                 10.244.0.5 ┘    │    └ 10.244.0.9, who only asks
 *                            10.244.0.6
 *
 * Every link is a pair of interfaces with routes to single addresses, so a pod reaches itself through the node by
 * routing alone. All ways lead through node-a, whose rules are under test, and what nobody owns vanishes in node-b.
 */
export interface Network {
  readonly agents: Readonly<Record<Place, Agent>>;
  /** The namespace of the node under test. */
  readonly node: string;
  readonly close: () => Promise<void>;
}

/** The same, with the iptables of the node under test. */
export interface Lab extends Network {
  readonly filter: PacketFilter;
}

/** Where a process of the laboratory runs. */
export type Place = "node" | "pod 5" | "pod 6" | "pod 9" | "node-b" | "client";

/** The node under test, as kube-proxy knows it. */
export const labNode: NodeInfo = {
  name: "node-a",
  addresses: ["192.168.10.11", "198.51.100.1", "10.244.0.1"],
  podCIDRs: ["10.244.0.0/24"],
  zone: undefined,
};

/** The same node, as its kernel knows it. */
export const labHost: HostFacts = { localAddresses: labNode.addresses };

/** Where somebody listens, all on two ports but the node's own process. */
export const labEndpoints = [
  { place: "pod 5", ip: "10.244.0.5", nodeName: "node-a", ports: [8080, 8081] },
  { place: "pod 6", ip: "10.244.0.6", nodeName: "node-a", ports: [8080, 8081] },
  { place: "node-b", ip: "10.244.1.7", nodeName: "node-b", ports: [8080, 8081] },
  { place: "node-b", ip: "10.244.1.12", nodeName: "node-b", ports: [8080, 8081] },
  { place: "node", ip: "192.168.10.11", nodeName: "node-a", ports: [9443] },
] as const satisfies readonly { place: Place; ip: string; nodeName: string; ports: readonly number[] }[];

/** Where requests come from. Not from node-b: a stranger to the rules, it would meet itself at its own endpoints. */
export const labClients = ["pod 9", "pod 5", "node", "client"] as const satisfies readonly Place[];

/** How a packet from a client looks to the node under test. */
export function originOf(
  client: (typeof labClients)[number],
  destination: string,
): Pick<Packet, "source" | "origin" | "inInterface"> {
  switch (client) {
    case "node": {
      // To one of its own addresses a node speaks from that address.
      const isOwn = destination.startsWith("127.") || labNode.addresses.includes(destination);
      return { source: isOwn ? destination : "192.168.10.11", origin: "sent" };
    }
    case "client":
      return { source: "198.51.100.7", origin: "arrives", inInterface: "ext0" };
    case "pod 5":
      return { source: "10.244.0.5", origin: "arrives", inInterface: "cali5" };
    case "pod 9":
      return { source: "10.244.0.9", origin: "arrives", inInterface: "cali9" };
  }
}

/** The address that the node puts in place of a client's, by the way to an endpoint; one of several to itself. */
export function maskFor(endpoint: string): readonly string[] {
  if (endpoint.startsWith("10.244.0.")) return ["10.244.0.1"];
  return labNode.addresses.includes(endpoint) ? [...labNode.addresses, "127.0.0.1"] : ["192.168.10.11"];
}

/** Builds the laboratory for one kind of iptables. */
export async function openLab(backend: Backend): Promise<Lab> {
  const network = await openNetwork();
  return { ...network, filter: openPacketFilter(network.node, backend, "IPv4") };
}

/** Builds the network: namespaces, links, routes and a process in each place that listens where it should. */
export async function openNetwork(): Promise<Network> {
  const namespaces = openNamespaces();
  const agents = new Map<Place, Agent>();
  const close = async (): Promise<void> => {
    await Promise.all([...agents.values()].map((agent) => agent.close()));
    namespaces.close();
  };
  try {
    const names = buildNetwork(namespaces.create);
    for (const [place, name] of names) agents.set(place, startAgent(name));
    const agent = (place: Place): Agent => {
      const started = agents.get(place);
      if (started === undefined) throw new Error(`nobody is in ${place}`);
      return started;
    };
    for (const { place, ip: address, ports } of labEndpoints) {
      for (const port of ports) await agent(place).obey({ do: "listen", ip: address, port });
    }
    return {
      agents: {
        node: agent("node"),
        "pod 5": agent("pod 5"),
        "pod 6": agent("pod 6"),
        "pod 9": agent("pod 9"),
        "node-b": agent("node-b"),
        client: agent("client"),
      },
      node: names.get("node") ?? "",
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function buildNetwork(create: (role: string) => string): ReadonlyMap<Place, string> {
  const node = create("node");
  setKernel(node, "ip_forward", 1);
  setKernel(node, "conf.all.route_localnet", 1);
  // A refusal that is held back costs a second, until the client tries again.
  setKernel(node, "icmp_ratelimit", 0);
  const names = new Map<Place, string>([["node", node]]);
  const attach = (place: Place, address: string, inside: string, gateway: string): string => {
    const name = create(place.replace(" ", ""));
    names.set(place, name);
    ip(`-n ${node} link add ${inside} type veth peer name eth0 netns ${name}`);
    ip(`-n ${node} address add ${gateway}/32 dev ${inside}`);
    ip(`-n ${node} link set ${inside} up`);
    ip(`-n ${node} route add ${address}/32 dev ${inside} src ${gateway}`);
    ip(`-n ${name} address add ${address}/32 dev eth0`);
    ip(`-n ${name} link set eth0 up`);
    ip(`-n ${name} route add ${gateway}/32 dev eth0`);
    ip(`-n ${name} route add default via ${gateway}`);
    return name;
  };
  for (const last of [5, 6, 9] as const) attach(`pod ${last}`, `10.244.0.${last}`, `cali${last}`, "10.244.0.1");
  attach("client", "198.51.100.7", "ext0", "198.51.100.1");
  const other = attach("node-b", "192.168.10.12", "eth0", "192.168.10.11");
  for (const last of [7, 12]) ip(`-n ${other} address add 10.244.1.${last}/32 dev lo`);
  ip(`-n ${node} route add default via 192.168.10.12 dev eth0 src 192.168.10.11`);
  return names;
}
