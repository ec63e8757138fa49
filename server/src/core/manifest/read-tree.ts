import { type Alias, isAlias, isMap, isNode, isScalar, isSeq, type Node, parseDocument } from "yaml";
import type { DocumentUri, SourceRange } from "../base/source.ts";
import { readPlainYaml } from "./plain-yaml.ts";
import { type Entry, mergeEntries, scalarTree, type Tree } from "./tree.ts";
import type { YamlError } from "./yaml-error.ts";

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
  try {
    const plain = readPlainYaml(uri, text, at);
    return plain ? { tree: plain, errors: [], hasComplexKeys: false } : readAnyYaml(uri, text, at);
  } catch (error) {
    // The parser recurses; nesting beyond any manifest's exhausts its stack.
    if (!(error instanceof RangeError)) throw error;
    const range = { uri, start: at(0), end: at(0) };
    return {
      tree: undefined,
      hasComplexKeys: false,
      errors: [{ code: "RESOURCE_EXHAUSTION", text: "nested too deeply", range }],
    };
  }
}

/** Reads YAML of any kind with the parser. */
export function readAnyYaml(uri: DocumentUri, text: string, at: (offset: number) => number): TreeReading {
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
      const text = typeof node.value === "string" ? node.value : (node.source ?? "");
      tree = scalarTree(text, node.type === "PLAIN", range);
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
