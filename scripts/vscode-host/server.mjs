// @ts-check
/** Starts and stops the server of the browser-hosted VS Code, and runs its command line. */

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { atEnd } from "../lib/lifetime.mjs";
import { ScriptError } from "../lib/process.mjs";

const guardian = join(import.meta.dirname, "guardian.mjs");

/**
 * @typedef {object} Profile the folders that keep one run apart from every other
 * @property {string} folder for the server's own data and sockets
 * @property {string} userData `User/settings.json` lies in it
 * @property {string} extensions installed extensions
 */

/**
 * @typedef {object} RunningServer
 * @property {string} origin `http://127.0.0.1:<port>`
 * @property {number} port
 * @property {Promise<number>} exited the exit code; resolves whenever the server ends, for whatever reason
 * @property {() => Promise<void>} stop ends the server and everything that it started
 */

/**
 * A profile inside a folder of one's own, with these user settings.
 * Settings have to be there before the workbench loads: later edits of the file are not picked up.
 * @param {string} folder
 * @param {Readonly<Record<string, unknown>>} settings
 * @returns {Profile}
 */
export function createProfile(folder, settings) {
  const profile = { folder, userData: join(folder, "user"), extensions: join(folder, "extensions") };
  mkdirSync(join(profile.userData, "User"), { recursive: true });
  mkdirSync(profile.extensions, { recursive: true });
  writeFileSync(join(profile.userData, "User", "settings.json"), JSON.stringify(settings, undefined, 2));
  return profile;
}

/**
 * Starts the server on a free port of this machine and waits until it answers.
 * @param {import("./install.mjs").Host} host
 * @param {Profile} profile
 * @param {object} options
 * @param {boolean} [options.testDriver] runs test suites; the workbench then draws no notification toasts
 * @param {string} [options.token] a secret that every request has to carry; none by default
 * @param {string} [options.log] a level; what the server prints is shown with this option and hidden without
 * @returns {Promise<RunningServer>}
 */
export async function startServer(host, profile, options) {
  const port = await freePort();
  const child = spawn(
    host.node,
    [
      guardian,
      host.node,
      host.server,
      ...["--host", "127.0.0.1", "--port", String(port), "--accept-server-license-terms"],
      ...(options.token === undefined ? ["--without-connection-token"] : ["--connection-token", options.token]),
      ...profileArguments(profile),
      ...["--telemetry-level", "off", "--disable-workspace-trust"],
      ...(options.testDriver ? ["--enable-smoke-test-driver"] : []),
      ...["--log", options.log ?? "error"],
    ],
    // A process group of its own, so that the extension host and the language servers end with it; its standard input
    // is never written to: the guardian only watches whether this process still holds it.
    { detached: true, stdio: ["pipe", "pipe", "pipe"], env: environment(profile) },
  );
  const forget = atEnd(() => signalGroup(child, "SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output = (output + chunk.toString()).slice(-4000);
      if (options.log !== undefined) process.stderr.write(chunk);
    });
  }
  /** @type {Promise<number>} */
  const exited = new Promise((resolve) => {
    child.once("error", (error) => {
      output += String(error);
      resolve(1);
    });
    child.once("exit", (code) => resolve(code ?? 1));
  });

  const stop = async () => {
    signalGroup(child, "SIGTERM");
    const left = await Promise.race([exited.then(() => true), delay(3000, false, { ref: false })]);
    // Also after an orderly end: a grandchild may have ignored the first signal.
    if (!left) signalGroup(child, "SIGKILL");
    await exited;
    forget();
  };
  const server = { origin: `http://127.0.0.1:${port}`, port, exited, stop };
  if (await isReady(server, options.token)) return server;
  await stop();
  throw new ScriptError(`the browser-hosted VS Code did not start:\n${output.trim()}`);
}

/**
 * Runs VS Code's command line, for example `--install-extension x.vsix`.
 * @param {import("./install.mjs").Host} host
 * @param {Profile} profile
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runCommandLine(host, profile, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(host.node, [host.server, ...args, ...profileArguments(profile)], {
      stdio: ["ignore", "pipe", "pipe"],
      env: environment(profile),
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Installs a packaged extension into a profile; before its server starts.
 * @param {import("./install.mjs").Host} host
 * @param {Profile} profile
 * @param {string} vsix
 */
export async function installExtension(host, profile, vsix) {
  const { code, output } = await runCommandLine(host, profile, ["--install-extension", vsix]);
  if (code !== 0) throw new ScriptError(`${vsix} could not be installed:\n${output.trim()}`);
}

/** @param {Profile} profile */
const profileArguments = (profile) => [
  ...["--server-data-dir", join(profile.folder, "server"), "--user-data-dir", profile.userData],
  ...["--extensions-dir", profile.extensions],
];

/**
 * No extension gallery, hence no outside requests; sockets stay in the profile instead of the temporary folder.
 * @param {Profile} profile
 */
function environment(profile) {
  const sockets = join(profile.folder, "x");
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  return { ...process.env, EXTENSIONS_GALLERY: "{}", XDG_RUNTIME_DIR: sockets };
}

/**
 * @param {Pick<RunningServer, "origin" | "exited">} server
 * @param {string | undefined} token
 */
async function isReady(server, token) {
  let ended = false;
  void server.exited.then(() => {
    ended = true;
  });
  const address = `${server.origin}/version${token === undefined ? "" : `?tkn=${token}`}`;
  for (const deadline = Date.now() + 20_000; Date.now() < deadline && !ended; await delay(50)) {
    try {
      if ((await fetch(address)).ok) return true;
    } catch {
      // Not listening yet.
    }
  }
  return false;
}

/** @returns {Promise<number>} a port that nobody listens on at this moment */
function freePort() {
  return new Promise((resolve, reject) => {
    const socket = createServer();
    socket.once("error", reject);
    socket.listen(0, "127.0.0.1", () => {
      const address = socket.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      socket.close(() => resolve(port));
    });
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child a leader of its process group
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The whole group has already ended.
  }
}
