import type { Manifest, ServiceManifest } from "../manifest/model.ts";
import type { Bag } from "../workspace/bag.ts";
import { childTowards, commonFolder, folderOf, holderOf } from "../workspace/folders.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { isOpen, listIn, listInFile, namespacesMeet } from "./manifests.ts";
import { identityOf } from "./variants.ts";

/**
 * Whether a text belongs to another copy of a Service: the trees that hold one (`dev/`, `prod/`), and the files of the
 * Service's own folder and of those above it that define it again. What stands there is meant for that copy.
 */
export function heldByCopies(snapshot: Snapshot, service: ServiceManifest): (uri: string) => boolean {
  const { uri: own } = service.range;
  const trees = treesOfRivals(snapshot, service);
  return (uri) => trees !== undefined && uri !== own && holderOf(trees, uri) !== undefined;
}

/** Where another copy of something lives, as seen from a folder: the tree that parts from it there, else the file. */
export function treeOf(home: string, uri: string): string {
  const folder = folderOf(uri);
  const meeting = commonFolder(home, folder);
  return folder === meeting ? uri : childTowards(meeting, folder);
}

/** What stands in a Service's own folder. */
export interface Neighbours<M extends Manifest> {
  /** In its own file. */
  readonly own: readonly M[];
  /** In files that do not define the Service themselves. */
  readonly free: readonly M[];
  /** In all files of the folder. */
  readonly all: () => readonly M[];
}

/** Sorts what stands in a Service's own folder by whose it is. */
export function neighboursOf<M extends Manifest>(
  snapshot: Snapshot,
  service: ServiceManifest,
  lists: readonly Bag<M>[],
): Neighbours<M> {
  const { uri } = service.range;
  const near = lists.map((list) => listIn(list, folderOf(uri)));
  return {
    own: near.flatMap((list) => listInFile(list, uri)),
    free: near.flatMap((list) => freeOf(snapshot, service, list)),
    all: () => near.flat(),
  };
}

/** Of most Services nobody but themselves is near, and then it does not matter who else bears their name. */
function freeOf<M extends Manifest>(snapshot: Snapshot, service: ServiceManifest, near: readonly M[]): readonly M[] {
  const isLong = near.length > LONG;
  const others = isLong ? near : near.filter(({ range }) => range.uri !== service.range.uri);
  if (others.length === 0) return others;
  const rivals = rivalFiles(snapshot, service);
  if (rivals && isLong) return listOutside(near, rivals);
  return others.filter(({ range }) => range.uri !== service.range.uri && !rivals?.has(range.uri));
}

/** Lists of this length are sorted once for all copies of a Service. */
const LONG = 16;

/**
 * Of the neighbours that a Service meets those that are applied with it: the ones of its own file, and others that are no
 * variants of these. Where there are none at all, those of other copies will do.
 * @param meeting of some neighbours those that the Service meets
 */
export function nearestOf<M extends Manifest, Met>(
  { own, free, all }: Neighbours<M>,
  meeting: (candidates: readonly M[]) => readonly Met[],
  manifestOf: (met: Met) => Manifest,
): readonly Met[] {
  const mine = meeting(own);
  const identities = new Set(mine.map((met) => identityOf(manifestOf(met))));
  const others = meeting(free).filter((met) => !identities.has(identityOf(manifestOf(met))));
  if (mine.length + others.length > 0) return [...mine, ...others];
  return meeting(all());
}

type Places = ReadonlySet<string>;

/** What was found for all copies in one folder counts as long as nobody of their name comes or goes. */
const treesByHome = new WeakMap<readonly ServiceManifest[], Map<string, Places>>();
const filesByHome = new WeakMap<readonly ServiceManifest[], Map<string, Places>>();

/** `undefined` where the Service has no namesake. Its own file is one of the places, so that all copies share them. */
const treesOfRivals = (snapshot: Snapshot, service: ServiceManifest): Places | undefined =>
  remember(treesByHome, snapshot, service, (copies, home) => copies.map(({ range }) => treeOf(home, range.uri)));

const rivalFiles = (snapshot: Snapshot, service: ServiceManifest): Places | undefined =>
  remember(filesByHome, snapshot, service, (copies) => copies.map(({ range }) => range.uri), listIn);

function remember(
  known: WeakMap<readonly ServiceManifest[], Map<string, Places>>,
  { index }: Snapshot,
  service: ServiceManifest,
  placesOf: (copies: readonly ServiceManifest[], home: string) => readonly string[],
  choose: (namesakes: readonly ServiceManifest[], home: string) => readonly ServiceManifest[] = (namesakes) =>
    namesakes,
): Places | undefined {
  const namesakes = index.servicesByName.get(service.name.value) ?? [];
  if (namesakes.length < 2) return undefined;
  const home = folderOf(service.range.uri);
  const key = `${isOpen(service) ? "" : service.namespace.value}\0${home}`;
  const byHome = known.get(namesakes) ?? new Map<string, Places>();
  known.set(namesakes, byHome);
  const copies = (): readonly ServiceManifest[] =>
    choose(namesakes, home).filter((copy) => namespacesMeet(copy, service));
  const places = byHome.get(key) ?? new Set(placesOf(copies(), home));
  byHome.set(key, places);
  return places;
}

/** Of long lists what stands outside of some files. Both are the same objects for all copies in one folder. */
const outside = new WeakMap<readonly Manifest[], WeakMap<Places, readonly Manifest[]>>();

function listOutside<M extends Manifest>(list: readonly M[], files: Places): readonly M[] {
  const known = outside.get(list) ?? new WeakMap<Places, readonly Manifest[]>();
  outside.set(list, known);
  const found = known.get(files) ?? list.filter(({ range }) => !files.has(range.uri));
  known.set(files, found);
  return found as readonly M[]; // it was made from this list
}
