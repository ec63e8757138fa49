import { type Alias, isAlias, isMap, isNode, isScalar, isSeq, type Node, parseDocument } from "yaml";
import type { DocumentUri, SourceRange } from "../base/source.ts";

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

/** A complaint of the YAML parser. */
export interface YamlError {
  readonly code: string;
  /** The parser's own words, in English. */
  readonly text: string;
  readonly range: SourceRange;
}

export interface TreeReading {
  readonly tree: Tree | undefined;
  readonly errors: readonly YamlError[];
  /** Some key is no scalar: legal YAML, but in practice an action of a template language, `{{ … }}`. */
  readonly hasComplexKeys: boolean;
}

/**
 * Reads one YAML document. Total: errors are values, and the tree holds what could be understood in spite of them.
 * @param at maps an offset in `text` to one in the file; the identity by default
 */
export function readTree(
  uri: DocumentUri,
  text: string,
  at: (offset: number) => number = (offset) => offset,
): TreeReading {
  const document = parseDocument(text, {
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    strict: false,
    logLevel: "silent",
  });
  const rangeOf = (start: number, end: number): SourceRange => ({ uri, start: at(start), end: at(end) });
  const errors: YamlError[] = document.errors.map((error) => ({
    code: error.code,
    text: error.message,
    range: rangeOf(error.pos[0], Math.max(error.pos[0], Math.min(error.pos[1], text.length))),
  }));
  let hasComplexKeys = false;
  const converted = new Map<Node, Tree | undefined>();
  const anchors = new Map<string, Tree | undefined>();

  const convert = (node: unknown): Tree | undefined => {
    if (!isNode(node)) return undefined;
    if (isAlias(node)) return resolve(node);
    if (converted.has(node)) return converted.get(node);
    const [start, end] = node.range ?? [0, 0];
    const range = rangeOf(start, end);
    let tree: Tree | undefined;
    if (isScalar(node)) {
      tree = scalar(node.source ?? "", node.value, node.type === "PLAIN", range);
    } else if (isSeq(node)) {
      tree = { kind: "list", items: node.items.map(convert), range };
    } else if (isMap(node)) {
      tree = { kind: "map", entries: mergeEntries(node.items.flatMap((pair) => entryOf(pair.key, pair.value))), range };
    }
    converted.set(node, tree);
    if (node.anchor !== undefined) anchors.set(node.anchor, tree);
    return tree;
  };

  const resolve = (alias: Alias): Tree | undefined => {
    if (anchors.has(alias.source)) return anchors.get(alias.source);
    const [start, end] = alias.range ?? [0, 0];
    errors.push({ code: "UNRESOLVED_ALIAS", text: alias.source, range: rangeOf(start, end) });
    return undefined;
  };

  const entryOf = (key: unknown, value: unknown): Entry[] => {
    const keyTree = convert(key);
    const valueTree = convert(value);
    if (keyTree?.kind === "scalar") return [{ key: keyTree, value: valueTree }];
    hasComplexKeys ||= keyTree !== undefined;
    return [];
  };

  const tree = convert(document.contents);
  return { tree, errors, hasComplexKeys };
}

function scalar(source: string, value: unknown, plain: boolean, range: SourceRange): ScalarTree | undefined {
  const text = typeof value === "string" ? value : source;
  if (plain && (text === "" || text === "~" || /^null$/i.test(text))) return undefined;
  return { kind: "scalar", text, plain, range };
}

/** Resolves `<<`: entries written in the map win over merged ones, and of two equal keys the last one wins. */
function mergeEntries(written: readonly Entry[]): readonly Entry[] {
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
