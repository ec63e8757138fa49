// @ts-check
/**
 * Builds and packages the extension into `portolan-<version>.vsix`. Needs no network.
 *
 *     node scripts/package.mjs [--out file.vsix] [--no-build]
 */

import { statSync } from "node:fs";
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { runOrFail, runScript, ScriptError } from "./lib/process.mjs";
import { binary, root, vsixPath } from "./lib/repository.mjs";

/** What nobody should have to wait for while installing; the package is well below. */
const sizeLimit = 1_000_000;

await runScript(async () => {
  const { values } = parseArgs({
    options: { out: { type: "string", default: vsixPath }, build: { type: "boolean", default: true } },
    allowNegative: true,
  });
  if (values.build) await runOrFail(process.execPath, ["scripts/build.mjs"]);
  const quiet = ["ignore", "ignore", "inherit"];
  await runOrFail(
    binary("vsce"),
    ["package", "--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links", "--out", values.out],
    { stdio: /** @type {import("node:child_process").StdioOptions} */ (quiet) },
  );
  const { size } = statSync(values.out);
  if (size > sizeLimit) throw new ScriptError(`${values.out} has ${size} bytes, more than the limit of ${sizeLimit}`);
  console.log(`${relative(root, values.out)}  ${Math.ceil(size / 1000)} kB`);
});
