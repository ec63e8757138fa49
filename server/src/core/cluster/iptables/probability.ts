import type { Fraction } from "../netfilter/fraction.ts";

/** A chance as kube-proxy writes it: ten decimals, five up to 1.15, as Go's `%0.10f` rounds the nearest double. */
export function probabilityText({ numerator, denominator }: Fraction, decimals: 5 | 10 | 11): string {
  const isExact = (denominator & (denominator - 1n)) === 0n;
  if (!isExact) return (Number(numerator) / Number(denominator)).toFixed(decimals);
  // A double that is exact may lie halfway, such as 1/2048: there Go rounds to even and JavaScript up.
  const scaled = numerator * 10n ** BigInt(decimals);
  const floor = scaled / denominator;
  const twiceRest = 2n * (scaled % denominator);
  const up = twiceRest > denominator || (twiceRest === denominator && floor % 2n === 1n);
  const digits = String(up ? floor + 1n : floor).padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** The same chance as the kernel keeps it, in steps of 2^-31, and iptables prints it back. */
export function echoedProbability(chance: Fraction, decimals: 5 | 10 | 11): string {
  const steps = 2 ** 31;
  return (Math.round(Number(probabilityText(chance, decimals)) * steps) / steps).toFixed(11);
}
