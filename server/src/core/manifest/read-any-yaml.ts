import { type Alias, isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import type { DocumentUri, SourceRange } from "../base/source.ts";
import { compose } from "./compose.ts";
import { type Entry, isMergeKey, lastOfEachKey, scalarTree, type Tree } from "./tree.ts";
import type { YamlError } from "./yaml-error.ts";

/** What was understood of a YAML document. */
export interface TreeReading {
  readonly tree: Tree | undefined;
  readonly errors: readonly YamlError[];
  /** Some key is no scalar: legal YAML, but in practice an action of a template language, `{{ … }}`. */
  readonly hasComplexKeys: boolean;
  /** How many values of the tree its aliases and merge keys stand for. */
  readonly aliased: number;
}

/**
 * Reads YAML of any kind with the parser.
 * @param at maps an offset in `text` to one in the file
 * @param mostAliased how many values aliases and merge keys may stand for; those beyond are left out, with one complaint
 */
export function readAnyYaml(
  uri: DocumentUri,
  text: string,
  at: (offset: number) => number,
  mostAliased: number,
): TreeReading {
  const composed = compose(text);
  const rangeOf = (start: number, end: number): SourceRange => ({ uri, start: at(start), end: at(end) });
  const errors: YamlError[] = composed.errors.map(({ code, text: said, start, end }) => ({
    code,
    text: said,
    range: rangeOf(start, Math.max(start, Math.min(end, text.length))),
  }));
  let hasComplexKeys = false;
  const anchors = new Map<string, Tree | undefined>();
  const sizes = new Map<Tree | undefined, number>();
  let aliased = 0;
  let isSpent = false;

  const convert = (node: unknown): Tree | undefined => {
    if (!isNode(node)) return undefined;
    if (isAlias(node)) return resolve(node);
    const [start, end] = node.range ?? [0, 0];
    const range = rangeOf(start, end);
    let tree: Tree | undefined;
    if (isScalar(node)) {
      const text = typeof node.value === "string" ? node.value : (node.source ?? "");
      tree = scalarTree(text, node.type === "PLAIN", range);
    } else if (isSeq(node)) {
      tree = { kind: "list", items: node.items.map(convert), range };
    } else if (isMap(node)) {
      tree = { kind: "map", entries: merge(node.items.flatMap((pair) => entryOf(pair.key, pair.value))), range };
    }
    if (node.anchor !== undefined) {
      anchors.set(node.anchor, tree);
      sizes.set(tree, sizeOf(tree, sizes));
    }
    return tree;
  };

  const resolve = (alias: Alias): Tree | undefined => {
    const [start, end] = alias.range ?? [0, 0];
    const range = rangeOf(start, end);
    if (!anchors.has(alias.source)) {
      errors.push({ code: "UNRESOLVED_ALIAS", text: alias.source, range });
      return undefined;
    }
    const tree = anchors.get(alias.source);
    return mayTake(sizeOf(tree, sizes), range) ? tree : undefined;
  };

  const entryOf = (key: unknown, value: unknown): Entry[] => {
    const keyTree = convert(key);
    const valueTree = convert(value);
    if (keyTree?.kind === "scalar") return [{ key: keyTree, value: valueTree }];
    hasComplexKeys ||= keyTree !== undefined;
    return [];
  };

  /** Resolves `<<`: entries written in the map win over merged ones. */
  const merge = (written: readonly Entry[]): readonly Entry[] => {
    if (!written.some(({ key }) => isMergeKey(key))) return lastOfEachKey(written);
    const own = lastOfEachKey(written.filter(({ key }) => !isMergeKey(key)));
    const entries = new Map(own.map((entry) => [entry.key.text, entry]));
    for (const { key, value } of written) {
      if (!isMergeKey(key)) continue;
      for (const source of value?.kind === "list" ? value.items : [value]) {
        if (source?.kind !== "map" || !mayTake(source.entries.length, key.range)) continue;
        for (const entry of source.entries) if (!entries.has(entry.key.text)) entries.set(entry.key.text, entry);
      }
    }
    return [...entries.values()];
  };

  /** Whether an alias or a merge key may stand for so many values. Once one may not, none may any more. */
  const mayTake = (count: number, range: SourceRange): boolean => {
    if (isSpent) return false;
    isSpent = aliased + count > mostAliased;
    if (isSpent) errors.push({ code: "TOO_MANY_ALIASED", text: "too many aliased values", range });
    else aliased += count;
    return !isSpent;
  };

  const tree = convert(composed.contents);
  return { tree, errors, hasComplexKeys, aliased };
}

/** How many values a walk over a tree meets. @param known the sizes of the trees in it that have anchors */
function sizeOf(tree: Tree | undefined, known: ReadonlyMap<Tree | undefined, number>): number {
  const size = known.get(tree);
  if (size !== undefined) return size;
  switch (tree?.kind) {
    case undefined:
    case "scalar":
      return 1;
    case "list":
      return tree.items.reduce((sum, item) => sum + sizeOf(item, known), 1);
    case "map":
      return tree.entries.reduce((sum, { value }) => sum + 1 + sizeOf(value, known), 1);
  }
}
