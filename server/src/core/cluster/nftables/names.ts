import { base32Hash } from "../kube-proxy/base32-hash.ts";
import type { Endpoint, ServicePort } from "../kube-proxy/proxy-input.ts";

/** The chains that kube-proxy names after one service port. */
export type PortChain = "service" | "local" | "external" | "firewall";

/** What tells a service port from all others. */
export type PortKey = Pick<ServicePort, "namespace" | "service" | "portName" | "protocol">;

/** The chain of a service port, such as `service-2QRHZV4L-default/kubernetes/tcp/https`. All of one port end alike. */
export const portChain = (kind: PortChain, port: PortKey): string => hashedChain(kind, hashedPort(port));

/** The same from the {@link hashedPort} that all chains of the port share. */
export const hashedChain = (kind: PortChain, name: string): string => `${kind}-${name}`;

/** The chain that translates to one endpoint, such as `endpoint-MIBO4EMV-default/kubernetes/tcp/https__10.0.0.1/6443`. */
export const endpointChain = (port: PortKey, endpoint: Pick<Endpoint, "ip" | "port">): string =>
  endpointNames(port, endpoint).chain;

/** The set of clients that come back to one endpoint. */
export const affinitySet = (port: PortKey, endpoint: Pick<Endpoint, "ip" | "port">): string =>
  endpointNames(port, endpoint).affinitySet;

/** Both names of an endpoint, which share a hash. */
export function endpointNames(port: PortKey, endpoint: Pick<Endpoint, "ip" | "port">): EndpointNames {
  const name = hashed(endpointName(port, endpoint));
  return { chain: `endpoint-${name}`, affinitySet: `affinity-${name}` };
}

export type EndpointNames = Readonly<Record<"chain" | "affinitySet", string>>;

/** What the names of all chains of a service port end in. */
export const hashedPort = (port: PortKey): string => hashed(portName(port));

/** The port name may be empty: the slash before it stays. */
const portName = ({ namespace, service, protocol, portName: name }: PortKey): string =>
  `${namespace}/${service}/${protocol.toLowerCase()}/${name}`;

/** Colons may not stand in the name of a chain. */
const endpointName = (port: PortKey, { ip, port: number }: Pick<Endpoint, "ip" | "port">): string =>
  `${portName(port)}__${ip.replaceAll(":", ".")}/${number}`;

/**
 * A name behind a hash of itself, cut to what fits into the name of a chain.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/nftables/proxier.go `hashAndTruncate`
 */
function hashed(name: string): string {
  const text = `${base32Hash(name, 8)}-${name}`;
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

/** The longest name of a chain is 256 characters, of which kube-proxy keeps 16 for its prefixes. */
const LONGEST = 240;
