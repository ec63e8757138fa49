import { addressAt, type Cidr, type Family, familyOf, parseIP, sizeOf, toNumber } from "../base/ip.ts";
import { claim, type Pool, place, poolOf } from "./placement.ts";

/** Addresses that are spoken for, by family. */
export type Claims = Readonly<Record<Family, ReadonlySet<bigint>>>;

/** Gathers addresses; text that is none is left out. */
export function claimsOf(texts: Iterable<string>): Claims {
  const claims = { IPv4: new Set<bigint>(), IPv6: new Set<bigint>() };
  for (const text of texts) {
    const ip = parseIP(text);
    if (ip !== undefined) claims[familyOf(ip)].add(toNumber(ip));
  }
  return claims;
}

/**
 * Gives each key an address of its own in a block, see {@link place}.
 * @param runs which places of the block may be handed out, counted from its network address
 */
export function placeAddresses(
  block: Cidr,
  runs: readonly (readonly [first: number, last: number])[],
  claims: Claims,
  keys: readonly string[],
): ReadonlyMap<string, string> {
  const pool: Pool = poolOf(...runs);
  for (const number of claims[block.family]) claim(pool, Number(number - block.network));
  const placed = place(pool, keys);
  return new Map([...placed].map(([key, index]) => [key, addressAt(block, BigInt(index))]));
}

/**
 * The last place of a block that an object can have: not the broadcast address. Places beyond the first million are
 * never needed and make addresses hard to read.
 */
export function lastPlace(block: Cidr): number {
  const size = sizeOf(block);
  const last = block.family === "IPv4" ? size - 2n : size - 1n;
  return Number(last < MOST_PLACES ? last : MOST_PLACES - 1n);
}

const MOST_PLACES = 1n << 20n;
