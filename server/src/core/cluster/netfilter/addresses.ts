import { contains, parseCidr } from "../../base/ip.ts";

/** Whether an address is in a block, or is the address that stands in the place of one. */
export function isInBlock(address: string, block: string): boolean {
  const slash = block.indexOf("/");
  if (slash < 0) return block === address;
  // Blocks of one address are most of those in old rule sets, and need no arithmetic.
  if (block.endsWith(wholeLength(block))) return block.slice(0, slash) === address;
  const parsed = parseCidr(block);
  return parsed !== undefined && contains(parsed, address);
}

/** The address in a block of one, such as `10.96.0.1/32`; any other text as it is. */
export function bareAddress(block: string): string {
  const length = wholeLength(block);
  return block.endsWith(length) ? block.slice(0, -length.length) : block;
}

/** Whether a block is neither a single address nor all there are. */
export const isNetwork = (block: string): boolean => bareAddress(block).includes("/") && !block.endsWith("/0");

/** An address as a block of one, and a block as it is. */
export const wholeBlock = (block: string): string => (block.includes("/") ? block : `${block}${wholeLength(block)}`);

const wholeLength = (block: string): string => (block.includes(":") ? "/128" : "/32");
