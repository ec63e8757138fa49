import type { DocumentUri } from "../base/source.ts";
import type { ParsedFile } from "../manifest/model.ts";
import { folderOf, parentOf } from "./folders.ts";
import type { SharedMap } from "./shared-map.ts";
import type { Folder, Index, Snapshot } from "./snapshot.ts";
import { entriesOf, type FileChange } from "./store.ts";
import { differingManifests, looksTheSame } from "./summary.ts";

/**
 * One thing that an answer was made from: which files a folder lists, what one of them holds, who carries a label.
 * Whatever changes none of the things an answer was made from leaves the answer as it is.
 */
export type Read = string;

/** Altered with anything that a manifest shows to others: read by an answer that looked at the whole workspace. */
export const EVERYTHING: Read = "everything";

/** A snapshot that notes what is asked of it. */
export interface RecordedSnapshot {
  /** Answers like the one that it stands for. */
  readonly snapshot: Snapshot;
  /** What was asked since the last call. */
  readonly take: () => ReadonlySet<Read>;
}

/**
 * A snapshot that notes what is read. Files are told apart by their folder only, so that a search of a folder with a
 * thousand files is one note.
 */
export function recordReads(snapshot: Snapshot): RecordedSnapshot {
  let reads = new Set<Read>();
  let files = new Map<DocumentUri, ParsedFile>();
  const note = (read: Read): void => {
    reads.add(read);
  };
  const index = Object.entries(snapshot.index).map(([name, map]) => [name, recordingIndex(name, map, note)]);
  const recording: Snapshot = {
    ...snapshot,
    files: recordingMap(
      snapshot.files,
      (uri) => note(listing(folderOf(uri))),
      note,
      // The same one each time, so that answers can be kept by it.
      (file) => {
        const known = files.get(file.uri) ?? recordingFile(file, note);
        files.set(file.uri, known);
        return known;
      },
    ),
    folders: recordingMap(
      snapshot.folders,
      (path) => {
        if (snapshot.folders.get(path)) return;
        note(listing(path));
        note(children(path));
      },
      note,
      (folder) => recordingFolder(folder, note),
    ),
    index: Object.fromEntries(index) as Index, // the same names, each with a map of the same type
  };
  recordings.set(recording, { of: snapshot, note });
  return {
    snapshot: recording,
    take() {
      const taken = reads;
      reads = new Set();
      files = new Map();
      return taken;
    },
  };
}

/** What recorded snapshots stand for, and where they note what is read. */
const recordings = new WeakMap<Snapshot, { readonly of: Snapshot; readonly note: Note }>();

/**
 * An answer about something in a snapshot, such as one of its folders, that is worked out once for all that stand for the
 * same snapshot; whoever asks has read what it was made from.
 * @param make holds on to no file: that one would note its reads where nobody sees them
 */
export function answerOnce<Value>(make: (snapshot: Snapshot, about: string) => Value): typeof make {
  const answers = new WeakMap<Snapshot, Map<string, { readonly value: Value; readonly reads: ReadonlySet<Read> }>>();
  return (snapshot, about) => {
    const recording = recordings.get(snapshot);
    const original = recording?.of ?? snapshot;
    const known = answers.get(original) ?? new Map();
    answers.set(original, known);
    const answer = known.get(about) ?? recordAnswer(original, about, make);
    known.set(about, answer);
    for (const read of answer.reads) recording?.note(read);
    return answer.value;
  };
}

function recordAnswer<Value>(snapshot: Snapshot, about: string, make: (snapshot: Snapshot, about: string) => Value) {
  const { snapshot: recording, take } = recordReads(snapshot);
  return { value: make(recording, about), reads: take() };
}

/** The reads whose answers a change altered. Empty for a change that nobody but the text itself can see. */
export function alteredReads(before: Snapshot, after: Snapshot, changes: readonly FileChange[]): ReadonlySet<Read> {
  const altered = new Set<Read>();
  for (const { before: old, after: now } of changes) {
    const uri = (now ?? old)?.uri;
    if (uri === undefined) continue;
    const folder = folderOf(uri);
    altered.add(textOf(uri));
    if (old === undefined || now === undefined) {
      altered.add(listing(folder));
      for (const path of alteredParents(before, after, folder)) altered.add(children(path));
    } else if (old.role !== now.role) {
      altered.add(roles(folder));
    }
    if (old === undefined || now === undefined || !looksTheSame(old, now)) altered.add(content(folder));
    for (const manifest of differingManifests(old, now).flat()) {
      for (const [name, key] of entriesOf(manifest)) altered.add(indexed(name, key));
    }
  }
  if ([...altered].some((read) => !isOfText(read))) altered.add(EVERYTHING);
  return altered;
}

/** Whether a read is of a text as such: every edit alters it, seen by others or not. */
export const isOfText = (read: Read): boolean => read.startsWith("text ");

/** That something was read off a text which every edit may move, such as a range. */
export const textOf = (uri: DocumentUri): Read => `text ${uri}`;

const listing = (folder: string): Read => `listing ${folder}`;
const children = (folder: string): Read => `children ${folder}`;
const roles = (folder: string): Read => `roles ${folder}`;
const content = (folder: string): Read => `content ${folder}`;
const indexed = (name: string, key: string): Read => `${name} ${key}`;

type Note = (read: Read) => void;

function recordingMap<Key extends string, Value>(
  map: SharedMap<Key, Value>,
  onGet: (key: Key) => void,
  note: Note,
  wrap: (value: Value) => Value,
): SharedMap<Key, Value> {
  return {
    get size() {
      note(EVERYTHING);
      return map.size;
    },
    get: (key) => {
      onGet(key);
      const value = map.get(key);
      return value === undefined ? undefined : wrap(value);
    },
    entries: () => {
      note(EVERYTHING);
      return map.entries();
    },
    with: map.with,
  };
}

const recordingIndex = <Value>(name: string, map: SharedMap<string, Value>, note: Note): SharedMap<string, Value> =>
  recordingMap(
    map,
    (key) => note(indexed(name, key)),
    note,
    (value) => value,
  );

function recordingFile(file: ParsedFile, note: Note): ParsedFile {
  const { uri } = file;
  const folder = folderOf(uri);
  return {
    uri,
    get text() {
      note(textOf(uri));
      return file.text;
    },
    get role() {
      note(roles(folder));
      return file.role;
    },
    get names() {
      note(textOf(uri));
      return file.names;
    },
    get parts() {
      note(content(folder));
      return file.parts;
    },
    get manifests() {
      note(content(folder));
      return file.manifests;
    },
    get problems() {
      note(textOf(uri));
      return file.problems;
    },
  };
}

function recordingFolder(folder: Folder, note: Note): Folder {
  return {
    path: folder.path,
    get files() {
      note(listing(folder.path));
      return folder.files;
    },
    get children() {
      note(children(folder.path));
      return folder.children;
    },
  };
}

/** The folders from one upwards whose list of folders is another than it was. */
function alteredParents(before: Snapshot, after: Snapshot, folder: string): readonly string[] {
  const altered: string[] = [];
  for (let path = parentOf(folder); path !== undefined; path = parentOf(path)) {
    if (before.folders.get(path)?.children === after.folders.get(path)?.children) break;
    altered.push(path);
  }
  return altered;
}
