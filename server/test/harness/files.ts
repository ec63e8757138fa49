import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The root folder of this repository, seen from a compiled test. */
export const repository = fileURLToPath(new URL("../../../../", import.meta.url));

/** One file of the repository. */
export interface TextFile {
  /** Relative to the folder that was asked for, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** The files in a folder of the repository and below it, in order of name; none where there is no such folder. */
export function textFilesBelow(folder: string, suffix: RegExp): readonly TextFile[] {
  const start = join(repository, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && suffix.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ name: relative(start, path).replaceAll("\\", "/"), path, text: readFileSync(path, "utf8") }));
}
