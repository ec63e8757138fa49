import type { Field, SourceRange } from "../base/source.ts";
import { fold, isPlaceholder } from "../base/text.ts";
import type { Label, Labels, Miscased } from "./model.ts";
import type { Entry, ListTree, MapTree, ScalarTree, Tree } from "./tree.ts";

/** What reading one object gathers besides its values. */
export interface Notes {
  readonly miscased: Miscased[];
}

/** A map of an object, asked by field name. */
export interface Fields {
  readonly range: SourceRange;
  /** The value of a field; `undefined` where it is absent or null. */
  readonly get: (name: string) => Tree | undefined;
  /** The range of the field's key; of the whole map where it is absent. */
  readonly key: (name: string) => SourceRange;
  readonly has: (name: string) => boolean;
}

/**
 * Reads a map whose field names are known, and notes the names that the API would not know for their spelling alone.
 * @param known the fields of this type, as the API spells them
 */
export function fieldsOf(
  tree: Tree | undefined,
  known: readonly string[],
  path: string,
  notes: Notes,
): Fields | undefined {
  if (tree?.kind !== "map") return undefined;
  const unknown = tree.entries.filter(({ key }) => !known.includes(key.text));
  const present = new Set(unknown.length > 0 ? tree.entries.map(({ key }) => key.text) : []);
  for (const { key } of unknown) {
    const right = known.find((name) => fold(name) === fold(key.text));
    if (right !== undefined && !present.has(right)) {
      notes.miscased.push({ what: "field", path, written: written(key.text, key.range), right });
    }
  }
  return plainFields(tree);
}

/** Reads a map of a type whose field names are nobody's business here. */
export function plainFields(tree: MapTree): Fields {
  const find = (name: string): Entry | undefined => tree.entries.find(({ key }) => key.text === name);
  return {
    range: tree.range,
    get: (name) => find(name)?.value,
    key: (name) => find(name)?.key.range ?? tree.range,
    has: (name) => find(name)?.value !== undefined,
  };
}

/** Follows a path of field names through maps. */
export function treeAt(tree: Tree | undefined, path: readonly string[]): Tree | undefined {
  let here = tree;
  for (const name of path) here = here?.kind === "map" ? plainFields(here).get(name) : undefined;
  return here;
}

export const itemsOf = (tree: Tree | undefined): readonly (Tree | undefined)[] =>
  tree?.kind === "list" ? (tree as ListTree).items : [];

/** A field that stands in the text. */
export const written = <T>(value: T, range: SourceRange): Field<T> => ({ value, range, origin: "written" });

/** A field that the API fills in; the range is where a reader would look for it. */
export const defaulted = <T>(value: T, range: SourceRange): Field<T> => ({ value, range, origin: "default" });

export const stringAt = (tree: Tree | undefined): Field<string> | undefined =>
  tree?.kind === "scalar" ? written(tree.text, tree.range) : undefined;

/** A scalar that something else will fill in, whatever it will be then. */
export const placeholderAt = (tree: Tree | undefined): Field<string> | undefined =>
  tree?.kind === "scalar" && isPlaceholder(tree.text) ? written(tree.text, tree.range) : undefined;

/** Strings of a list; anything else in it is left out. */
export const stringsAt = (tree: Tree | undefined): readonly Field<string>[] =>
  itemsOf(tree).flatMap((item) => stringAt(item) ?? []);

/** An unquoted integer in any notation that the Kubernetes client's YAML accepts: `80`, `0x50`, `0o17`, `010`, `1_000`. */
export function integerAt(tree: Tree | undefined): Field<number> | undefined {
  if (tree?.kind !== "scalar" || !tree.plain) return undefined;
  const value = integerOf(tree.text);
  return value === undefined ? undefined : written(value, tree.range);
}

/** An unquoted YAML 1.1 boolean. */
export function booleanAt(tree: Tree | undefined): Field<boolean> | undefined {
  if (tree?.kind !== "scalar" || !tree.plain) return undefined;
  if (/^(?:true|yes|on|y)$/i.test(tree.text)) return written(true, tree.range);
  if (/^(?:false|no|off|n)$/i.test(tree.text)) return written(false, tree.range);
  return undefined;
}

/**
 * One of a few words. A value that differs only by case counts as the word and is noted; any other is `undefined`.
 * @param path the field, as a person would name it
 */
export function wordAt<Word extends string>(
  tree: Tree | undefined,
  words: readonly Word[],
  path: string,
  notes: Notes,
): Field<Word> | undefined {
  if (tree?.kind !== "scalar") return undefined;
  const exact = words.find((word) => word === tree.text);
  if (exact !== undefined) return written(exact, tree.range);
  const meant = words.find((word) => fold(word) === fold(tree.text));
  if (meant === undefined) return undefined;
  notes.miscased.push({ what: "value", path, written: written(tree.text, tree.range), right: meant });
  return written(meant, tree.range);
}

/** A map of strings. Entries whose value is no scalar are left out; a null value is the empty string. */
export function labelsAt(tree: Tree | undefined, key: SourceRange): Labels {
  const placeholder = placeholderAt(tree);
  if (placeholder) return { entries: [{ key: placeholder, value: written("", placeholder.range) }], key };
  if (tree?.kind !== "map") return { entries: [], key };
  const entries = tree.entries.flatMap(({ key: name, value }): Label[] => {
    if (value !== undefined && value.kind !== "scalar") return [];
    return [{ key: keyField(name), value: stringAt(value) ?? written("", name.range) }];
  });
  return { entries, key };
}

const keyField = (key: ScalarTree): Field<string> => written(key.text, key.range);

function integerOf(text: string): number | undefined {
  const digits = text.replace(/_/g, "");
  if (/^[+-]?(?:0|[1-9]\d*)$/.test(digits)) return Number(digits);
  if (/^0o?[0-7]+$/.test(digits)) return Number.parseInt(digits.replace(/^0o?/, ""), 8);
  if (/^0[xX][\da-fA-F]+$/.test(digits)) return Number.parseInt(digits.slice(2), 16);
  return undefined;
}
