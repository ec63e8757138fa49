import { toNumber } from "../../base/ip.ts";
import { protocolNumbers } from "../iptables/listing.ts";
import type { SetEntry } from "../netfilter/ip-set.ts";

/** Entries of one set as `ipset -sorted` prints them: each part by its number, narrower blocks before wider ones. */
export function sortEntries(entries: readonly SetEntry[]): readonly SetEntry[] {
  const keyed = entries.map((entry) => ({ entry, key: keyOf(entry) }));
  return keyed.sort((a, b) => compareKeys(a.key, b.key)).map(({ entry }) => entry);
}

function keyOf({ ip, protocol, port, other }: SetEntry): readonly bigint[] {
  const [address, prefix] = other?.split("/") ?? [];
  return [
    ip === undefined ? 0n : toNumber(ip),
    protocol === undefined ? 0n : BigInt(protocolNumbers[protocol]),
    BigInt(port ?? 0),
    address === undefined ? 0n : toNumber(address),
    // A single address has no length, and comes before every block that begins with it.
    prefix === undefined ? -1n - BigInt(WIDEST) : -BigInt(prefix),
  ];
}

const WIDEST = 128;

function compareKeys(a: readonly bigint[], b: readonly bigint[]): number {
  for (const [index, number] of a.entries()) {
    const other = b[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  return 0;
}
