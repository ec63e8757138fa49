import type { SourceRange } from "../base/source.ts";

/** One edit, as the difference of two texts: everything before `start` and after the ends is the same in both. */
export interface Edit {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** The smallest edit that makes one text of another. */
export function editBetween(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let tail = 0;
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail += 1;
  }
  return { start, oldEnd: before.length - tail, newEnd: after.length - tail };
}

/**
 * The same plain data with every {@link SourceRange} in it moved.
 * @param move maps an offset of the old text to one of the new
 */
export function rebase<T>(value: T, move: (offset: number) => number): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => rebase(item, move)) as T;
  if (isRange(value)) return { uri: value.uri, start: move(value.start), end: move(value.end) } as T;
  // A copy of the whole, changed in place: V8 takes several times as long to make an object of its entries.
  const copy = { ...value } as Record<string, unknown>;
  for (const key of Object.keys(copy)) {
    const item = copy[key];
    if (typeof item === "object" && item !== null) copy[key] = rebase(item, move);
  }
  return copy as T;
}

/** How an edit moves offsets: those behind it move along, and those inside what it took away stay within what it put there. */
export const mover =
  ({ start, oldEnd, newEnd }: Edit) =>
  (offset: number): number =>
    offset <= start ? offset : offset >= oldEnd ? offset + newEnd - oldEnd : Math.min(offset, newEnd);

const isRange = (value: object): value is SourceRange => "uri" in value && "start" in value && "end" in value;
