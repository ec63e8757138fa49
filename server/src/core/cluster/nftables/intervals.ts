import { addressAt, type Cidr, formatCidr, parseCidr, sizeOf } from "../../base/ip.ts";
import { wholeBlock } from "../netfilter/addresses.ts";

/** Addresses from one to another, both included, as numbers. */
interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * Addresses and blocks as nft lists a set of them: sorted, with neighbours and overlaps in one piece, a piece as a block
 * where it is one, else as `10.0.0.0-10.0.1.127`. Texts that are neither address nor block are passed over.
 * @param texts of one family
 */
export function mergeBlocks(texts: readonly string[]): readonly string[] {
  const blocks = texts.flatMap((text) => parseCidr(wholeBlock(text)) ?? []);
  const [any] = blocks;
  if (any === undefined) return [];
  const all: Cidr = { family: any.family, network: 0n, prefix: 0 };
  const sorted = blocks
    .map((block): Interval => ({ first: block.network, last: block.network + sizeOf(block) - 1n }))
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const merged: Interval[] = [];
  for (const { first, last } of sorted) {
    const before = merged.at(-1);
    if (before === undefined || first > before.last + 1n) merged.push({ first, last });
    else if (last > before.last) merged[merged.length - 1] = { first: before.first, last };
  }
  return merged.map((interval) => intervalText(all, interval));
}

/** A block of one address is written without its length. */
export function shortBlock(text: string): string {
  const block = parseCidr(wholeBlock(text));
  if (block === undefined) return text;
  return sizeOf(block) === 1n ? addressAt(block, 0n) : formatCidr(block);
}

function intervalText(all: Cidr, { first, last }: Interval): string {
  const size = last - first + 1n;
  const width = size.toString(2).length - 1;
  const isBlock = size === 1n << BigInt(width) && first % size === 0n;
  if (!isBlock) return `${addressAt(all, first)}-${addressAt(all, last)}`;
  const bits = all.family === "IPv4" ? 32 : 128;
  return shortBlock(`${addressAt(all, first)}/${bits - width}`);
}
