import type { Family } from "../../src/core/base/ip.ts";
import { type Agent, startAgent } from "./agents.ts";
import { labListeners, neighbours, ownAddresses, type Place, protocols } from "./lab-map.ts";
import { openPacketFilter, type PacketFilter } from "./load-rules.ts";
import { openNamespaces, setKernel } from "./namespaces.ts";
import type { Backend } from "./prerequisites.ts";
import { ip, ipAll } from "./shell.ts";
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
  for (const { place, via } of neighbours) {
    const name = create(place.replace(" ", ""));
    names.set(place, name);
    ip(`-n ${node} link add ${via} type veth peer name eth0 netns ${name}`);
    ip(`-n ${name} link set eth0 up`);
  }
  ipAll(
    node,
    neighbours.map(({ via }) => `link set ${via} up`),
  );
  for (const family of ["IPv4", "IPv6"] as const) {
    const bits = family === "IPv4" ? 32 : 128;
    // An IPv6 address is good for routes only once the kernel has made sure that nobody else has it, or need not.
    const atOnce = family === "IPv4" ? "" : " nodad";
    const inside = (text: string): string => addressIn(family, text);
    const ways = neighbours.flatMap(({ address, via, gateway, pods }) => [
      `address add ${inside(gateway)}/${bits} dev ${via}${atOnce}`,
      `route add ${inside(address)}/${bits} dev ${via} src ${inside(gateway)}`,
      ...pods.map((pod) => `route add ${inside(pod)}/${bits} via ${inside(address)} dev ${via}`),
    ]);
    ipAll(node, [...ways, `route add default via ${inside("192.168.10.12")} dev eth0 src ${inside(ownAddresses[0])}`]);
    for (const { place, address, gateway, pods } of neighbours) {
      ipAll(names.get(place) ?? "", [
        `address add ${inside(address)}/${bits} dev eth0${atOnce}`,
        ...pods.map((pod) => `address add ${inside(pod)}/${bits} dev lo${atOnce}`),
        `route add ${inside(gateway)}/${bits} dev eth0`,
        `route add default via ${inside(gateway)} dev eth0 src ${inside(address)}`,
      ]);
    }
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
