// @ts-check
/**
 * Runs a program and ends it, with everything that it started, as soon as nobody holds the other end of the standard
 * input any more. So a server cannot outlive the script that started it, not even one that was killed outright.
 *
 *     guardian.mjs program [argument …]        started as the leader of a process group
 */

import { spawn } from "node:child_process";

const [command = "", ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
child.once("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
child.once("exit", (code) => process.exit(code ?? 1));

// The whole group gets these; the guardian leaves when its child has left.
process.on("SIGTERM", () => {});
process.on("SIGINT", () => {});

process.stdin.resume();
process.stdin.once("close", () => {
  signalGroup("SIGTERM");
  setTimeout(() => signalGroup("SIGKILL"), 3000);
});

/** @param {NodeJS.Signals} signal */
function signalGroup(signal) {
  if (process.platform === "win32") child.kill(signal);
  else process.kill(0, signal);
}
