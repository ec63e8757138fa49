// @ts-check
/**
 * The editor ring: runs `client/test/suite` inside the extension host of a real VS Code, with a copy of the example
 * workspace open.
 *
 *     node scripts/test-editor.mjs [--no-build]
 *
 * Which VS Code: the executable that `PORTOLAN_VSCODE` names (`stand-in` names the browser-hosted one), else one that
 * is downloaded, else the browser-hosted one. Where none can be had the ring is skipped, or fails if
 * `PORTOLAN_REQUIRE_RINGS` is 1.
 */

import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runTests, TestRunFailedError } from "@vscode/test-electron";
import { build } from "esbuild";
import { filesBelow } from "./lib/files.mjs";
import { temporaryFolder } from "./lib/lifetime.mjs";
import { runOrFail, runScript, ScriptError } from "./lib/process.mjs";
import { root } from "./lib/repository.mjs";
import { reportRing, ringsAreRequired } from "./lib/ring-report.mjs";
import { findEditor } from "./vscode-host/editor.mjs";
import { createProfile } from "./vscode-host/server.mjs";
import { calmSettings } from "./vscode-host/settings.mjs";

const suiteFolder = join(root, "out", "editor-suite");

await runScript(async () => {
  const { values } = parseArgs({
    options: { build: { type: "boolean", default: true } },
    allowNegative: true,
  });
  const editor = await editorOrReason();
  if (typeof editor === "string") return skip(editor);
  console.log(`editor: ${editor.description}`);

  if (values.build) await runOrFail(process.execPath, ["scripts/build.mjs"]);
  await bundleSuite();
  const folder = temporaryFolder("editor-ring");
  const workspace = join(folder, "harbour");
  cpSync(join(root, "examples", "harbour"), workspace, { recursive: true });
  const profile = createProfile(folder, calmSettings);
  const report = join(folder, "report.json");

  const code = await runIn(editor, {
    extensionDevelopmentPath: root,
    extensionTestsPath: join(suiteFolder, "index.cjs"),
    extensionTestsEnv: { PORTOLAN_EDITOR_REPORT: report },
    launchArgs: [workspace, `--user-data-dir=${profile.userData}`, `--extensions-dir=${profile.extensions}`],
  });
  if (!existsSync(report)) throw new ScriptError(`the suite did not run (exit code ${code})`);
  print(JSON.parse(readFileSync(report, "utf8")));
  return code;
});

/** @returns {Promise<import("./vscode-host/editor.mjs").Editor | string>} the reason where there is no editor */
async function editorOrReason() {
  try {
    return await findEditor();
  } catch (error) {
    if (error instanceof ScriptError) return error.message;
    throw error;
  }
}

/** @param {string} reason */
function skip(reason) {
  console.log(`editor ring skipped: ${reason}`);
  reportRing({ passed: 0, failed: 0, skipped: 1, reason });
  return ringsAreRequired() ? 1 : 0;
}

/** One CommonJS file per module of the suite: the form that every extension host takes. */
async function bundleSuite() {
  rmSync(suiteFolder, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: filesBelow("client/test/suite", ".ts").filter((path) => /\/(index|[\w-]+\.test)\.ts$/.test(path)),
    outdir: suiteFolder,
    outExtension: { ".js": ".cjs" },
    external: ["vscode", "mocha"],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    sourcemap: "linked",
    logLevel: "warning",
  });
}

/**
 * @param {import("./vscode-host/editor.mjs").Editor} editor
 * @param {import("@vscode/test-electron").TestOptions & { launchArgs: string[] }} options
 * @returns {Promise<number>} the editor's exit code
 */
async function runIn(editor, options) {
  try {
    return await runTests({
      ...options,
      vscodeExecutablePath: editor.executable,
      launchArgs: [...editor.leadingArguments, ...options.launchArgs],
    });
  } catch (error) {
    if (error instanceof TestRunFailedError) return error.code ?? 1;
    throw error;
  }
}

/**
 * @typedef {object} MochaTest
 * @property {string} title
 * @property {string} fullTitle
 * @property {number} [duration] milliseconds
 * @property {{ stack?: string, message?: string }} err
 */

/** @param {{ passes: MochaTest[], failures: MochaTest[], pending: MochaTest[], tests: MochaTest[] }} report */
function print({ passes, failures, pending, tests }) {
  const passed = new Set(passes.map((test) => test.fullTitle));
  for (const test of tests) {
    console.log(`  ${passed.has(test.fullTitle) ? "✔" : "✖"} ${test.fullTitle} (${test.duration ?? 0} ms)`);
  }
  for (const { fullTitle, err } of failures) console.log(`\n✖ ${fullTitle}\n${err.stack ?? err.message}`);
  for (const { fullTitle } of pending) console.log(`  - ${fullTitle} (skipped)`);
  reportRing({ passed: passes.length, failed: failures.length, skipped: pending.length });
}
