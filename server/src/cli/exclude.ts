import picomatch from "picomatch";
import type { DocumentUri } from "../core/base/source.ts";
import { folderOf, isWithin, parentOf, relativeTo } from "../core/workspace/folders.ts";
import type { Settings } from "../core/workspace/settings.ts";

/**
 * Answers whether the settings of a text exclude it. Patterns count from the folder of their settings file.
 * @param settingsFolders folders that hold settings
 * @param elsewhere where patterns count from that stand in no such folder
 */
export function excluder(
  settingsAt: (uri: DocumentUri) => Settings,
  settingsFolders: ReadonlySet<string>,
  elsewhere: string,
): (uri: DocumentUri) => boolean {
  const matchers = new Map<readonly string[], (path: string) => boolean>();
  return (uri) => {
    const { exclude } = settingsAt(uri);
    if (exclude.length === 0) return false;
    const matches = matchers.get(exclude) ?? picomatch([...exclude], { dot: true });
    matchers.set(exclude, matches);
    const home = nearest(settingsFolders, folderOf(uri)) ?? elsewhere;
    return isWithin(uri, home) && matches(relativeTo(uri, home));
  };
}

function nearest(folders: ReadonlySet<string>, start: string): string | undefined {
  for (let folder: string | undefined = start; folder !== undefined; folder = parentOf(folder)) {
    if (folders.has(folder)) return folder;
  }
  return undefined;
}
