// @ts-check
/** How long the rules of many Services take to write, to read and to walk, beside the tool that loads them. */

import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { ScriptError } from "../lib/process.mjs";
import { root } from "../lib/repository.mjs";
import { bundleCore } from "./bundle-core.mjs";

/**
 * @typedef {object} Times
 * @property {number} first milliseconds
 * @property {number} again milliseconds, a median
 */

/** @typedef {Times & { heap: number, peak: number }} Generation bytes of heap for the rules, and of memory at most */

/**
 * @typedef {object} Rules
 * @property {number} services
 * @property {Readonly<Record<string, Generation>>} generation by mode
 * @property {number} growth milliseconds for a Service among all over one among a tenth of them
 * @property {Readonly<Record<string, Times>>} walk one packet, by mode
 * @property {{ first: number, bytes: number }} print as iptables-save does
 * @property {readonly { tool: string, seconds: number | undefined }[]} restore of that text; `undefined` where it cannot be
 * @property {Times} read of that text
 * @property {Times} request through what was read
 */

const modes = ["iptables", "nftables", "ipvs", "userspace"];

/** Seconds after which a tool has had its time. */
const PATIENCE = 120;

/**
 * Measures each thing in a process of its own.
 * @param {string} folder for the core and the text, not there yet
 * @param {number} services
 * @returns {Promise<Rules>}
 */
export async function measureRules(folder, services) {
  mkdirSync(folder, { recursive: true });
  const core = join(folder, "core.cjs");
  await bundleCore(CORE, core);
  const text = join(folder, "node.iptables");
  const ask = (/** @type {string} */ task, count = services) => probe(core, task, count, text);
  const generation = Object.fromEntries(modes.map((mode) => [mode, ask(`generate:${mode}`)]));
  const tenth = ask("generate:iptables", services / 10);
  return {
    services,
    generation,
    growth: (generation["iptables"]?.again ?? 0) / (10 * tenth.again),
    walk: Object.fromEntries(modes.map((mode) => [mode, ask(`walk:${mode}`)])),
    print: ask("print"),
    restore: ["iptables-nft-restore", "iptables-legacy-restore"].map((tool) => ({
      tool,
      seconds: restore(tool, text),
    })),
    read: ask("read"),
    request: ask("request"),
  };
}

/**
 * @param {string} core
 * @param {string} task
 * @param {number} services
 * @param {string} file
 */
function probe(core, task, services, file) {
  const script = join(root, "scripts", "bench", "rules-probe.mjs");
  const args = ["--expose-gc", script, core, task, String(services), file];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new ScriptError(`the probe of rules failed at ${task}\n${stderr}`);
  return JSON.parse(stdout);
}

/**
 * The seconds in which a tool loads a text into a network namespace of its own, where nothing else is.
 * @param {string} tool
 * @param {string} file
 * @returns {number | undefined}
 */
function restore(tool, file) {
  const input = openSync(file, "r");
  try {
    const start = performance.now();
    const { status } = spawnSync("unshare", ["--net", tool], {
      stdio: [input, "ignore", "ignore"],
      timeout: PATIENCE * 1000,
      killSignal: "SIGKILL",
    });
    return status === 0 ? (performance.now() - start) / 1000 : undefined;
  } finally {
    closeSync(input);
  }
}

/** What the probe needs of the core. */
const CORE = `
export { createCluster } from "./cluster/cluster.ts";
export { printSave } from "./cluster/iptables/print-save.ts";
export { joinLines } from "./cluster/netfilter/printed-line.ts";
export { readRules } from "./cluster/iptables/reading/read-rules.ts";
export { kubeadmConfig } from "./cluster/kube-proxy/proxy-input.ts";
export { walkFilter } from "./cluster/packet-filter.ts";
export { simulateThroughRules } from "./cluster/node-rules/simulation/simulate-rules.ts";
export { generateFilter } from "./cluster/proxy.ts";
export { parseRequest } from "./cluster/simulation/parse-request.ts";
export { requestTo } from "./cluster/simulation/request.ts";
export { rulesTracePage } from "./features/node-rules/rules-trace-page.ts";
export { defaultSettings } from "./settings/settings.ts";
export { WorkspaceStore } from "./workspace/store.ts";
`;
