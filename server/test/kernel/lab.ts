import type { Family } from "../../src/core/base/ip.ts";
import { type Agent, startAgent } from "./agents.ts";
import { labListeners, neighbours, ownAddresses, type Place, protocols } from "./lab-map.ts";
import { openPacketFilter, type PacketFilter } from "./load-rules.ts";
import { openNamespaces, setKernel } from "./namespaces.ts";
import type { Backend } from "./prerequisites.ts";
import { ip } from "./shell.ts";
import { addressIn } from "./twin.ts";

/**
 * A small cluster of network namespaces; `lab-map.ts` draws it. Every link is a pair of interfaces with routes to single
 * addresses, so a pod reaches itself through the node by routing alone. All ways lead through node-a, whose rules are
 * under test, and what nobody owns vanishes in node-b.
 */
export interface Network {
  readonly agents: ReadonlyMap<Place, Agent>;
  /** The namespace of the node under test. */
  readonly node: string;
  readonly close: () => Promise<void>;
}

/** The same, with the iptables of the node under test. */
export interface Lab extends Network {
  readonly filters: Readonly<Record<Family, PacketFilter>>;
}

/** Builds the laboratory for one kind of iptables. */
export async function openLab(backend: Backend): Promise<Lab> {
  const network = await openNetwork();
  const filterOf = (family: Family): PacketFilter => openPacketFilter(network.node, backend, family);
  return { ...network, filters: { IPv4: filterOf("IPv4"), IPv6: filterOf("IPv6") } };
}

/** Builds the network: namespaces, links, routes and processes in each place that listen where they should. */
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
    const network = { agents, node: names.get("node") ?? "", close };
    await Promise.all(
      labListeners.flatMap(({ place, ip: address, port }) =>
        (["IPv4", "IPv6"] as const).flatMap((family) =>
          protocols.map((protocol) =>
            agentIn(network, place).obey({ do: "listen", protocol, ip: addressIn(family, address), port }),
          ),
        ),
      ),
    );
    return network;
  } catch (error) {
    await close();
    throw error;
  }
}

/** The process in a place. */
export function agentIn({ agents }: Pick<Network, "agents">, place: Place): Agent {
  const agent = agents.get(place);
  if (agent === undefined) throw new Error(`nobody is in ${place}`);
  return agent;
}

function buildNetwork(create: (role: string) => string): ReadonlyMap<Place, string> {
  const node = create("node");
  setKernel(node, nodeSettings);
  const names = new Map<Place, string>([["node", node]]);
  for (const { place, address, via, gateway, pods } of neighbours) {
    const name = create(place.replace(" ", ""));
    names.set(place, name);
    ip(`-n ${node} link add ${via} type veth peer name eth0 netns ${name}`);
    ip(`-n ${node} link set ${via} up`);
    ip(`-n ${name} link set eth0 up`);
    for (const family of ["IPv4", "IPv6"] as const) {
      const [theirs, ours] = [address, gateway].map((one) => addressIn(family, one));
      const [flag, bits] = family === "IPv4" ? ["-4", 32] : ["-6", 128];
      ip(`${flag} -n ${node} address add ${ours}/${bits} dev ${via}`);
      ip(`${flag} -n ${name} address add ${theirs}/${bits} dev eth0`);
      for (const pod of pods) ip(`${flag} -n ${name} address add ${addressIn(family, pod)}/${bits} dev lo`);
      ip(`${flag} -n ${node} route add ${theirs}/${bits} dev ${via} src ${ours}`);
      for (const pod of pods)
        ip(`${flag} -n ${node} route add ${addressIn(family, pod)}/${bits} via ${theirs} dev ${via}`);
      ip(`${flag} -n ${name} route add ${ours}/${bits} dev eth0`);
      ip(`${flag} -n ${name} route add default via ${ours} dev eth0 src ${theirs}`);
    }
  }
  for (const family of ["IPv4", "IPv6"] as const) {
    const flag = family === "IPv4" ? "-4" : "-6";
    const [beyond, own] = ["192.168.10.12", ownAddresses[0]].map((one) => addressIn(family, one));
    ip(`${flag} -n ${node} route add default via ${beyond} dev eth0 src ${own}`);
  }
  return names;
}

/** What makes a node of a host, and of a quick one: it holds back no refusal and soon forgets old connections. */
const nodeSettings: Readonly<Record<string, number>> = {
  "ipv4.ip_forward": 1,
  "ipv4.conf.all.route_localnet": 1,
  "ipv4.icmp_ratelimit": 0,
  "ipv4.icmp_msgs_per_sec": 1_000_000,
  "ipv4.icmp_msgs_burst": 1_000_000,
  "ipv6.conf.all.forwarding": 1,
  "ipv6.icmp.ratelimit": 0,
  "netfilter.nf_conntrack_tcp_timeout_syn_sent": 5,
  "netfilter.nf_conntrack_tcp_timeout_time_wait": 5,
  "netfilter.nf_conntrack_udp_timeout": 5,
};
