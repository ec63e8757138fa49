import { groupBy } from "../base/group-by.ts";
import type { Manifest } from "../manifest/model.ts";
import { childTowards, commonFolder, folderOf, holderOf } from "../workspace/folders.ts";
import { companionsOf, type VariantFile } from "./companions.ts";
import { compareManifests } from "./manifests.ts";

/** One choice among several variants of what a Service meets; the only one, where there is nothing to choose. */
export interface Variant<M extends Manifest> {
  /** By file, then by place in it. */
  readonly members: readonly M[];
  /** The folder or file that only this variant has; `undefined` for the only one. */
  readonly tree: string | undefined;
  /** Whether a text belongs to another variant, and not to this one. */
  readonly isElsewhere: (uri: string) => boolean;
}

/**
 * Splits what a Service meets where the same object stands in several files: each of the folders or files in which the
 * copies part (`dev/` and `prod/`, `web-dev.yaml` and `web-prod.yaml`) makes a variant, with everything that is there
 * only once. Nobody applies two of them together, but for files side by side that have no object in common.
 *
 * An object is the same if kind and name are, whatever the namespace: one of the copies may leave it open. Two of them in
 * one file are a mistake and no choice.
 */
export function splitVariants<M extends Manifest>(found: readonly M[]): readonly Variant<M>[] {
  const trees = found.length > 1 ? treesOfCopies(found) : NONE;
  if (trees.size === 0) return [{ members: found, tree: undefined, isElsewhere: () => false }];
  const byTree = groupBy(found, ({ range }) => holderOf(trees, range.uri));
  const outer = new Set([...trees].flatMap((tree) => treesAround(trees, tree)));
  const leaves = [...trees].filter((tree) => !outer.has(tree)).sort();
  const files = leaves.map((path): VariantFile => ({ path, identities: new Set(byTree.get(path)?.map(identityOf)) }));
  const isFile = ({ path }: VariantFile): boolean =>
    byTree.get(path)?.every(({ range }) => range.uri === path) === true;
  const siblings = groupBy(files.filter(isFile), ({ path }) => folderOf(path));
  const variants = new Map<string, Variant<M>>();
  for (const file of files) {
    const together = isFile(file) ? companionsOf(file, siblings.get(folderOf(file.path)) ?? []) : [file];
    const own = new Set([undefined, ...together.map(({ path }) => path), ...treesAround(trees, file.path)]);
    const key = together
      .map(({ path }) => path)
      .sort()
      .join("\n");
    if (variants.has(key)) continue;
    variants.set(key, {
      members: [...own].flatMap((place) => byTree.get(place) ?? []).sort(compareManifests),
      tree: file.path,
      isElsewhere: (uri) => !own.has(holderOf(trees, uri)),
    });
  }
  return [...variants.values()];
}

/** What makes two objects of one Service's surroundings the same. */
export const identityOf = ({ kind, name }: Manifest): string => `${kind.value}/${name.value}`;

const NONE: ReadonlySet<string> = new Set();

/** For each object that stands in several files the folders or files in which its copies part. */
function treesOfCopies(found: readonly Manifest[]): ReadonlySet<string> {
  const trees = new Set<string>();
  for (const copies of groupBy(found, identityOf).values()) {
    for (const tree of partings([...new Set(copies.map(({ range }) => range.uri))])) trees.add(tree);
  }
  return trees;
}

/** The folders or files in which some files part, and those in which the ones of each part again. */
function partings(uris: readonly string[]): readonly string[] {
  const [first, ...others] = uris;
  if (first === undefined || others.length === 0) return [];
  const folder = others.reduce((common, uri) => commonFolder(common, uri), folderOf(first));
  return [...groupBy(uris, (uri) => childTowards(folder, uri))].flatMap(([tree, within]) => [
    tree,
    ...partings(within),
  ]);
}

/** Those of some folders that hold one of them. */
function treesAround(trees: ReadonlySet<string>, tree: string): readonly string[] {
  const around: string[] = [];
  for (let holder = holderAbove(trees, tree); holder !== undefined; holder = holderAbove(trees, holder)) {
    around.push(holder);
  }
  return around;
}

const holderAbove = (trees: ReadonlySet<string>, tree: string): string | undefined =>
  tree === "" ? undefined : holderOf(trees, folderOf(tree));
