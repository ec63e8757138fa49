// @ts-check
/**
 * Bundles what ships into `dist/`: the extension's client, the language server and the command line.
 *
 *     node scripts/build.mjs [--watch]
 */

import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build, context } from "esbuild";
import { runScript } from "./lib/process.mjs";
import { root } from "./lib/repository.mjs";

const bundles = /** @type {const} */ ([
  { entry: "client/src/main-node.ts", file: "dist/client.cjs", external: ["vscode"] },
  { entry: "server/src/lsp/main-node.ts", file: "dist/server.cjs", external: [] },
  { entry: "server/src/cli/main.ts", file: "dist/cli.cjs", external: [], program: true },
]);

await runScript(async () => {
  const { values } = parseArgs({ options: { watch: { type: "boolean", default: false } } });
  if (values.watch) {
    for (const bundle of bundles) await (await context(options(bundle))).watch();
    console.log("watching for changes; Ctrl+C ends it");
    return;
  }
  await Promise.all(bundles.map((bundle) => build(options(bundle))));
  for (const { file } of bundles) console.log(`${file.padEnd(16)} ${kilobytes(file).padStart(8)}`);
});

/**
 * @param {(typeof bundles)[number]} bundle
 * @returns {import("esbuild").BuildOptions}
 */
function options(bundle) {
  const isProgram = "program" in bundle;
  return {
    absWorkingDir: root,
    entryPoints: [bundle.entry],
    outfile: bundle.file,
    external: [...bundle.external],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minify: true,
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "warning",
    ...(isProgram ? { banner: { js: "#!/usr/bin/env node" }, plugins: [executableBit(bundle.file)] } : {}),
  };
}

/**
 * @param {string} file
 * @returns {import("esbuild").Plugin}
 */
function executableBit(file) {
  return {
    name: "executable-bit",
    setup(builder) {
      builder.onEnd(({ errors }) => {
        if (errors.length === 0) chmodSync(join(root, file), 0o755);
      });
    },
  };
}

/** @param {string} file */
function kilobytes(file) {
  return `${Math.ceil(statSync(join(root, file)).size / 1000)} kB`;
}
