// @ts-check
/** How much memory a document takes once it has been read, and once it has been checked. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ScriptError } from "../lib/process.mjs";
import { root } from "../lib/repository.mjs";
import { bundleCore } from "./bundle-core.mjs";
import { writeWorkspace } from "./workspace.mjs";

/**
 * @typedef {object} Memory
 * @property {number} documents
 * @property {number} textBytes of one document, as it stands in its file
 * @property {number} readBytes of heap for one document, its text included
 * @property {number} checkedBytes of heap for one document, with every answer that checking left behind
 */

/**
 * Reads and checks a workspace in a process of its own, and counts its heap after full collections.
 * @param {string} folder for the workspace and the core, not there yet
 * @param {number} documents
 * @returns {Promise<Memory>}
 */
export async function measureMemory(folder, documents) {
  const workspace = join(folder, "workspace");
  writeWorkspace(workspace, documents);
  const core = join(folder, "core.cjs");
  await bundleCore(CORE, core);
  const probe = join(root, "scripts", "bench", "memory-probe.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", probe, core, workspace], {
    encoding: "utf8",
  });
  if (status !== 0) throw new ScriptError(`the memory probe failed\n${stderr}`);
  const { text, read, checked } = JSON.parse(stdout);
  return { documents, textBytes: text / documents, readBytes: read / documents, checkedBytes: checked / documents };
}

/** What the probe needs of the core. */
const CORE = `
export { createCluster } from "./cluster/cluster.ts";
export { checkFile } from "./rules/run.ts";
export { defaultSettings } from "./settings/settings.ts";
export { WorkspaceStore } from "./workspace/store.ts";
`;
