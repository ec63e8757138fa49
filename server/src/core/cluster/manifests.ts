import { groupBy } from "../base/group-by.ts";
import { isPlaceholder } from "../base/text.ts";
import type { Manifest } from "../manifest/model.ts";
import type { Bag } from "../workspace/bag.ts";
import { folderOf, isWithin } from "../workspace/folders.ts";

/** Namespaces within one scope: one that is not written, or is filled in later, fits any. */
export const namespacesMeet = (a: Manifest, b: Manifest): boolean =>
  a.namespace.value === b.namespace.value || isOpen(a) || isOpen(b);

/** Whether only a cluster could tell the namespace: none is written, or one that is filled in later. */
export const isOpen = ({ namespace }: Manifest): boolean =>
  namespace.origin === "default" || isPlaceholder(namespace.value);

/** Tells an object from every other one, however often its text was read or the object copied. */
export const placeOf = ({ range }: Pick<Manifest, "range">): string => `${range.uri}#${range.start}`;

/** By file, then by place in it: the order in which a reader would meet them. */
export function compareManifests(a: Manifest, b: Manifest): number {
  if (a.range.uri !== b.range.uri) return a.range.uri < b.range.uri ? -1 : 1;
  return a.range.start - b.range.start;
}

/** Lists up to this length are gone through; longer ones are sorted first. */
const SHORT = 16;

/** Long lists by folder, and by file. The workspace's indexes hand out the same list until it changes. */
const byFolder = new WeakMap<Bag<Manifest>, ReadonlyMap<string, readonly Manifest[]>>();
const byFile = new WeakMap<Bag<Manifest>, ReadonlyMap<string, readonly Manifest[]>>();

/** Of a list of manifests those that stand directly in a folder, in no particular order. */
export const listIn = <M extends Manifest>(list: Bag<M>, folder: string): readonly M[] =>
  listAt(byFolder, list, folder, folderOf);

/** Of a list of manifests those that stand in a file, in no particular order. */
export const listInFile = <M extends Manifest>(list: Bag<M>, uri: string): readonly M[] =>
  listAt(byFile, list, uri, (own) => own);

/** Lists in the order of their files. */
const inOrder = new WeakMap<Bag<Manifest>, readonly Manifest[]>();

/** Of a list of manifests those that stand in a folder or below it, by file and then by place in it. */
export function* listBelow<M extends Manifest>(list: Bag<M>, folder: string): Generator<M> {
  const sorted = (inOrder.get(list) ?? [...list].sort(compareManifests)) as readonly M[]; // it was made from this list
  inOrder.set(list, sorted);
  for (let index = firstNotBefore(sorted, folder === "" ? "" : `${folder}/`); index < sorted.length; index++) {
    const manifest = sorted[index];
    if (manifest === undefined || !isWithin(manifest.range.uri, folder)) return;
    yield manifest;
  }
}

function firstNotBefore(sorted: readonly Manifest[], uri: string): number {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.range.uri ?? "") < uri) low = middle + 1;
    else high = middle;
  }
  return low;
}

function listAt<M extends Manifest>(
  sorted: WeakMap<Bag<Manifest>, ReadonlyMap<string, readonly Manifest[]>>,
  list: Bag<M>,
  place: string,
  placeOf: (uri: string) => string,
): readonly M[] {
  if (list.length <= SHORT) return [...list].filter(({ range }) => placeOf(range.uri) === place);
  const known = sorted.get(list) ?? groupBy(list, ({ range }) => placeOf(range.uri));
  sorted.set(list, known);
  return (known.get(place) ?? []) as readonly M[]; // it was made from this list
}
