// @ts-check
/** The parts of the core that a probe measures, in one file that plain Node can import. */

import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../lib/repository.mjs";

/**
 * @param {string} exports statements that export what is wanted, with paths relative to the core
 * @param {string} outfile
 */
export async function bundleCore(exports, outfile) {
  await build({
    stdin: { contents: exports, resolveDir: join(root, "server", "src", "core") },
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "warning",
  });
}
