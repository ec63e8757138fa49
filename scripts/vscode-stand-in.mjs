#!/usr/bin/env node
// @ts-check
/**
 * Behaves like the executable of VS Code, as far as `@vscode/test-electron` uses it, on a machine that has no VS Code
 * and cannot download it: the suite runs in the browser-hosted VS Code, in the genuine extension host.
 *
 *     vscode-stand-in.mjs [folder | file.code-workspace] --extensionTestsPath=… --extensionDevelopmentPath=…
 *
 * Every option that it does not know is ignored, as many of them concern the Electron shell alone.
 */

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { temporaryFolder } from "./lib/lifetime.mjs";
import { runScript, ScriptError } from "./lib/process.mjs";
import { installHost } from "./vscode-host/install.mjs";
import { createProfile, runCommandLine } from "./vscode-host/server.mjs";
import { calmSettings } from "./vscode-host/settings.mjs";
import { runSuite } from "./vscode-host/suite.mjs";

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: "string", multiple: true },
    extensionTestsPath: { type: "string" },
    "user-data-dir": { type: "string" },
    "extensions-dir": { type: "string" },
    "disable-extensions": { type: "boolean" },
    "install-extension": { type: "string" },
    "list-extensions": { type: "boolean" },
    version: { type: "boolean" },
  },
});

// The program that started this one may be killed without a word; then nobody waits for the tests any more.
const starter = process.ppid;
setInterval(() => process.ppid !== starter && process.exit(1), 1000).unref();

await runScript(async () => {
  const host = await installHost();
  const profile = profileOfThisRun();
  if (values["install-extension"] ?? values["list-extensions"] ?? values["version"]) {
    const { code, output } = await runCommandLine(host, profile, process.argv.slice(2));
    process.stdout.write(output);
    return code;
  }
  const testsPath = values["extensionTestsPath"];
  if (typeof testsPath !== "string") throw new ScriptError("--extensionTestsPath is missing: nothing to run");
  const workspace = positionals[0];
  return runSuite(host, profile, {
    workspace: workspace === undefined ? undefined : resolve(workspace),
    developmentPaths: (values["extensionDevelopmentPath"] ?? []).map((path) => resolve(String(path))),
    testsPath: resolve(testsPath),
    disableExtensions: values["disable-extensions"] === true,
  });
});

/** The folders that the caller names, else new ones. */
function profileOfThisRun() {
  const fresh = createProfile(temporaryFolder("editor"), calmSettings);
  const folder = (/** @type {unknown} */ value, /** @type {string} */ fallback) =>
    typeof value === "string" ? resolve(value) : fallback;
  return {
    folder: fresh.folder,
    userData: folder(values["user-data-dir"], fresh.userData),
    extensions: folder(values["extensions-dir"], fresh.extensions),
  };
}
