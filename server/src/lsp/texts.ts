import type { TextDocumentContentChangeEvent } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { DocumentUri } from "../core/base/source.ts";
import { folderOf, isWithin } from "../core/workspace/folders.ts";
import { filesBelow, type Snapshot } from "../core/workspace/snapshot.ts";
import { type Change, type FileChange, WorkspaceStore } from "../core/workspace/store.ts";
import type { Exclusion } from "../shell/exclude.ts";
import { type FileSource, isSkipped, mayHoldManifests } from "../shell/files.ts";
import { isSettings, isSettingsAbove, listWorkspace, type Surroundings, surroundingsOf } from "./listing.ts";
import { folderKeyOf, isOnDisk, isShadow, keyOf, uriOfKey } from "./uris.ts";

/** What the store is kept in step with: the editor's buffers, and under them the files of the workspace. */
export interface Texts {
  readonly snapshot: () => Snapshot;
  /** An open text as the editor has it; `undefined` for one that is not open. */
  readonly openText: (key: DocumentUri) => TextDocument | undefined;
  readonly openKeys: () => Iterable<DocumentUri>;
  /** The URI by which the editor knows a text. */
  readonly uriOf: (key: DocumentUri) => string;
  readonly open: (document: TextDocument) => void;
  readonly change: (uri: string, changes: readonly TextDocumentContentChangeEvent[], version: number) => void;
  readonly close: (uri: string) => void;
  /** Something may have happened to files, or to whole folders. */
  readonly touch: (uris: readonly string[]) => Promise<void>;
  /** Replaces the workspace's folders; their files are read with the next {@link Texts.rescan}. */
  readonly setFolders: (uris: readonly string[]) => void;
  /** Whether a scan is at its beginning: settings that it finds hold for all the rest of it. */
  readonly isListing: () => boolean;
  /** Looks for every file that belongs to the workspace, reads new ones, and forgets the others. */
  readonly rescan: (progress?: (read: number, of: number) => void) => Promise<void>;
}

/** Whom {@link Texts} serves. */
export interface TextsHost {
  readonly files: FileSource;
  /** Called with every look around: what counts outside of the workspace from now on. */
  readonly watchAround: (surroundings: Surroundings) => void;
  /** Whether settings leave a text out, now. */
  readonly exclusion: () => Exclusion;
  /** Called after every change of the store. */
  readonly onChange: (before: Snapshot, after: Snapshot, changes: readonly FileChange[]) => void;
  /** Called when an editor shows a text, whether or not it differs from what was known. */
  readonly onOpen: (key: DocumentUri) => void;
  /** Nothing is to be concluded from the workspace until the returned function is called: it is not all here. */
  readonly hold: () => () => void;
  readonly log: (what: string, error: unknown) => void;
}

/** Files are handed to the store in batches of about this many characters, so that nobody waits for long. */
const BATCH_LENGTH = 200_000;
const FILES_AT_ONCE = 32;

