// @ts-check
/** How soon the editor shows what a keystroke changed, and whether that depends on how large the workspace is. */

import { setTimeout } from "node:timers/promises";
import { openEditor } from "./editor.mjs";
import { median, quantile } from "./statistics.mjs";
import { firstApp, writeWorkspace } from "./workspace.mjs";

/**
 * @typedef {object} Keystrokes
 * @property {number} documents
 * @property {number} edits
 * @property {number} medianMilliseconds
 * @property {number} p95Milliseconds
 * @property {number} p95EmptyMilliseconds of messages without any work behind them: how busy the machine was
 * @property {Readonly<Record<string, number>>} medianByPlace milliseconds for edits of labels, arguments and ports
 * @property {number} readSeconds until the workspace is read and checked
 * @property {number | undefined} residentMegabytes of the server
 */

/** Places in an app's file, and what is typed there and taken away again. */
const places = /** @type {const} */ ([
  {
    what: "label",
    from: "app.kubernetes.io/name: app-0\n        app",
    to: "app.kubernetes.io/name: app-0x\n        app",
  },
  { what: "argument", from: "--log-level=info", to: "--log-level=infos" },
  { what: "port", from: "- name: http\n              containerPort", to: "- name: https\n              containerPort" },
]);

/** Milliseconds between two keystrokes: a fast typist. */
const PAUSE = 30;

/**
 * Types in one open file: labels, arguments and ports in turn.
 * @param {string} folder for the workspace, not there yet
 * @param {number} documents
 * @param {number} edits
 * @returns {Promise<Keystrokes>}
 */
export async function measureKeystrokes(folder, documents, edits) {
  writeWorkspace(folder, documents);
  const start = performance.now();
  const editor = await openEditor(folder, firstApp);
  const readSeconds = (performance.now() - start) / 1000;
  try {
    /** @type {{ what: string, time: number }[]} */
    const timed = [];
    /** @type {number[]} */
    const empty = [];
    for (let edit = 0; timed.length < edits + WARM_UP; edit++) {
      const { what, from, to } = places[edit % places.length] ?? places[0];
      for (const [before, after] of [
        [from, to],
        [to, from],
      ]) {
        await setTimeout(PAUSE);
        timed.push({ what, time: await editor.replace(before ?? "", after ?? "") });
        await setTimeout(PAUSE);
        empty.push(await editor.roundTrip());
      }
    }
    const counted = timed.slice(WARM_UP);
    const measured = counted.map(({ time }) => time);
    const resident = editor.residentBytes();
    return {
      documents,
      edits: measured.length,
      medianMilliseconds: median(measured),
      p95Milliseconds: quantile(measured, 0.95),
      p95EmptyMilliseconds: quantile(empty, 0.95),
      medianByPlace: Object.fromEntries(places.map(({ what }) => [what, medianOf(counted, what)])),
      readSeconds,
      residentMegabytes: resident === undefined ? undefined : resident / 1024 / 1024,
    };
  } finally {
    await editor.close();
  }
}

/** Edits that are not counted: the first ones are compiled while they run. */
const WARM_UP = 60;

/**
 * @param {readonly { what: string, time: number }[]} timed
 * @param {string} place
 */
const medianOf = (timed, place) => median(timed.filter(({ what }) => what === place).map(({ time }) => time));
