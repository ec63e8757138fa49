import type { Family } from "../../src/core/base/ip.ts";
import type { Endpoint, ProxyConfig, ProxyInput, ServicePort } from "../../src/core/cluster/kube-proxy/proxy-input.ts";

/**
 * The same cluster in the other family. Whatever the laboratory knows by an IPv4 address has an IPv6 address that ends
 * in the same number: 10.244.1.7 is fd00:10:244:1::7.
 */
export function inFamily(family: Family, input: ProxyInput): ProxyInput {
  if (family === input.family) return input;
  if (family === "IPv4") throw new Error("clusters are described in IPv4");
  return { ...input, family, config: configTwin(input.config), servicePorts: input.servicePorts.map(portTwin) };
}

/** An address or block of the laboratory in a family. Throws where it has none. */
export function addressIn(family: Family, text: string): string {
  if (family === "IPv4") return text;
  const twin = twins.get(text) ?? addressTwin(text);
  if (twin === undefined) throw new Error(`${text} has no twin`);
  return twin;
}

function addressTwin(address: string): string | undefined {
  const [, block, last] = /^(.*)\.(\d+)$/.exec(address) ?? [];
  const prefix = block === undefined ? undefined : prefixes.get(block);
  return prefix === undefined ? undefined : `${prefix}::${last}`;
}

const prefixes: ReadonlyMap<string, string> = new Map([
  ["10.96.0", "fd00:10:96"],
  ["10.244.0", "fd00:10:244"],
  ["10.244.1", "fd00:10:244:1"],
  ["10.244.2", "fd00:10:244:2"],
  ["192.0.2", "2001:db8:2"],
  ["192.168.10", "2001:db8:10"],
  ["198.51.100", "2001:db8:51"],
  ["203.0.113", "2001:db8:113"],
]);

const twins: ReadonlyMap<string, string> = new Map([
  ["127.0.0.1", "::1"],
  ["0.0.0.0/0", "::/0"],
  ["127.0.0.0/8", "::1/128"],
  ["10.244.0.0/16", "fd00:10:244::/56"],
  ...[...prefixes].map(([block, prefix]): [string, string] => [`${block}.0/24`, `${prefix}::/64`]),
]);

const twin = (text: string): string => addressIn("IPv6", text);

/** Blocks are for both families at once, as in kube-proxy's own configuration. */
const configTwin = (config: ProxyConfig): ProxyConfig => ({
  ...config,
  nodePortAddresses: config.nodePortAddresses.flatMap((block) => (block === "primary" ? block : [block, twin(block)])),
});

const portTwin = (port: ServicePort): ServicePort => ({
  ...port,
  clusterIP: twin(port.clusterIP),
  externalIPs: port.externalIPs.map(twin),
  loadBalancerVIPs: port.loadBalancerVIPs.map(twin),
  sourceRanges: port.sourceRanges.map(twin),
  endpoints: port.endpoints.map((endpoint): Endpoint => ({ ...endpoint, ip: twin(endpoint.ip) })),
});
