import { base32Hash } from "../kube-proxy/base32-hash.ts";
import type { Protocol } from "../kube-proxy/proxy-input.ts";

/** The chains that kube-proxy names after one service port. */
export type PortChain = "SVC" | "SVL" | "EXT" | "FW" | "XLB";

/** The chain of a service port, such as `KUBE-SVC-NPX46M4PTMTKRN6Y`. All chains of one port end alike. */
export const portChain = (kind: PortChain, name: string, protocol: Protocol): string =>
  hashedChain(kind, portHash(name, protocol));

/** The same from the {@link portHash} that all chains of the port share. */
export const hashedChain = (kind: PortChain, hash: string): string => `KUBE-${kind}-${hash}`;

/** The chain of one endpoint. `endpoint` is `ip:port`, or `[ip]:port` for IPv6. */
export const endpointChain = (name: string, protocol: Protocol, endpoint: string): string =>
  `KUBE-SEP-${chainHash(name + protocol.toLowerCase() + endpoint)}`;

/** The 16 characters that the chains of a service port share. */
export const portHash = (name: string, protocol: Protocol): string => chainHash(name + protocol.toLowerCase());

/**
 * The first 16 base32 characters of a SHA-256, total for any string.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/iptables/proxier.go `portProtoHash`
 */
export const chainHash = (text: string): string => base32Hash(text, 16);

/** A chain that kube-proxy names after a service port, or an endpoint of one. */
export interface HashedChain {
  readonly kind: PortChain | "SEP";
  /** What all chains of one port share; for SEP, what the endpoint adds is in it as well. */
  readonly hash: string;
}

/** Takes a chain's name apart; `undefined` for a chain of another kind. */
export function readChainName(chain: string): HashedChain | undefined {
  const found = HASHED.exec(chain);
  if (found?.[1] === undefined || found[2] === undefined) return undefined;
  return { kind: found[1] as HashedChain["kind"], hash: found[2] };
}

const HASHED = /^KUBE-(SVC|SVL|EXT|FW|XLB|SEP)-([A-Z2-7]{16})$/;
