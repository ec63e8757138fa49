// @ts-check
/** An editor, as far as the language server sees one: it opens one file and types. */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-languageserver/node";
import { root } from "../lib/repository.mjs";

/**
 * @typedef {object} Editor
 * @property {string} text of the open file, as it is now
 * @property {(from: string, to: string) => Promise<number>} replace replaces the first occurrence of a text, and resolves
 *   to the milliseconds until the diagnostics of that version arrive
 * @property {() => Promise<number>} roundTrip the milliseconds until the server has refused a request that it does not know
 * @property {() => number | undefined} residentBytes of the server's process, where the system tells
 * @property {() => Promise<void>} close
 */

/** Milliseconds without diagnostics after which the server counts as idle. */
const QUIET = 2500;

/**
 * Starts the built server on a folder, opens a file of it, and waits until everything has been checked.
 * @param {string} folder
 * @param {string} file relative to the folder
 * @returns {Promise<Editor>}
 */
export async function openEditor(folder, file) {
  const server = spawn(process.execPath, ["--max-old-space-size=8192", join(root, "dist", "server.cjs"), "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const connection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  const uri = pathToFileURL(join(folder, file)).href;
  let text = readFileSync(join(folder, file), "utf8");
  let version = 1;
  let lastPublished = performance.now();
  /** @type {{ version: number, done: (at: number) => void } | undefined} */
  let waiting;
  connection.onNotification(
    "textDocument/publishDiagnostics",
    (/** @type {{ uri: string, version?: number }} */ params) => {
      lastPublished = performance.now();
      if (params.uri === uri && waiting && params.version === waiting.version) waiting.done(lastPublished);
    },
  );
  connection.onRequest(() => null);
  connection.listen();
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "bench" }],
    capabilities: { textDocument: { publishDiagnostics: { versionSupport: true } } },
  });
  await connection.sendNotification("initialized", {});
  await connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "yaml", version, text },
  });
  // An answer comes when the workspace has been read.
  await connection.sendRequest("textDocument/codeLens", { textDocument: { uri } });
  lastPublished = performance.now();
  while (performance.now() - lastPublished < QUIET) await setTimeout(QUIET / 10);

  return {
    get text() {
      return text;
    },
    async replace(from, to) {
      const offset = text.indexOf(from);
      const range = { start: positionAt(text, offset), end: positionAt(text, offset + from.length) };
      text = text.slice(0, offset) + to + text.slice(offset + from.length);
      version += 1;
      const arrived = new Promise((resolve) => {
        waiting = { version, done: resolve };
      });
      const start = performance.now();
      await connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, version },
        contentChanges: [{ range, text: to }],
      });
      return (await arrived) - start;
    },
    async roundTrip() {
      const start = performance.now();
      await connection.sendRequest("bench/nothing").catch(() => undefined);
      return performance.now() - start;
    },
    residentBytes() {
      try {
        const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
        return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
      } catch {
        return undefined;
      }
    },
    async close() {
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
      connection.dispose();
    },
  };
}

/**
 * @param {string} text
 * @param {number} offset
 */
function positionAt(text, offset) {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}