/** Keeps a store in step with editor and disk. Everything read from disk passes through one queue, in order. */
export function createTexts({ files, watchAround, exclusion, onChange, onOpen, hold, log }: TextsHost): Texts {
  const store = new WorkspaceStore([]);
  const open = new Map<DocumentUri, { readonly uri: string; document: TextDocument }>();
  let roots: readonly string[] = [];
  let queue: Promise<void> = Promise.resolve();
  let listing = false;
  let waiting: Promise<void> | undefined;

  const apply = (changes: readonly Change[]): void => {
    const before = store.snapshot;
    const applied = store.apply(changes);
    if (applied.length > 0) onChange(before, store.snapshot, applied);
  };
  const enqueue = (task: () => Promise<void>): Promise<void> => {
    const release = hold();
    queue = queue
      .then(task)
      .catch((error: unknown) => log("reading files", error))
      .finally(release);
    return queue;
  };
  const isInWorkspace = (key: DocumentUri): boolean => roots.some((root) => isWithin(key, root));

  /** Where the workspace itself lies is its own affair. */
  const isSkippedHere = (key: DocumentUri): boolean =>
    roots.every((root) => !isWithin(key, root) || isSkipped(key.slice(root.length)));

  /** Whether a file counts although nobody has it open. */
  const belongs = (key: DocumentUri): boolean => {
    if (!mayHoldManifests(key) || exclusion()(key)) return false;
    if (isInWorkspace(key)) return !isSkippedHere(key);
    if (roots.some((root) => isSettingsAbove(key, root))) return true;
    return [...open.keys()].some((other) => folderOf(other) === folderOf(key) || isSettingsAbove(key, other));
  };

  const applyOpen = (key: DocumentUri): void => {
    const document = open.get(key)?.document;
    if (document) apply([[key, exclusion()(key) ? undefined : document.getText()]]);
  };

  const read = async (keys: readonly DocumentUri[], onBatch: (count: number) => void): Promise<void> => {
    let batch: Change[] = [];
    let length = 0;
    const flush = (): void => {
      apply(batch.filter(([key]) => !open.has(key)));
      batch = [];
      length = 0;
    };
    for (let start = 0; start < keys.length; start += FILES_AT_ONCE) {
      const some = keys.slice(start, start + FILES_AT_ONCE);
      const texts = await Promise.all(some.map((key) => files.read(uriOfKey(key))));
      for (const [index, key] of some.entries()) {
        const text = texts[index];
        batch.push([key, text !== undefined && isOfInterest(key, text) ? text : undefined]);
        length += text?.length ?? 0;
        if (length >= BATCH_LENGTH) flush();
      }
      flush();
      onBatch(start + some.length);
      await nextTurn();
    }
  };

  /** A scan that has not begun yet will do for everybody who wants one. */
  const scan = (progress?: (read: number, of: number) => void): Promise<void> => {
    waiting ??= enqueue(() => {
      waiting = undefined;
      return rescan(progress);
    });
    return waiting;
  };

  const rescan = async (progress?: (read: number, of: number) => void): Promise<void> => {
    listing = true;
    const outside = [...open.keys()].filter((key) => isOnDisk(key) && !isInWorkspace(key));
    const onDisk = roots.filter(isOnDisk);
    const surroundings = surroundingsOf(onDisk, outside.map(folderOf));
    watchAround(surroundings);
    const listed = await listWorkspace(files, onDisk, surroundings);
    const settings = [...listed].filter((key) => isSettings(key) && !store.snapshot.files.get(key));
    await read(settings, () => {});
    listing = false;
    const wanted = new Set([...listed].filter((key) => !exclusion()(key)));
    const gone = [...store.snapshot.files.entries()]
      .map(([key]) => key)
      .filter((key) => !wanted.has(key) && !open.has(key));
    apply(gone.map((key) => [key, undefined]));
    for (const key of open.keys()) applyOpen(key);
    const missing = [...wanted].filter((key) => !store.snapshot.files.get(key) && !open.has(key));
    await read(missing, (count) => progress?.(count, missing.length));
  };

  const touchOne = async (key: DocumentUri): Promise<readonly DocumentUri[]> => {
    const folder = folderKeyOf(key);
    if (store.snapshot.folders.get(folder)) return [...filesBelow(store.snapshot, folder)].map(({ uri }) => uri);
    if (mayHoldManifests(key)) return [key];
    const found: DocumentUri[] = [];
    if (!isOnDisk(key) || !isInWorkspace(key) || isSkippedHere(key)) return found;
    for await (const uris of files.list(uriOfKey(key))) found.push(...uris.map(keyOf));
    return found;
  };

  return {
    snapshot: () => store.snapshot,
    openText: (key) => open.get(key)?.document,
    openKeys: () => open.keys(),
    uriOf: (key) => open.get(key)?.uri ?? uriOfKey(key),
    open(document) {
      const { uri } = document;
      if (isShadow(uri)) return;
      const key = keyOf(uri);
      open.set(key, { uri, document });
      if (isOnDisk(key) && !isInWorkspace(key)) scan();
      else applyOpen(key);
      onOpen(key);
    },
    change(uri, changes, version) {
      const key = keyOf(uri);
      const known = open.get(key);
      if (known === undefined) return;
      known.document = TextDocument.update(known.document, [...changes], version);
      applyOpen(key);
    },
    close(uri) {
      const key = keyOf(uri);
      if (!open.delete(key)) return;
      if (!isOnDisk(key)) apply([[key, undefined]]);
      else if (!belongs(key) && isInWorkspace(key)) apply([[key, undefined]]);
      else if (isInWorkspace(key)) enqueue(() => read([key], () => {}));
      else
        enqueue(async () => {
          await read([key], () => {});
          await rescan();
        });
    },
    touch: (uris) =>
      enqueue(async () => {
        const keys = new Set<DocumentUri>();
        for (const uri of uris) for (const key of await touchOne(keyOf(uri))) keys.add(key);
        const closed = [...keys].filter((key) => !open.has(key));
        apply(closed.filter((key) => !belongs(key)).map((key) => [key, undefined]));
        await read(closed.filter(belongs), () => {});
      }),
    setFolders(uris) {
      roots = uris.map(folderKeyOf);
      store.setRoots(roots);
    },
    isListing: () => listing,
    rescan: scan,
  };
}

/** Other people's JSON is plenty, and large; it bears on nothing unless it is a manifest. */
const isOfInterest = (key: string, text: string): boolean => !key.endsWith(".json") || text.includes("apiVersion");

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
