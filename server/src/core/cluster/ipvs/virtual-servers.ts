import { protocolNumbers } from "../iptables/listing.ts";
import { addressesForNodePorts } from "../kube-proxy/node-addresses.ts";
import type { Endpoint, Protocol, ProxyInput, ServicePort, TrafficPolicy } from "../kube-proxy/proxy-input.ts";
import type { NamedPort } from "../kube-proxy/service-order.ts";
import { findUsedEndpoints, type UsedEndpoints } from "../kube-proxy/used-endpoints.ts";
import { compareAsIpvsadm } from "./address-order.ts";
import type { VirtualServer } from "./ipvs-state.ts";

/** The virtual servers of all service ports, in the order in which `ipvsadm` lists them. */
export function planVirtualServers(input: ProxyInput, ports: readonly NamedPort[]): readonly VirtualServer[] {
  const servers = new Map<string, VirtualServer>();
  for (const { port } of ports) {
    const used = findUsedEndpoints(input.config.release, input.node, port);
    for (const server of serversOf(input, port, used)) {
      const key = `${server.address} ${server.portNumber} ${port.protocol}`;
      if (!servers.has(key)) servers.set(key, server);
    }
  }
  return [...servers.values()].sort(asListed);
}

function serversOf(input: ProxyInput, port: ServicePort, used: UsedEndpoints): readonly VirtualServer[] {
  const server = (
    role: VirtualServer["role"],
    address: string,
    portNumber: number,
    policy: TrafficPolicy,
  ): VirtualServer => ({
    address,
    portNumber,
    role,
    scheduler: input.config.ipvsScheduler,
    persistentSeconds: port.affinitySeconds,
    realServers: [...chooseEndpoints(policy, used)].sort(byAddress).map((endpoint) => ({ endpoint, weight: 1 })),
    port,
    because: port.because,
  });
  const { internalTrafficPolicy: internal, externalTrafficPolicy: external, nodePort } = port;
  return [
    server("cluster-ip", port.clusterIP, port.port, internal),
    ...port.externalIPs.map((ip) => server("external-ip", ip, port.port, external)),
    ...port.loadBalancerVIPs.map((ip) => server("load-balancer", ip, port.port, external)),
    ...(nodePort === undefined
      ? []
      : addressesForNodePorts(input).map((ip) => server("node-port", ip, nodePort, external))),
  ];
}

/**
 * The endpoints behind an address. Where the policy Local finds none on the node, those of the whole cluster stand in:
 * clients on the node itself then still get through. That is kube-proxy's choice for this mode alone.
 */
const chooseEndpoints = (policy: TrafficPolicy, { local, cluster }: UsedEndpoints): readonly Endpoint[] =>
  policy === "Local" && local.length > 0 ? local : cluster;

const byAddress = (a: Endpoint, b: Endpoint): number => compareAsIpvsadm(a.ip, b.ip) || a.port - b.port;

const asListed = (a: VirtualServer, b: VirtualServer): number =>
  numberOf(a.port.protocol) - numberOf(b.port.protocol) ||
  compareAsIpvsadm(a.address, b.address) ||
  a.portNumber - b.portNumber;

const numberOf = (protocol: Protocol): number => Number(numbers[protocol]);

const numbers = { TCP: protocolNumbers.tcp, UDP: protocolNumbers.udp, SCTP: protocolNumbers.sctp } as const;
