// @ts-check
/** Reads and checks a folder with a bundled core, and prints how much its heap has grown; started by `memory.mjs`. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [core = "", folder = ""] = process.argv.slice(2);
const { checkFile, createCluster, defaultSettings, WorkspaceStore } = await import(pathToFileURL(core).href);

const heap = () => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const start = heap();
let text = 0;
const store = new WorkspaceStore([folder]);
store.apply(
  paths.map((path) => {
    const content = readFileSync(path, "utf8");
    text += content.length;
    return [path, content];
  }),
);
const read = heap() - start;
const cluster = createCluster(store.snapshot, () => defaultSettings);
const reports = paths.map((path) => checkFile(cluster, path));
const checked = heap() - start;
// What is measured must be alive until now.
if (reports.length !== store.snapshot.files.size) throw new Error("some files were not read");
console.log(JSON.stringify({ text, read, checked }));
