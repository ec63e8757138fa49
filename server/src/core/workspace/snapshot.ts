import type { DocumentUri } from "../base/source.ts";
import type { EndpointsManifest, Manifest, ParsedFile, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import type { Bag } from "./bag.ts";
import { folderOf, isWithin, parentOf } from "./folders.ts";
import type { SharedMap } from "./shared-map.ts";

/** The workspace at one moment. Immutable; two snapshots share every file that did not change between them. */
export interface Snapshot {
  /** Grows with every change. */
  readonly revision: number;
  /** Folders that the user opened or named; nothing looks beyond them. Outermost ones first. */
  readonly roots: readonly string[];
  readonly files: SharedMap<DocumentUri, ParsedFile>;
  readonly folders: SharedMap<string, Folder>;
  readonly index: Index;
}

/** What lies directly in one folder, in no particular order. */
export interface Folder {
  readonly path: string;
  readonly files: Bag<DocumentUri>;
  readonly children: Bag<string>;
}

/** Ways to find manifests without looking at all of them. Lists are in no particular order. */
export interface Index {
  /** Workloads by pod label, `app=web`; labels that a controller adds are in by their key alone, `job-name`. */
  readonly workloadsByLabel: SharedMap<string, Bag<WorkloadManifest>>;
  /** Workloads by their own name. */
  readonly workloadsByName: SharedMap<string, readonly WorkloadManifest[]>;
  /** Dumped Pods and ReplicaSets by every name that whatever made them may have. */
  readonly workloadsByMaker: SharedMap<string, readonly WorkloadManifest[]>;
  /** Workloads whose labels are not all known, by folder: placeholders, templates kept elsewhere. */
  readonly vagueByFolder: SharedMap<string, Bag<WorkloadManifest>>;
  /** The same by the key of each label whose value is not known; by the empty key where some keys are not. */
  readonly vagueByKey: SharedMap<string, Bag<WorkloadManifest>>;
  readonly servicesByName: SharedMap<string, readonly ServiceManifest[]>;
  /** Services by each entry of their selector, `app=web`. */
  readonly servicesBySelector: SharedMap<string, readonly ServiceManifest[]>;
  /** Endpoints and EndpointSlices by the Service they belong to. */
  readonly endpointsByService: SharedMap<string, readonly EndpointsManifest[]>;
}

/** The key of a label in {@link Index}. */
export const labelKey = (key: string, value: string): string => `${key}=${value}`;

/** The outermost folder that counts as one workspace with this text; its own folder where it belongs to none. */
export function rootOf(snapshot: Snapshot, uri: DocumentUri): string {
  const folder = folderOf(uri);
  return snapshot.roots.find((root) => isWithin(folder, root)) ?? folder;
}

/** The folders from that of a text up to its root, innermost first. */
export function foldersUpwards(snapshot: Snapshot, uri: DocumentUri): readonly string[] {
  const root = rootOf(snapshot, uri);
  const folders: string[] = [];
  for (let folder: string | undefined = folderOf(uri); folder !== undefined; folder = parentOf(folder)) {
    folders.push(folder);
    if (folder === root) break;
  }
  return folders;
}

/** The files directly in a folder. */
export function* filesIn(snapshot: Snapshot, folder: string): Generator<ParsedFile> {
  for (const uri of snapshot.folders.get(folder)?.files ?? []) {
    const file = snapshot.files.get(uri);
    if (file) yield file;
  }
}

/** The files in a folder and below it, nearer ones first. */
export function* filesBelow(snapshot: Snapshot, folder: string): Generator<ParsedFile> {
  const folders = [folder];
  for (const next of folders) {
    yield* filesIn(snapshot, next);
    for (const child of snapshot.folders.get(next)?.children ?? []) folders.push(child);
  }
}

/** All manifests of some files. */
export function* manifestsOf(files: Iterable<ParsedFile>): Generator<Manifest> {
  for (const file of files) yield* file.manifests;
}
