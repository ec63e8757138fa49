/**
 * Text that something else will fill in before it is applied: `{{ … }}`, `${VAR}`, `$(VAR)`, `__VAR__`, `<VAR>`,
 * `@@VAR@@`, `[[ … ]]`, `%VAR%`. Its value is unknown, so it fits everything.
 */
export const isPlaceholder = (text: string): boolean =>
  /\{\{|\$\{|\$\(|\[\[|@@|__[A-Za-z]\w*__|%[A-Za-z_]+%|<[A-Za-z][\w .-]*>/.test(text);

/**
 * Edit distance with transpositions (optimal string alignment), given up beyond a limit.
 * @returns the number of insertions, deletions, replacements and swaps of neighbours; `limit + 1` if it is more
 */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let best = row;
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return Math.min(last[b.length] ?? 0, limit + 1);
}

/**
 * The candidate most like a word, if any is like it at all: equal but for case and separators, or off by a letter or
 * two (one, for words below five letters).
 */
export function findNearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = word.length < 5 ? 1 : 2;
  let nearest: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const gap = fold(candidate) === fold(word) ? 0 : distance(word, candidate, limit);
    if (gap <= limit && (nearest === undefined || gap < nearest.distance)) nearest = { candidate, distance: gap };
  }
  return nearest?.candidate;
}

/** A word without case and separators: what a wrong spelling has in common with the right one. */
export const fold = (word: string): string => word.toLowerCase().replace(/[-_.]/g, "");
