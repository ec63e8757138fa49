/** An exact ratio in lowest terms with a positive denominator. Big integers: products of chances never overflow. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** `numerator / denominator` in lowest terms. The denominator must be positive. */
export function fraction(numerator: bigint | number, denominator: bigint | number): Fraction {
  const top = BigInt(numerator);
  const bottom = BigInt(denominator);
  const divisor = greatestCommonDivisor(top, bottom);
  return { numerator: top / divisor, denominator: bottom / divisor };
}

/** Never. */
export const zero: Fraction = { numerator: 0n, denominator: 1n };
/** Always. Code may compare with this object to skip arithmetic. */
export const one: Fraction = { numerator: 1n, denominator: 1n };

/** The chance of either of two things that exclude each other. */
export const add = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);

/** The chance of one thing, and of another given the first. */
export const multiply = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.numerator, a.denominator * b.denominator);

/** `1 - chance`. */
export const complement = (chance: Fraction): Fraction =>
  fraction(chance.denominator - chance.numerator, chance.denominator);

/** `1/3`, and `1` for a whole. */
export const formatFraction = ({ numerator, denominator }: Fraction): string =>
  denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`;

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a < 0n ? -a : a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
