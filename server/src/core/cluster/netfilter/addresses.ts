import { contains, parseCidr } from "../../base/ip.ts";

/** Whether an address is in a block, or is the address that stands in the place of one. */
export function isInBlock(address: string, block: string): boolean {
  const slash = block.indexOf("/");
  if (slash < 0) return block === address;
  // Blocks of one address are most of those in old rule sets, and need no arithmetic.
  if (block.endsWith(block.includes(":") ? "/128" : "/32")) return block.slice(0, slash) === address;
  const parsed = parseCidr(block);
  return parsed !== undefined && contains(parsed, address);
}
