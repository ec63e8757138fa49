import picomatch from "picomatch";
import { type DocumentUri, documentUri } from "../core/base/source.ts";
import type { Settings } from "../core/settings/settings.ts";
import { folderOf, isWithin, parentOf, readablePath } from "../core/workspace/folders.ts";
import { rootOf, type Snapshot } from "../core/workspace/snapshot.ts";

/** Whether a text, or a folder that it lies in, is one that its settings leave out. */
export type Exclusion = (uri: DocumentUri) => boolean;

/**
 * Patterns count from the folder of the `.portolan.yaml` nearest upwards from the text.
 * @param elsewhere where patterns count from that stand in no such file: the workspace folder, unless given
 */
export function createExclusion(
  snapshot: Snapshot,
  settingsAt: (uri: DocumentUri) => Settings,
  elsewhere: (uri: DocumentUri) => string = (uri) => rootOf(snapshot, uri),
): Exclusion {
  const matchers = new Map<readonly string[], (path: string) => boolean>();
  return (uri) => {
    const { exclude } = settingsAt(uri);
    if (exclude.length === 0) return false;
    const matches = matchers.get(exclude) ?? picomatch([...exclude], { dot: true });
    matchers.set(exclude, matches);
    const base = settingsFolder(snapshot, folderOf(uri)) ?? elsewhere(uri);
    if (!isWithin(uri, base)) return false;
    const parts = readablePath(uri, base).split("/");
    return parts.some((_, index) => matches(parts.slice(0, index + 1).join("/")));
  };
}

function settingsFolder(snapshot: Snapshot, start: string): string | undefined {
  for (let folder: string | undefined = start; folder !== undefined; folder = parentOf(folder)) {
    if (snapshot.files.get(documentUri(`${folder}/.portolan.yaml`))) return folder;
  }
  return undefined;
}
