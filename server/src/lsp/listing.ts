import { type DocumentUri, documentUri } from "../core/base/source.ts";
import { folderOf, isWithin, parentOf } from "../core/workspace/folders.ts";
import type { FileSource } from "../shell/files.ts";
import { keyOf } from "./uris.ts";

/** What counts besides the files below the folders of a workspace. */
export interface Surroundings {
  /** Folders of texts that are open elsewhere; only what lies directly in them counts. */
  readonly folders: ReadonlySet<string>;
  /** Where settings may stand that hold for the workspace or for those texts. */
  readonly settings: ReadonlySet<DocumentUri>;
}

/** @param outside folders of the texts that are open outside of the workspace */
export const surroundingsOf = (roots: readonly string[], outside: readonly string[]): Surroundings => ({
  folders: new Set(outside),
  settings: new Set([...roots, ...outside].flatMap(settingsAbove)),
});

/**
 * The files that a workspace consists of: those below its folders and those around it. Whether there are settings above
 * it is found out by reading them.
 */
export async function listWorkspace(
  files: FileSource,
  roots: readonly string[],
  { folders, settings }: Surroundings,
): Promise<ReadonlySet<DocumentUri>> {
  const found = new Set<DocumentUri>();
  for (const root of outermost(roots)) {
    for await (const uris of files.list(root)) for (const uri of uris) found.add(keyOf(uri));
  }
  for (const folder of folders) for (const uri of await files.listFolder(folder)) found.add(keyOf(uri));
  for (const key of settings) found.add(key);
  return found;
}

/** Whether a file holds the settings of a repository, which are those of every text below it. */
export const isSettings = (key: string): boolean => key.endsWith("/.portolan.yaml");

/** Whether a settings file holds for a text, or for a folder. */
export const isSettingsAbove = (key: DocumentUri, other: string): boolean =>
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
