// @ts-check
/**
 * Installs the browser-hosted VS Code: the genuine workbench and extension host, from npm packages alone.
 *
 * It is fetched when it is first needed and kept under `node_modules/.cache`. It is no development dependency: it
 * weighs 800 MB, wants a Node of its own, and its install script refuses every other one.
 */

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ScriptError } from "../lib/process.mjs";
import { root } from "../lib/repository.mjs";

/** The release of code-server, which contains VS Code 1.139.1. */
export const hostVersion = "4.139.1";

/** The Node that this release of code-server runs on; its server leaves at once under another major version. */
const nodeVersion = "24.21.0";

const cache = join(root, "node_modules", ".cache", "vscode-host");

/**
 * @typedef {object} Host
 * @property {string} node the Node executable that runs the server
 * @property {string} server VS Code's server program
 * @property {string} extensions the folder of the extensions that are built into VS Code
 */

/**
 * The installed host; downloads it first where it is missing (about 20 seconds).
 * @returns {Promise<Host>}
 * @throws {ScriptError} where the packages cannot be had
 */
export async function installHost() {
  const folder = join(cache, hostVersion);
  const node = nodePackage();
  const marker = JSON.stringify({ "code-server": hostVersion, node: node?.spec ?? process.version });
  if (!isComplete(folder, marker)) await install(folder, marker);
  const vscode = join(folder, "node_modules", "code-server", "lib", "vscode");
  return {
    node: node === undefined ? process.execPath : join(folder, node.executable),
    server: join(vscode, "out", "server-main.js"),
    extensions: join(vscode, "extensions"),
  };
}

/**
 * Installs beside the final place and moves at the end, so that two runs at a time do not disturb each other and an
 * interrupted one leaves nothing that looks whole.
 * @param {string} folder
 * @param {string} marker
 */
async function install(folder, marker) {
  console.log(`Installing the browser-hosted VS Code (code-server ${hostVersion}) into ${folder} …`);
  mkdirSync(cache, { recursive: true });
  removeLeftovers();
  const partial = `${folder}.partial-${process.pid}`;
  mkdirSync(partial);
  try {
    writeFileSync(join(partial, "package.json"), '{ "private": true }\n');
    const node = nodePackage();
    await npm(partial, ["install", "--save-exact", `code-server@${hostVersion}`, ...(node ? [node.spec] : [])]);
    const vscode = join(partial, "node_modules", "code-server", "lib", "vscode");
    await npm(vscode, ["install", "--omit=dev"]);
    await npm(join(vscode, "extensions"), ["install", "--omit=dev"]);
    writeFileSync(join(partial, ".ok"), marker);
    if (!isComplete(folder, marker)) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(partial, folder);
    }
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {string} marker
 */
function isComplete(folder, marker) {
  const file = join(folder, ".ok");
  return existsSync(file) && readFileSync(file, "utf8") === marker;
}

/** Removes what runs that no longer live have left half-done. */
function removeLeftovers() {
  for (const name of readdirSync(cache)) {
    const owner = /\.partial-(\d+)$/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * The npm package that holds the wanted Node for this platform, and its executable below the host's folder.
 * `undefined` where the running Node will do.
 */
function nodePackage() {
  const major = (/** @type {string} */ version) => version.split(".")[0];
  if (major(process.versions.node) === major(nodeVersion)) return undefined;
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const executable = join("node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  return { spec: `${name}@${nodeVersion}`, executable };
}

/**
 * @param {string} folder
 * @param {readonly string[]} args
 */
async function npm(folder, args) {
  const all = [...args, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const child = spawn("npm", all, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  let output = "";
  const collect = (/** @type {Buffer} */ chunk) => {
    output += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code === 0) return;
  const node = nodePackage();
  const hint =
    node !== undefined && args.includes(node.spec) && /E404|ETARGET|EBADPLATFORM/.test(output)
      ? `there may be no ${node.spec} for this platform: run this script with Node ${nodeVersion.split(".")[0]} instead`
      : `\`npm ${args.join(" ")}\` failed`;
  throw new ScriptError(`the browser-hosted VS Code could not be installed: ${hint}\n${output.trim()}`);
}
