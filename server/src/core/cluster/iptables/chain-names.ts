import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { isFrom, type Protocol, type Release } from "./proxy-input.ts";

/** The chains that kube-proxy names after one service port; SEP also after one endpoint. */
export type PortChain = "SVC" | "SVL" | "EXT" | "FW" | "XLB";

/**
 * `namespace/name:portName`, the text that kube-proxy hashes and writes into comments.
 * Up to 1.18 an unnamed port keeps its colon (`default/web:`), which gives it another hash than later releases do.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/types.go `ServicePortName.String`
 */
export function servicePortName(release: Release, namespace: string, service: string, portName: string): string {
  const name = `${namespace}/${service}`;
  return portName === "" && isFrom(release, 19) ? name : `${name}:${portName}`;
}

/** The chain of a service port, such as `KUBE-SVC-NPX46M4PTMTKRN6Y`. All chains of one port end alike. */
export const portChain = (kind: PortChain, name: string, protocol: Protocol): string =>
  `KUBE-${kind}-${portHash(name, protocol)}`;

/** The chain of one endpoint. `endpoint` is `ip:port`, or `[ip]:port` for IPv6. */
export const endpointChain = (name: string, protocol: Protocol, endpoint: string): string =>
  `KUBE-SEP-${chainHash(name + protocol.toLowerCase() + endpoint)}`;

/** The 16 characters that the chains of a service port share. */
export const portHash = (name: string, protocol: Protocol): string => chainHash(name + protocol.toLowerCase());

/**
 * The first 16 base32 characters of a SHA-256, total for any string.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/iptables/proxier.go `portProtoHash`
 */
export function chainHash(text: string): string {
  const digest = sha256(utf8ToBytes(text));
  let characters = "";
  for (let bit = 0; bit < 80; bit += 5) {
    const pair = ((digest[bit >> 3] ?? 0) << 8) | (digest[(bit >> 3) + 1] ?? 0);
    characters += BASE32.charAt((pair >> (11 - (bit & 7))) & 31);
  }
  return characters;
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
