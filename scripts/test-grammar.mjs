// @ts-check
/**
 * The grammar ring: runs `vscode-tmgrammar-test` over `syntaxes/test/`. A file is a test if its first line says
 * `SYNTAX TEST`. Tests of scope `source.yaml` run on the YAML grammar of VS Code itself, with our injections.
 */

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { filesBelow } from "./lib/files.mjs";
import { temporaryFolder } from "./lib/lifetime.mjs";
import { runScript, ScriptError } from "./lib/process.mjs";
import { binary, root } from "./lib/repository.mjs";
import { reportRing } from "./lib/ring-report.mjs";
import { installHost } from "./vscode-host/install.mjs";

/**
 * @typedef {object} Grammar as an extension's manifest contributes it
 * @property {string} path
 * @property {string} scopeName
 * @property {string[]} [injectTo]
 */

await runScript(async () => {
  const tests = filesBelow("syntaxes/test", "").filter(isTest);
  const yaml = tests.some(isYaml) ? await yamlExtension() : { folder: undefined, reason: undefined };
  const runnable = tests.filter((test) => !isYaml(test) || yaml.folder !== undefined);
  const skipped = tests.length - runnable.length;
  if (skipped > 0) console.log(`  ${skipped} tests over YAML skipped: ${yaml.reason}`);

  const { passed, code } = runnable.length === 0 ? { passed: 0, code: 0 } : runTests(runnable, yaml.folder);
  const reason = tests.length === 0 ? "it has no tests yet" : yaml.reason;
  reportRing({ passed, failed: runnable.length - passed, skipped, ...(reason === undefined ? {} : { reason }) });
  return code;
});

/**
 * @param {readonly string[]} tests
 * @param {string | undefined} yamlFolder of VS Code's YAML extension
 */
function runTests(tests, yamlFolder) {
  const config = join(temporaryFolder("grammar"), "grammars.json");
  const grammars = [root, ...(yamlFolder === undefined ? [] : [yamlFolder])].flatMap((folder) =>
    contributedGrammars(folder).map((grammar) => ({
      ...grammar,
      path: relative(dirname(config), join(folder, grammar.path)),
    })),
  );
  writeFileSync(config, JSON.stringify({ contributes: { grammars } }));
  const { status, stdout, stderr } = spawnSync(binary("vscode-tmgrammar-test"), ["--config", config, ...tests], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  process.stdout.write(stdout.replace(/^(?=.)/gm, "  "));
  process.stderr.write(stderr);
  return { passed: stdout.match(/ run successful+y\.?$/gm)?.length ?? 0, code: status === 0 ? 0 : 1 };
}

/**
 * @param {string} folder of an extension
 * @returns {Grammar[]}
 */
function contributedGrammars(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).contributes?.grammars ?? [];
}

async function yamlExtension() {
  try {
    const { extensions } = await installHost();
    return { folder: join(extensions, "yaml"), reason: undefined };
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    return { folder: undefined, reason: error.message };
  }
}

/** @param {string} path */
function isTest(path) {
  return /SYNTAX TEST/.test(firstLine(path));
}

/** @param {string} path */
function isYaml(path) {
  return /SYNTAX TEST "source\.yaml/.test(firstLine(path));
}

/** @param {string} path */
function firstLine(path) {
  return readFileSync(join(root, path), "utf8").split("\n", 1)[0] ?? "";
}
