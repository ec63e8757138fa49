import type { SourceRange } from "../base/source.ts";

/**
 * A YAML document as its readers want it: scalars as text, aliases and merge keys resolved, every part with its range.
 * Aliased parts are shared, not copied, so an alias bomb costs no more than its text.
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

/** Resolves `<<`: entries written in the map win over merged ones, and of two equal keys the last one wins. */
export function mergeEntries(written: readonly Entry[]): readonly Entry[] {
  const merges = written.some(({ key }) => key.plain && key.text === "<<");
  const own = merges ? written.filter(({ key }) => !(key.plain && key.text === "<<")) : written;
  const entries = new Map<string, Entry>();
  for (const entry of own) {
    entries.delete(entry.key.text);
    entries.set(entry.key.text, entry);
  }
  if (merges) {
    for (const { key, value } of written) {
      if (!(key.plain && key.text === "<<")) continue;
      const sources = value?.kind === "list" ? value.items : [value];
      for (const source of sources) {
        if (source?.kind !== "map") continue;
        for (const entry of source.entries) if (!entries.has(entry.key.text)) entries.set(entry.key.text, entry);
      }
    }
  }
  return entries.size === own.length && !merges ? own : [...entries.values()];
}
