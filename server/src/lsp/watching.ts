import {
  type Connection,
  DidChangeWatchedFilesNotification,
  type Disposable,
  type FileSystemWatcher,
  WatchKind,
} from "vscode-languageserver";
import { folderOf } from "../core/workspace/folders.ts";
import type { ClientAbilities } from "./abilities.ts";
import type { Surroundings } from "./listing.ts";

/** Asks an editor to tell of changes on disk, as far as it can watch. */
export interface Watching {
  /** In the folders of the workspace, whichever they are by then. */
  readonly watchWorkspace: () => Promise<void>;
  /** Around them, in place of what was watched there before. */
  readonly watchAround: (surroundings: Surroundings) => void;
}

/** Watches nothing yet. */
export function createWatching(
  connection: Connection,
  client: ClientAbilities,
  log: (what: string, error: unknown) => void,
): Watching {
  let wanted = "[]";
  let around: Disposable | undefined;
  let queue: Promise<void> = Promise.resolve();
  const register = (watchers: FileSystemWatcher[]): Promise<Disposable> =>
    connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  const replace = async (watchers: FileSystemWatcher[]): Promise<void> => {
    const before = around;
    around = watchers.length > 0 ? await register(watchers) : undefined;
    before?.dispose();
  };
  return {
    async watchWorkspace() {
      if (client.watching) await register(workspaceWatchers);
    },
    watchAround(surroundings) {
      if (!client.watchesAnywhere) return;
      const watchers = watchersAround(surroundings);
      const now = JSON.stringify(watchers);
      if (now === wanted) return;
      wanted = now;
      queue = queue.then(() => replace(watchers)).catch((error: unknown) => log("asking to be told of changes", error));
    },
  };
}

const workspaceWatchers: FileSystemWatcher[] = [
  { globPattern: "**/*.{yaml,yml,json}", kind: WatchKind.Change },
  { globPattern: "**/Kustomization", kind: WatchKind.Change },
  // A folder that comes or goes is told of by its own name alone.
  { globPattern: "**/*", kind: WatchKind.Create | WatchKind.Delete },
];

const watchersAround = ({ folders, settings }: Surroundings): FileSystemWatcher[] => [
  ...[...folders].map((baseUri) => ({ globPattern: { baseUri, pattern: "{*.yaml,*.yml,*.json,Kustomization}" } })),
  ...[...settings].map((key) => ({ globPattern: { baseUri: folderOf(key), pattern: ".portolan.yaml" } })),
];
