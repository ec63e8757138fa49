import { familyAddresses } from "../kube-proxy/node-addresses.ts";
import type { ProxyInput, ServicePort } from "../kube-proxy/proxy-input.ts";
import type { NamedPort } from "../kube-proxy/service-order.ts";
import { orderServicePorts } from "../kube-proxy/service-order.ts";
import { compareAddresses } from "./address-order.ts";
import { collectSets } from "./collect-sets.ts";
import { noteIpvs } from "./ipvs-notes.ts";
import { generateIpvsRules } from "./ipvs-rules.ts";
import type { BoundAddress, IpvsState } from "./ipvs-state.ts";
import { planVirtualServers } from "./virtual-servers.ts";

/**
 * What kube-proxy in IPVS mode sets up on one node for one address family. Deterministic, and independent of the order
 * of Services; where two Services claim one address and port, the first by name has it, on a node either may.
 * @see https://github.com/kubernetes/kubernetes/blob/release-1.34/pkg/proxy/ipvs/proxier.go `syncProxyRules`
 */
export function generateIpvs(input: ProxyInput): IpvsState {
  const ports = orderServicePorts(input.config.release, input.servicePorts);
  const addresses = bindAddresses(input, ports);
  const collected = collectSets(input, ports, addresses);
  return {
    family: input.family,
    addresses,
    virtualServers: planVirtualServers(input, ports),
    sets: collected.sets,
    rules: generateIpvsRules(input, collected),
    notes: noteIpvs(input, collected),
  };
}

/** The addresses that go to the dummy interface: all but those that another interface has already. */
function bindAddresses(input: ProxyInput, ports: readonly NamedPort[]): readonly BoundAddress[] {
  const own = new Set(familyAddresses(input));
  const bound = new Map<string, ServicePort>();
  for (const { port } of ports) {
    const external = [...port.externalIPs, ...port.loadBalancerVIPs].filter((ip) => !own.has(ip));
    for (const ip of [port.clusterIP, ...external]) if (!bound.has(ip)) bound.set(ip, port);
  }
  return [...bound].map(([ip, port]) => ({ ip, port })).sort((a, b) => compareAddresses(a.ip, b.ip));
}
