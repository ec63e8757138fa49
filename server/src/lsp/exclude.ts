import picomatch from "picomatch";
import type { DocumentUri } from "../core/base/source.ts";
import type { Settings } from "../core/workspace/settings.ts";
import { foldersUpwards, type Snapshot } from "../core/workspace/snapshot.ts";

/** Whether a text, or a folder that it lies in, is one that its settings leave out. */
export type Exclusion = (uri: DocumentUri) => boolean;

/** Patterns count from the folder of the `.portolan.yaml` nearest upwards from the text, or from its workspace folder. */
export function createExclusion(snapshot: Snapshot, settingsAt: (uri: DocumentUri) => Settings): Exclusion {
  const matchers = new Map<readonly string[], (path: string) => boolean>();
  return (uri) => {
    const { exclude } = settingsAt(uri);
    if (exclude.length === 0) return false;
    const matches = matchers.get(exclude) ?? picomatch([...exclude], { dot: true });
    matchers.set(exclude, matches);
    const base = baseOf(snapshot, uri);
    const parts = decode(uri.slice(base.length + 1)).split("/");
    return parts.some((_, index) => matches(parts.slice(0, index + 1).join("/")));
  };
}

function baseOf(snapshot: Snapshot, uri: DocumentUri): string {
  const folders = foldersUpwards(snapshot, uri);
  const holdsSettings = (folder: string): boolean =>
    snapshot.folders.get(folder)?.files.some((file) => file.endsWith("/.portolan.yaml")) ?? false;
  return folders.find(holdsSettings) ?? folders.at(-1) ?? "";
}

/** Patterns are written as people write paths. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
