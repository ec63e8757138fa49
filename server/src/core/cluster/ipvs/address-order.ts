import { toNumber } from "../../base/ip.ts";

/** Addresses of one family by their numbers, ascending. */
export function compareAddresses(a: string, b: string): number {
  const [first, second] = [toNumber(a), toNumber(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

/**
 * Addresses of one family as `ipvsadm` sorts them: it subtracts 32 bits at a time into a signed number, so addresses
 * from 128.0.0.0 on come before those below.
 */
export function compareAsIpvsadm(a: string, b: string): number {
  const others = signedWords(b);
  for (const [index, word] of signedWords(a).entries()) {
    const difference = word - (others[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function signedWords(ip: string): readonly number[] {
  const number = toNumber(ip);
  const shifts = ip.includes(":") ? [96n, 64n, 32n, 0n] : [0n];
  return shifts.map((shift) => Number(BigInt.asIntN(32, number >> shift)));
}
