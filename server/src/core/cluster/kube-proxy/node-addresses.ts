import { type Cidr, contains, type Family, familyOf, parseCidr } from "../../base/ip.ts";
import type { ProxyInput } from "./proxy-input.ts";

/** The node's own addresses of the family at hand, the primary one first; loopback is understood. */
export const familyAddresses = ({ node, family }: ProxyInput): readonly string[] =>
  node.addresses.filter((address) => familyOf(address) === family);

/** The node's own addresses of the family at hand that node ports answer on, the primary one first; not loopback. */
export function addressesForNodePorts(input: ProxyInput): readonly string[] {
  const addresses = familyAddresses(input);
  const blocks = nodePortBlocks(input);
  if (blocks === "primary") return addresses.slice(0, 1);
  return addresses.filter((address) => blocks.some((block) => contains(block, address)));
}

/** The same with the default of nftables mode, where node ports answer on the primary address alone unless told otherwise. */
export const primaryByDefault = (input: ProxyInput): ProxyInput =>
  input.config.nodePortAddresses.length > 0
    ? input
    : { ...input, config: { ...input.config, nodePortAddresses: ["primary"] } };

/** Whether one of some blocks holds the node's primary address of the family at hand. */
export function coversNode(input: ProxyInput, blocks: readonly string[]): boolean {
  const primary = familyAddresses(input)[0];
  return primary !== undefined && parseBlocks(blocks).some((block) => contains(block, primary));
}

/** The blocks of the family that node ports answer in; if none is given for it, all addresses. */
export function nodePortBlocks({ family, config }: ProxyInput): readonly Cidr[] | "primary" {
  if (config.nodePortAddresses.includes("primary")) return "primary";
  const given = parseBlocks(config.nodePortAddresses).filter((block) => block.family === family);
  return given.length > 0 ? given : parseBlocks([everything[family]]);
}

const everything = { IPv4: "0.0.0.0/0", IPv6: "::/0" } as const satisfies Record<Family, string>;

const parseBlocks = (texts: readonly string[]): readonly Cidr[] =>
  texts.flatMap((text) => {
    const block = parseCidr(text);
    return block === undefined ? [] : [block];
  });
