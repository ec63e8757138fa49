/**
 * Text that something else will fill in before it is applied: `{{ … }}`, `${VAR}`, `$(VAR)`, `__VAR__`, `<VAR>`,
 * `@@VAR@@`, `[[ … ]]`, `%VAR%`. Its value is unknown, so it fits everything.
 */
export const isPlaceholder = (text: string): boolean =>
  /\{\{|\$\{|\$\(|\[\[|@@|__[A-Za-z]\w*__|%[A-Za-z_]+%|<[A-Za-z][\w .-]*>/.test(text);

/**
 * Edit distance with transpositions (optimal string alignment), given up beyond a limit. Only prefixes that differ in
 * length by no more than the limit can be that near, so the time grows with the length and the limit.
 * @returns the number of insertions, deletions, replacements and swaps of neighbours; `limit + 1` if it is more
 */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  const far = limit + 1;
  // Of each row the cells beside the diagonal: that of a column stands at column - row + limit.
  const width = 2 * limit + 1;
  let beforeLast: number[] = new Array(width).fill(far);
  let last: number[] = Array.from(beforeLast, (_, cell) => (cell < limit ? far : cell - limit));
  let current: number[] = new Array(width).fill(far);
  for (let row = 1; row <= a.length; row++) {
    let best = far;
    for (let cell = 0; cell < width; cell++) {
      const column = row + cell - limit;
      let cost = far;
      if (column === 0) cost = row;
      else if (column > 0 && column <= b.length) {
        const same = a[row - 1] === b[column - 1];
        const left = cell > 0 ? (current[cell - 1] ?? far) : far;
        cost = Math.min((last[cell + 1] ?? far) + 1, left + 1, (last[cell] ?? far) + (same ? 0 : 1));
        if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
          cost = Math.min(cost, (beforeLast[cell] ?? far) + 1);
        }
      }
      current[cell] = cost;
      best = Math.min(best, cost);
    }
    if (best > limit) return far;
    [beforeLast, last, current] = [last, current, beforeLast];
  }
  return Math.min(last[b.length - a.length + limit] ?? far, far);
}

/**
 * The candidate most like a word, if any is like it at all: equal but for case and separators, or off by a letter or
 * two (one, for words below five letters).
 */
export function findNearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = word.length < 5 ? 1 : 2;
  let nearest: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of new Set(candidates)) {
    const gap = fold(candidate) === fold(word) ? 0 : distance(word, candidate, limit);
    if (gap <= limit && (nearest === undefined || gap < nearest.distance)) nearest = { candidate, distance: gap };
  }
  return nearest?.candidate;
}

/** A word without case and separators: what a wrong spelling has in common with the right one. */
export const fold = (word: string): string => word.toLowerCase().replace(/[-_.]/g, "");
