import type { Fraction } from "./fraction.ts";

/** A chance as kube-proxy writes it: ten decimals, five before 1.16.2, as Go's `%0.10f` rounds the double. */
export function probabilityText({ numerator, denominator }: Fraction, decimals: 5 | 10): string {
  // Exact ties, such as 1/2048 at ten decimals, Go rounds to even and JavaScript up: the digits are made by hand.
  const scaled = numerator * 10n ** BigInt(decimals);
  const floor = scaled / denominator;
  const twiceRest = 2n * (scaled % denominator);
  const up = twiceRest > denominator || (twiceRest === denominator && floor % 2n === 1n);
  const digits = String(up ? floor + 1n : floor).padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** The same chance as the kernel keeps it, in steps of 2^-31, and iptables prints it back. */
export function echoedProbability(chance: Fraction, decimals: 5 | 10): string {
  const steps = 2 ** 31;
  return (Math.round(Number(probabilityText(chance, decimals)) * steps) / steps).toFixed(11);
}
