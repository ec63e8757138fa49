// @ts-check
/**
 * A reporter for `node --test`: one line per test file, failures in full, and the totals in a ring report.
 */

import { relative } from "node:path";
import { inspect } from "node:util";
import { root } from "./repository.mjs";
import { readTally, reportRing } from "./ring-report.mjs";

/**
 * @typedef {object} FileResult
 * @property {string} file relative to the compiled tests
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} milliseconds
 */

/**
 * @param {AsyncIterable<import("node:test/reporters").TestEvent>} events
 * @returns {AsyncGenerator<string, void>}
 */
export default async function* reporter(events) {
  /** @type {import("./ring-report.mjs").RingReport} */
  const totals = { passed: 0, failed: 0, skipped: 0 };
  /** @type {FileResult | undefined} */
  let current;
  let file = "";
  for await (const event of events) {
    if (event.type === "test:stdout" || event.type === "test:stderr") yield event.data.message;
    // A test may be made by a helper in another file; its outermost suite stands in the file that runs.
    if (event.type === "test:start" && event.data.nesting === 0) file = nameOf(event.data.file ?? event.data.name);
    if (event.type === "test:diagnostic") addTally(totals, readTally(event.data.message));
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { data } = event;
    if (current?.file !== file) {
      if (current !== undefined) yield line(current);
      current = { file, passed: 0, failed: 0, skipped: 0, milliseconds: 0 };
    }
    if (data.nesting === 0) current.milliseconds += data.details.duration_ms;
    if (data.details.type === "suite" || isOnlyAboutSubtests(event)) continue;
    const outcome = event.type === "test:fail" ? "failed" : data.skip || data.todo ? "skipped" : "passed";
    current[outcome] += 1;
    totals[outcome] += 1;
    if (typeof data.skip === "string") totals.reason ??= data.skip;
    if (event.type === "test:fail") yield failure(event.data);
  }
  if (current !== undefined) yield line(current);
  reportRing(totals);
}

/**
 * @param {import("./ring-report.mjs").RingReport} totals
 * @param {Record<string, number> | undefined} tally
 */
function addTally(totals, tally) {
  if (tally === undefined) return;
  totals.tally ??= {};
  for (const [name, count] of Object.entries(tally)) totals.tally[name] = (totals.tally[name] ?? 0) + count;
}

/** @param {FileResult} result */
function line({ file, passed, failed, skipped, milliseconds }) {
  const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`].filter(Boolean);
  return `  ${failed > 0 ? "✖" : passed > 0 ? "✔" : "-"} ${file}: ${counts.join(", ")} (${Math.round(milliseconds)} ms)\n`;
}

/** @param {import("node:test").EventData.TestFail} data */
function failure({ name, file, line, column, details: { error } }) {
  const place = file === undefined ? "" : `\n  at ${relative(root, file)}:${line}:${column}`;
  const cause = error.cause ?? error;
  const text = cause instanceof Error && cause.stack !== undefined ? describe(cause) : inspect(cause);
  return `\n  ✖ ${name}${place}\n${text.replace(/^/gm, "    ")}\n\n`;
}

/**
 * An assertion's message already shows both sides; its stack leads to the line.
 * @param {Error} error
 */
function describe(error) {
  const message = `${error.name}: ${error.message}`;
  const frames = (error.stack ?? "").split("\n").filter((frame) => /^\s+at /.test(frame) && !frame.includes("node:"));
  return [message, ...frames].join("\n");
}

/**
 * A test that fails only because a test inside it does is not counted again.
 * @param {import("node:test/reporters").TestEvent} event
 */
function isOnlyAboutSubtests(event) {
  if (event.type !== "test:fail") return false;
  return "failureType" in event.data.details.error && event.data.details.error.failureType === "subtestsFailed";
}

/** @param {string} file */
function nameOf(file) {
  return relative(root, file)
    .replaceAll("\\", "/")
    .replace(/^(out\/)?server\/test\//, "")
    .replace(/\.test\.[jt]s$/, "");
}
