import { addressAt, type Cidr, contains, type Family } from "../../base/ip.ts";
import { familyAddresses, nodePortBlocks } from "../kube-proxy/node-addresses.ts";
import { isFrom, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import { destination, destinationIsLocal, not } from "./matches.ts";
import type { Match } from "./rule.ts";

/**
 * What a packet must match to be tried against the node ports: one list of matches for each closing rule.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/util/nodeport_addresses.go
 */
export function nodePortMatches(input: ProxyInput): readonly (readonly Match[])[] {
  const addresses = familyAddresses(input);
  const blocks = nodePortBlocks(input);
  if (blocks === "primary") return addresses.slice(0, 1).map((address) => [destination(address)]);
  const localhost = hasLocalhostNodePorts(input);
  if (blocks.some(({ prefix }) => prefix === 0)) {
    return [localhost ? [destinationIsLocal] : [destinationIsLocal, not(destination(loopbackBlock[input.family]))]];
  }
  // On a real node the order of these addresses is left to chance.
  return [...addresses, ...(localhost ? [loopback[input.family]] : [])]
    .filter((address) => blocks.some((block) => contains(block, address)))
    .map((address) => [destination(address)]);
}

const loopback = { IPv4: "127.0.0.1", IPv6: "::1" } as const satisfies Record<Family, string>;
const loopbackBlock = { IPv4: "127.0.0.0/8", IPv6: "::1/128" } as const satisfies Record<Family, string>;

/**
 * Whether there are rules for node ports on loopback: in IPv4 only, and only if `nodePortAddresses` does not rule it
 * out. Up to 1.25 they make no difference between it and other addresses, though what `::1` asks is never answered.
 */
export function hasLocalhostNodePorts(input: ProxyInput): boolean {
  const { family, config } = input;
  if (!isFrom(config.release, 26)) return true;
  if (family === "IPv6" || !config.localhostNodePorts) return false;
  const blocks = nodePortBlocks(input);
  return blocks !== "primary" && blocks.some(touchesLoopback);
}

const touchesLoopback = (block: Cidr): boolean =>
  contains(block, "127.0.0.0") || addressAt(block, 0n).startsWith("127.");
