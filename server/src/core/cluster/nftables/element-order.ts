import { toNumber } from "../../base/ip.ts";
import type { KeyPart, NftElement, NftSet } from "./table.ts";

/**
 * Elements in the order in which nft lists them. A key of one part counts as a number. A key of several parts counts as
 * one number of which its last byte is the highest, as nft on all common machines has it: the low byte of the port
 * decides first.
 */
export function sortElements({ key, elements }: Pick<NftSet, "key" | "elements">): readonly NftElement[] {
  const ranked = [...elements.values()].map((element) => ({ element, rank: rankOf(key, element.key) }));
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0)).map(({ element }) => element);
}

function rankOf(parts: readonly KeyPart[], texts: readonly string[]): bigint {
  const bytes = parts.flatMap((part, index) => bytesOf(part, texts[index] ?? ""));
  const highestFirst = parts.length > 1 ? bytes.reverse() : bytes;
  return highestFirst.reduce((rank, byte) => (rank << 8n) | BigInt(byte), 0n);
}

/** A part of a key as it travels over the wire. */
function bytesOf(part: KeyPart, text: string): readonly number[] {
  switch (part) {
    case "address": {
      const size = text.includes(":") ? 16 : 4;
      const number = toNumber(text);
      return Array.from({ length: size }, (_, index) => Number((number >> BigInt(8 * (size - 1 - index))) & 0xffn));
    }
    case "protocol":
      return [protocolNumbers.get(text) ?? 0];
    case "port":
      return [Number(text) >> 8, Number(text) & 0xff];
  }
}

const protocolNumbers: ReadonlyMap<string, number> = new Map([
  ["tcp", 6],
  ["udp", 17],
  ["sctp", 132],
]);
