// @ts-check
/** How long a cold `portolan check` takes, beside the parser that it stands on. */

import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ScriptError } from "../lib/process.mjs";
import { root } from "../lib/repository.mjs";
import { median } from "./statistics.mjs";
import { writeWorkspace } from "./workspace.mjs";

/**
 * @typedef {object} ColdCheck
 * @property {number} documents
 * @property {string} workspace who wrote it
 * @property {number} runs
 * @property {number} checkSeconds the median
 * @property {number} parseSeconds the median
 * @property {number} ratio the median over pairs of runs, one right after the other
 */

/**
 * Runs `check` and the parser alone over the same files in turn, each as a whole process.
 * @param {string} folder for the workspace, not there yet
 * @param {number} documents
 * @param {number} runs
 * @returns {ColdCheck}
 */
export function measureColdCheck(folder, documents, runs) {
  const workspace = prepare(folder, documents);
  const check = [join(root, "dist", "cli.cjs"), "check", "--fail-on", "never", folder];
  const parse = [join(root, "scripts", "bench", "parse-only.mjs"), folder];
  const pairs = Array.from({ length: runs + 1 }, () => ({ check: secondsOf(check), parse: secondsOf(parse) }));
  // The first pair fills the caches of the file system.
  const measured = pairs.slice(1);
  return {
    documents,
    workspace,
    runs,
    checkSeconds: median(measured.map((pair) => pair.check)),
    parseSeconds: median(measured.map((pair) => pair.parse)),
    ratio: median(measured.map((pair) => pair.check / pair.parse)),
  };
}

/**
 * @param {string} folder
 * @param {number} documents
 */
function prepare(folder, documents) {
  const generator = join(root, "..", "shared", "corpus", "make-large-workspace.py");
  if (existsSync(generator)) {
    const { status } = spawnSync("python3", [generator, folder, "--docs", String(documents)], { stdio: "ignore" });
    if (status === 0) {
      // Its own list of mistakes is no manifest.
      rmSync(join(folder, "expected.json"), { force: true });
      return "make-large-workspace.py";
    }
    rmSync(folder, { recursive: true, force: true });
  }
  writeWorkspace(folder, documents);
  return "scripts/bench/workspace.mjs";
}

/** @param {readonly string[]} args */
function secondsOf(args) {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new ScriptError(`\`node ${args.join(" ")}\` ended with exit status ${status}`);
  return (performance.now() - start) / 1000;
}
