import type { DocumentUri } from "../base/source.ts";
import { itemsOf, treeAt } from "./read.ts";
import { readTree } from "./read-tree.ts";
import { splitDocuments } from "./split.ts";
import type { Tree } from "./tree.ts";

/**
 * What a kustomization names, whatever for: paths from its own folder in their shortest form, with `/`; whole paths
 * where it gives those. Folders and addresses of other machines are among them. Of a text that YAML cannot read every
 * word is a name.
 * Source: the fields of Kustomization that take paths, in kubernetes-sigs/kustomize, api/types.
 */
export function namesIn(uri: DocumentUri, text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { start, end } of splitDocuments(text)) {
    const document = text.slice(start, end);
    const { tree, errors, hasComplexKeys } = readTree(uri, document);
    const written = errors.length === 0 && !hasComplexKeys ? namesOf(tree) : wordsOf(document);
    for (const name of written) names.add(shortestForm(name));
  }
  return names;
}

const fields: readonly (readonly string[])[] = [
  ["resources"],
  ["bases"],
  ["components"],
  ["crds"],
  ["patches", "path"],
  ["patchesStrategicMerge"],
  ["patchesJson6902", "path"],
  ["replacements", "path"],
  ["generators"],
  ["transformers"],
  ["validators"],
  ["configurations"],
  ["openapi", "path"],
  ["helmCharts", "valuesFile"],
  ["helmCharts", "additionalValuesFiles"],
  ...["configMapGenerator", "secretGenerator"].flatMap((generator) => [
    [generator, "files"],
    [generator, "envs"],
    [generator, "env"],
  ]),
];

function* namesOf(tree: Tree | undefined): Generator<string> {
  for (const path of fields) {
    for (const name of textsAt([tree], path)) {
      yield name;
      // `key=path`: the file under another name.
      if (path.at(-1) === "files") yield name.slice(name.indexOf("=") + 1);
    }
  }
}

/** The texts at the end of a path of fields, through lists on the way. */
function textsAt(trees: readonly (Tree | undefined)[], path: readonly string[]): readonly string[] {
  let here = trees;
  for (const field of path) here = here.map((tree) => treeAt(tree, [field])).flatMap(itemsOrItself);
  return here.flatMap((tree) => (tree?.kind === "scalar" ? [tree.text] : []));
}

const itemsOrItself = (tree: Tree | undefined): readonly (Tree | undefined)[] =>
  tree?.kind === "list" ? itemsOf(tree) : [tree];

/** What may be a path in a text of unknown form: words, whatever stands in quotes, and the rest of each line. */
function* wordsOf(text: string): Generator<string> {
  for (const line of text.split(/\r?\n/)) {
    const content = line.replace(/(?:^|\s)#.*/, "");
    yield content.replace(/^[\s-]*(?:\w+:\s)?/, "").trim();
    for (const [, double, single] of content.matchAll(/"([^"]*)"|'([^']*)'/g)) yield double ?? single ?? "";
    yield* content.split(/[\s,[\]{}"'=]+/);
  }
}

function shortestForm(path: string): string {
  const slashed = path.replaceAll("\\", "/").replace(/^[A-Z]:\//, (drive) => drive.toLowerCase());
  const parts: string[] = [];
  for (const part of slashed.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return (slashed.startsWith("/") ? "/" : "") + parts.join("/");
}
