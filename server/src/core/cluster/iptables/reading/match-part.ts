import type { Match } from "../rule.ts";
import type { Instance } from "./options.ts";

/** A match, and the words that say it. */
export interface MatchPart {
  readonly match: Match;
  readonly start: number;
  readonly end: number;
}

/** Reads all options of a use of a module, or gives up. */
export type MatchReader = (instance: Instance) => readonly MatchPart[] | undefined;

/** Every item as read, or nothing if one cannot be. */
export function allOf<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Result | undefined,
): readonly Result[] | undefined {
  const results: Result[] = [];
  for (const item of items) {
    const result = read(item);
    if (result === undefined) return undefined;
    results.push(result);
  }
  return results;
}
