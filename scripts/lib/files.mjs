// @ts-check

import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./repository.mjs";

/**
 * The files below a folder of the repository, sorted; none where there is no such folder.
 * @param {string} folder relative to the root
 * @param {string} suffix
 * @returns {string[]} paths relative to the root, with `/`
 */
export function filesBelow(folder, suffix) {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}
