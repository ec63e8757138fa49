import type { DocumentUri } from "../base/source.ts";
import { isPlaceholder } from "../base/text.ts";
import { namesOfMakers } from "../manifest/generated-names.ts";
import type { Manifest, ParsedFile, WorkloadManifest } from "../manifest/model.ts";
import { parseFile } from "../manifest/parse.ts";
import { type Bag, exchange } from "./bag.ts";
import { updateFolders } from "./folder-tree.ts";
import { folderOf } from "./folders.ts";
import { emptyMap, type SharedMap } from "./shared-map.ts";
import { type Index, labelKey, type Snapshot } from "./snapshot.ts";

/** A text that appeared or changed; `undefined` for one that is gone. */
export type Change = readonly [uri: DocumentUri, text: string | undefined];

/** One file before and after a change. */
export interface FileChange {
  readonly before: ParsedFile | undefined;
  readonly after: ParsedFile | undefined;
}

/**
 * The one mutable object: takes changes of texts, hands out snapshots. After any changes a snapshot answers as that of
 * a new store given the final texts would, but for the last good readings of documents that cannot be read now.
 */
export class WorkspaceStore {
  #snapshot: Snapshot;

  /** @param roots folders that the user opened or named, without a trailing slash */
  constructor(roots: readonly string[] = [""]) {
    this.#snapshot = {
      revision: 0,
      roots: [...roots].sort(byLength),
      files: emptyMap(),
      folders: emptyMap(),
      index: emptyIndex,
    };
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Replaces the folders that count as the workspace; files stay as they are. */
  setRoots(roots: readonly string[]): void {
    this.#snapshot = { ...this.#snapshot, revision: this.#snapshot.revision + 1, roots: [...roots].sort(byLength) };
  }

  /** Reads what changed, and tells what it was and is. A text equal to the one known is no change. */
  apply(changes: Iterable<Change>): readonly FileChange[] {
    const before = this.#snapshot;
    const latest = new Map<DocumentUri, FileChange>();
    for (const [uri, text] of changes) {
      const known = before.files.get(uri);
      if (known?.text === text) latest.delete(uri);
      else latest.set(uri, { before: known, after: text === undefined ? undefined : parseFile(uri, text, known) });
    }
    if (latest.size === 0) return [];
    const fileChanges = [...latest.values()];
    const come = [...latest].flatMap(([uri, change]) => (change.before === undefined ? [uri] : []));
    const gone = [...latest].flatMap(([uri, { after }]) => (after === undefined ? [uri] : []));
    this.#snapshot = {
      ...before,
      revision: before.revision + 1,
      files: before.files.with([...latest].map(([uri, { after }]) => [uri, after] as const)),
      folders: updateFolders(before.folders, come, gone),
      index: updateIndex(before.index, fileChanges),
    };
    return fileChanges;
  }
}

/** Of two roots that hold one file the outer one is the shorter. */
const byLength = (a: string, b: string): number => a.length - b.length;

const emptyIndex: Index = {
  workloadsByLabel: emptyMap(),
  workloadsByName: emptyMap(),
  workloadsByMaker: emptyMap(),
  vagueByFolder: emptyMap(),
  vagueByKey: emptyMap(),
  servicesByName: emptyMap(),
  servicesBySelector: emptyMap(),
  endpointsByService: emptyMap(),
};

type Entry = { readonly [Name in keyof Index]: readonly [Name, string] }[keyof Index];

function updateIndex(index: Index, changes: readonly FileChange[]): Index {
  const removed = new Map<string, Set<Manifest>>();
  const added = new Map<string, Manifest[]>();
  const keys = new Map<string, Entry>();
  for (const { before, after } of changes) {
    const kept = new Set(after?.manifests);
    const known = new Set(before?.manifests);
    for (const manifest of before?.manifests ?? []) {
      if (kept.has(manifest)) continue;
      for (const entry of entriesOf(manifest)) collect(keys, entry, removed, () => new Set()).add(manifest);
    }
    for (const manifest of after?.manifests ?? []) {
      if (known.has(manifest)) continue;
      for (const entry of entriesOf(manifest)) collect(keys, entry, added, (): Manifest[] => []).push(manifest);
    }
  }
  const updates = new Map<keyof Index, [string, Bag<Manifest> | undefined][]>();
  for (const [id, [name, key]] of keys) {
    const known = (index[name] as SharedMap<string, Bag<Manifest>>).get(key) ?? [];
    // A label may be on every pod of the workspace. Names and selectors are shared by few.
    const change = name === "workloadsByLabel" || name === "vagueByKey" ? exchange : exchangeInList;
    const list = change(known, removed.get(id) ?? NONE, added.get(id) ?? []);
    const changesOfOne = updates.get(name) ?? [];
    changesOfOne.push([key, list.length > 0 ? list : undefined]);
    updates.set(name, changesOfOne);
  }
  const maps = [...updates].map(([name, entries]) => [
    name,
    (index[name] as SharedMap<string, Bag<Manifest>>).with(entries),
  ]);
  return { ...index, ...Object.fromEntries(maps) };
}

const NONE: ReadonlySet<Manifest> = new Set();

const exchangeInList = (
  known: Bag<Manifest>,
  gone: ReadonlySet<Manifest>,
  come: readonly Manifest[],
): readonly Manifest[] => [...[...known].filter((manifest) => !gone.has(manifest)), ...come];

function collect<T>(keys: Map<string, Entry>, entry: Entry, into: Map<string, T>, empty: () => T): T {
  const id = `${entry[0]} ${entry[1]}`;
  keys.set(id, entry);
  const list = into.get(id) ?? empty();
  into.set(id, list);
  return list;
}

/** Where a manifest stands in the index. */
export function* entriesOf(manifest: Manifest): Generator<Entry> {
  switch (manifest.type) {
    case "Service":
      yield ["servicesByName", manifest.name.value];
      for (const { key, value } of manifest.selector?.entries ?? []) {
        yield ["servicesBySelector", labelKey(key.value, value.value)];
      }
      return;
    case "Workload": {
      yield ["workloadsByName", manifest.name.value];
      for (const maker of namesOfMakers(manifest)) yield ["workloadsByMaker", maker];
      const labels = manifest.template.labels.entries;
      for (const { key, value } of labels) yield ["workloadsByLabel", labelKey(key.value, value.value)];
      for (const { key } of manifest.runtimeLabels) yield ["workloadsByLabel", key];
      const vague = vagueKeys(manifest);
      if (vague.size > 0) yield ["vagueByFolder", folderOf(manifest.range.uri)];
      for (const key of vague) yield ["vagueByKey", key];
      return;
    }
    case "Endpoints":
      if (manifest.service) yield ["endpointsByService", manifest.service.value];
      return;
    case "NetworkPolicy":
    case "Node":
    case "Other":
      return;
  }
}

/** The keys of pod labels whose values are not known; the empty one where there may be labels under any key. */
function vagueKeys({ workloadRef, template }: WorkloadManifest): ReadonlySet<string> {
  const keys = new Set<string>(workloadRef ? [""] : []);
  for (const { key, value } of template.labels.entries) {
    if (isPlaceholder(key.value)) keys.add("");
    else if (isPlaceholder(value.value)) keys.add(key.value);
  }
  return keys;
}
