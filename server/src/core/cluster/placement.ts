import { hash32 } from "../base/hash.ts";

/** Numbers to hand out, each to one owner: some kept back until the others are gone. */
export interface Pool {
  readonly bands: readonly Band[];
}

/** A run of numbers. */
interface Band {
  readonly first: number;
  readonly size: number;
  readonly taken: Set<number>;
}

/** A pool of runs of numbers, both ends included; a later run is touched when the earlier ones are used up. */
export function poolOf(...runs: readonly (readonly [first: number, last: number])[]): Pool {
  const filled = runs.filter(([first, last]) => first <= last);
  return { bands: filled.map(([first, last]) => ({ first, size: last - first + 1, taken: new Set() })) };
}

/** Takes a number out of a pool for good; one that is not in the pool, or gone already, changes nothing. */
export function claim(pool: Pool, number: number): void {
  const band = pool.bands.find(({ first, size }) => number >= first && number < first + size);
  band?.taken.add(number);
}

/**
 * Gives each key a number of its own, at the place that its hash points to, or the next free one after it.
 *
 * Keys are served in sorted order, so the outcome does not depend on the order they come in, and one key more leaves
 * every other where it was, unless its number is now held by a key that sorts before it.
 * @returns nothing for a key that finds the pool empty
 */
export function place(pool: Pool, keys: Iterable<string>): ReadonlyMap<string, number> {
  const placed = new Map<string, number>();
  for (const key of [...new Set(keys)].sort()) {
    const number = placeOne(pool, key);
    if (number !== undefined) placed.set(key, number);
  }
  return placed;
}

function placeOne(pool: Pool, key: string): number | undefined {
  const band = pool.bands.find(({ taken, size }) => taken.size < size);
  if (band === undefined) return undefined;
  let offset = hash32(key) % band.size;
  while (band.taken.has(band.first + offset)) offset = (offset + 1) % band.size;
  band.taken.add(band.first + offset);
  return band.first + offset;
}
