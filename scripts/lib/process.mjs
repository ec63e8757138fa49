// @ts-check
/** Child processes that are waited for, and the one way a script of this repository ends. */

import { spawn } from "node:child_process";
import { root } from "./repository.mjs";

/** A failure that its message explains completely: printed as one line, without a stack. */
export class ScriptError extends Error {}

/**
 * Runs a program to its end, in the repository's root and with this terminal unless told otherwise.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 * @returns {Promise<number>} its exit code; 128 and the signal's number where a signal ended it
 */
export function runToEnd(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd: root, stdio: "inherit", shell: isBatchFile(command), ...options });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal === "SIGKILL" ? 9 : 15)));
  });
}

/**
 * Like {@link runToEnd}, for a program that has to succeed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 */
export async function runOrFail(command, args, options) {
  const code = await runToEnd(command, args, options);
  if (code !== 0) throw new ScriptError(`\`${command} ${args.join(" ")}\` ended with exit code ${code}`);
}

/**
 * Runs a script's main function and lets its outcome become the process's exit code: the number it returns, 0 for
 * nothing, 1 where it throws.
 * @param {() => Promise<number | void>} main
 */
export async function runScript(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    console.error(error instanceof ScriptError ? error.message : error);
    process.exitCode = 1;
  }
}

/**
 * On Windows npm's programs are batch files, which only a shell starts.
 * @param {string} command
 */
const isBatchFile = (command) => process.platform === "win32" && !command.endsWith(".exe");
