import { addressAt, type Cidr, contains, type Family, familyOf, parseCidr } from "../../base/ip.ts";
import { destination, destinationIsLocal, not } from "./matches.ts";
import { isFrom, type NodeInfo, type ProxyConfig, type ProxyInput } from "./proxy-input.ts";
import type { Match } from "./rule.ts";

/** The node's own addresses of a family, the primary one first. */
const nodeAddresses = (node: NodeInfo, family: Family): readonly string[] =>
  node.addresses.filter((address) => familyOf(address) === family);

/** Whether one of some blocks holds the node's primary address of the family at hand. */
export function coversNode({ family, node }: ProxyInput, blocks: readonly string[]): boolean {
  const primary = nodeAddresses(node, family)[0];
  return primary !== undefined && parseBlocks(blocks).some((block) => contains(block, primary));
}

/**
 * Whether node ports answer on 127.0.0.1: IPv4 only, and only if `nodePortAddresses` does not rule loopback out.
 * Up to 1.25 they always do.
 */
export function hasLocalhostNodePorts({ family, config }: ProxyInput): boolean {
  if (family === "IPv6") return false;
  if (!isFrom(config.release, 26)) return true;
  if (!config.localhostNodePorts) return false;
  const blocks = nodePortBlocks(family, config);
  return blocks !== "primary" && blocks.some(touchesLoopback);
}

/**
 * What a packet must match to be tried against the node ports: one list of matches for each closing rule.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/util/nodeport_addresses.go
 */
export function nodePortMatches(input: ProxyInput): readonly (readonly Match[])[] {
  const { family, config, node } = input;
  const addresses = nodeAddresses(node, family);
  const blocks = nodePortBlocks(family, config);
  if (blocks === "primary") return addresses.slice(0, 1).map((address) => [destination(address)]);
  const localhost = hasLocalhostNodePorts(input);
  if (blocks.some(({ prefix }) => prefix === 0)) {
    return [localhost ? [destinationIsLocal] : [destinationIsLocal, not(destination(loopbackBlock[family]))]];
  }
  // On a real node the order of these addresses is left to chance.
  return [...addresses, ...(localhost ? ["127.0.0.1"] : [])]
    .filter((address) => blocks.some((block) => contains(block, address)))
    .map((address) => [destination(address)]);
}

/** The node's own addresses of the family at hand that node ports answer on, the primary one first; not loopback. */
export function addressesForNodePorts(input: ProxyInput): readonly string[] {
  const addresses = familyAddresses(input);
  const blocks = nodePortBlocks(input.family, input.config);
  if (blocks === "primary") return addresses.slice(0, 1);
  return addresses.filter((address) => blocks.some((block) => contains(block, address)));
}

/** The node's own addresses of the family at hand, the primary one first; loopback is understood. */
export const familyAddresses = ({ node, family }: ProxyInput): readonly string[] => nodeAddresses(node, family);

const loopbackBlock = { IPv4: "127.0.0.0/8", IPv6: "::1/128" } as const satisfies Record<Family, string>;
const everything = { IPv4: "0.0.0.0/0", IPv6: "::/0" } as const satisfies Record<Family, string>;

/** The blocks of the family; if none is given for it, all addresses. */
function nodePortBlocks(family: Family, config: ProxyConfig): readonly Cidr[] | "primary" {
  if (config.nodePortAddresses.includes("primary")) return "primary";
  const given = parseBlocks(config.nodePortAddresses).filter((block) => block.family === family);
  return given.length > 0 ? given : parseBlocks([everything[family]]);
}

const parseBlocks = (texts: readonly string[]): readonly Cidr[] =>
  texts.flatMap((text) => {
    const block = parseCidr(text);
    return block === undefined ? [] : [block];
  });

const touchesLoopback = (block: Cidr): boolean =>
  contains(block, "127.0.0.0") || addressAt(block, 0n).startsWith("127.");
