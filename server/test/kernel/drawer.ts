/** Makes choices that follow from a seed: the same seed makes the same ones in the same order. */
export interface Drawer {
  /** Whether something happens that happens so often. */
  readonly often: (chance: number) => boolean;
  readonly pick: <T>(choices: readonly [T, ...T[]]) => T;
  /** A whole number from a first to a last one. */
  readonly between: (first: number, last: number) => number;
}

export function openDrawer(seed: number): Drawer {
  const draw = numbers(seed);
  const between = (first: number, last: number): number => first + Math.floor(draw() * (last - first + 1));
  return {
    often: (chance) => draw() < chance,
    pick: (choices) => choices[between(0, choices.length - 1)] ?? choices[0],
    between,
  };
}

/** Numbers from 0 to 1 (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
