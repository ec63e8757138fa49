// @ts-check
/** Where this repository lies, and what its manifest says of itself. */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The absolute path of the repository's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The parts of `package.json` that the scripts use.
 * @type {{ readonly name: string, readonly publisher: string, readonly version: string }}
 */
export const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The file that `npm run package` writes. */
export const vsixPath = join(root, `${manifest.name}-${manifest.version}.vsix`);

/**
 * The path of a program that a development dependency brings along.
 * @param {string} name as in `node_modules/.bin`
 */
export const binary = (name) => join(root, "node_modules", ".bin", name);
