import { type DocumentUri, documentUri } from "../core/base/source.ts";
import { folderOf, isWithin, parentOf } from "../core/workspace/folders.ts";
import type { FileSource } from "./files.ts";
import { keyOf } from "./uris.ts";

/**
 * The files that a workspace consists of: those below its folders, those beside the texts that are open elsewhere, and
 * the settings that may stand above either. Whether there are any of the latter is found out by reading them.
 * @param outside folders of which only what lies directly in them counts
 */
export async function listWorkspace(
  files: FileSource,
  roots: readonly string[],
  outside: ReadonlySet<string>,
): Promise<ReadonlySet<DocumentUri>> {
  const found = new Set<DocumentUri>();
  for (const root of outermost(roots)) {
    for await (const uris of files.list(root)) for (const uri of uris) found.add(keyOf(uri));
  }
  for (const folder of outside) for (const uri of await files.listFolder(folder)) found.add(keyOf(uri));
  for (const folder of [...roots, ...outside]) for (const key of settingsAbove(folder)) found.add(key);
  return found;
}

/** Whether a file holds the settings of a repository, which are those of every text below it. */
export const isSettings = (key: string): boolean => key.endsWith("/.portolan.yaml");

/** Whether a settings file holds for a text in a folder below it. */
export const isSettingsAbove = (key: DocumentUri, other: DocumentUri): boolean =>
  isSettings(key) && isWithin(other, folderOf(key));

/** Where the settings of a folder may stand, besides in it. */
function settingsAbove(start: string): readonly DocumentUri[] {
  const keys: DocumentUri[] = [];
  for (let folder = parentOf(start); folder?.includes("://"); folder = parentOf(folder)) {
    keys.push(documentUri(`${folder}/.portolan.yaml`));
  }
  return keys;
}

/** Each folder once, without those that lie in another one. */
const outermost = (roots: readonly string[]): readonly string[] =>
  [...new Set(roots)].filter((root) => !roots.some((other) => other !== root && isWithin(root, other)));
