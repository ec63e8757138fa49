import type { SourceRange } from "../base/source.ts";

/**
 * A YAML document as its readers want it: scalars as text, aliases and merge keys resolved, every part with its range.
 * Aliased parts are shared, not copied; but whoever walks the tree meets them once for each alias, so that their number
 * is limited where the aliases are resolved: a walk meets no more values than the text has characters, and that limit.
 */
export type Tree = MapTree | ListTree | ScalarTree;

export interface MapTree {
  readonly kind: "map";
  readonly entries: readonly Entry[];
  readonly range: SourceRange;
}

/** A key and its value; `undefined` for a key with nothing behind it. */
export interface Entry {
  readonly key: ScalarTree;
  readonly value: Tree | undefined;
}

export interface ListTree {
  readonly kind: "list";
  readonly items: readonly (Tree | undefined)[];
  readonly range: SourceRange;
}

/** Text as written, escapes and folding undone; `plain` where no quotes keep it from being read as a number or a word. */
export interface ScalarTree {
  readonly kind: "scalar";
  readonly text: string;
  readonly plain: boolean;
  readonly range: SourceRange;
}

/** A scalar, or `undefined` where it says null. @param text what it says, quotes and escapes undone */
export function scalarTree(text: string, plain: boolean, range: SourceRange): ScalarTree | undefined {
  if (plain && (text === "" || text === "~" || /^null$/i.test(text))) return undefined;
  return { kind: "scalar", text, plain, range };
}

/** The key `<<`, whose value's entries are entries of the map. */
export const isMergeKey = ({ plain, text }: ScalarTree): boolean => plain && text === "<<";

/** The entries of a map by key: of two equal keys the last one wins. */
export function lastOfEachKey(written: readonly Entry[]): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const entry of written) {
    entries.delete(entry.key.text);
    entries.set(entry.key.text, entry);
  }
  return entries.size === written.length ? written : [...entries.values()];
}
