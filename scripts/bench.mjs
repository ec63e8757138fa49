// @ts-check
/**
 * Measures what the project promises about speed and memory, and prints a table. Ratios of one run say more than the
 * seconds of any machine.
 *
 *     npm run bench [-- check|keystrokes|memory|rules …] [--documents N] [--runs N] [--edits N] [--services N]
 *
 * All parts without a name. Results lie in `.bench/results.json`.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { measureColdCheck } from "./bench/cold-check.mjs";
import { measureKeystrokes } from "./bench/keystrokes.mjs";
import { measureMemory } from "./bench/memory.mjs";
import { measureRules } from "./bench/rules.mjs";
import { temporaryFolder } from "./lib/lifetime.mjs";
import { runOrFail, runScript, ScriptError } from "./lib/process.mjs";
import { root } from "./lib/repository.mjs";

const results = join(root, ".bench", "results.json");
const folder = temporaryFolder("bench");

/**
 * @typedef {object} Row
 * @property {string} what
 * @property {string} value
 * @property {string} [aim]
 */

/**
 * @typedef {object} Options
 * @property {number} documents
 * @property {number} runs
 * @property {number} edits
 * @property {number} services
 */

/** @typedef {{ measured: unknown, rows: Row[] }} Outcome */

/** @type {Readonly<Record<string, (options: Options) => Promise<Outcome>>>} */
const parts = { check, keystrokes, memory, rules };

await runScript(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      documents: { type: "string", default: "10000" },
      runs: { type: "string", default: "5" },
      edits: { type: "string", default: "300" },
      services: { type: "string", default: "10000" },
    },
  });
  const options = {
    documents: Number(values.documents),
    runs: Number(values.runs),
    edits: Number(values.edits),
    services: Number(values.services),
  };
  const unknown = positionals.find((name) => !(name in parts));
  if (unknown !== undefined)
    throw new ScriptError(`there is no part "${unknown}"; there are ${Object.keys(parts).join(", ")}`);
  await runOrFail(process.execPath, ["scripts/build.mjs"], { stdio: ["ignore", "ignore", "inherit"] });
  /** @type {Record<string, unknown>} */
  const measurements = {
    node: process.version,
    processor: cpus()[0]?.model,
    processors: cpus().length,
    date: new Date().toISOString(),
  };
  for (const [name, measure] of Object.entries(parts)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const { measured, rows } = await measure(options);
    measurements[name] = measured;
    for (const { what, value, aim } of rows)
      console.log(`${what.padEnd(64)}${value.padStart(12)}${aim ? `   aim: ${aim}` : ""}`);
  }
  mkdirSync(dirname(results), { recursive: true });
  writeFileSync(results, `${JSON.stringify(measurements, undefined, 2)}\n`);
});

/**
 * @param {Options} options
 * @returns {Promise<Outcome>}
 */
async function check({ documents, runs }) {
  const measured = measureColdCheck(join(folder, "check"), documents, runs);
  const of = `${count(documents)} documents of ${measured.workspace}`;
  return {
    measured,
    rows: [
      { what: `cold check, ${of}`, value: seconds(measured.checkSeconds) },
      { what: "the same files, yaml alone", value: seconds(measured.parseSeconds) },
      { what: "cold check over yaml alone", value: measured.ratio.toFixed(2), aim: "at most 1.3" },
    ],
  };
}

/**
 * @param {Options} options
 * @returns {Promise<Outcome>}
 */
async function keystrokes({ edits }) {
  const measured = [];
  for (const documents of [1_000, 10_000, 100_000]) {
    measured.push(await measureKeystrokes(join(folder, `keystrokes-${documents}`), documents, edits));
  }
  const rows = measured.flatMap((size) => {
    const of = `${count(size.documents)} documents`;
    return [
      { what: `keystroke to diagnostics, ${of}, median`, value: milliseconds(size.medianMilliseconds) },
      {
        what: `keystroke to diagnostics, ${of}, 95 of 100`,
        value: milliseconds(size.p95Milliseconds),
        aim: "below 10 ms",
      },
      { what: `a message with nothing to do, ${of}, 95 of 100`, value: milliseconds(size.p95EmptyMilliseconds) },
      { what: `reading and checking ${of}`, value: seconds(size.readSeconds) },
      ...(size.residentMegabytes === undefined
        ? []
        : [{ what: `the server's memory with ${of}`, value: `${Math.round(size.residentMegabytes)} MB` }]),
    ];
  });
  const growth = (measured.at(-1)?.medianMilliseconds ?? 0) / (measured[0]?.medianMilliseconds ?? 1);
  return {
    measured: { sizes: measured, growth },
    rows: [
      ...rows,
      {
        what: "a keystroke in the largest over one in the smallest workspace",
        value: growth.toFixed(2),
        aim: "at most 1.5",
      },
    ],
  };
}

/**
 * @param {Options} options
 * @returns {Promise<Outcome>}
 */
async function memory({ documents }) {
  const measured = await measureMemory(join(folder, "memory"), documents);
  return {
    measured,
    rows: [
      { what: `text of a document, of ${count(documents)}`, value: kilobytes(measured.textBytes) },
      { what: "heap for a document that has been read, with its text", value: kilobytes(measured.readBytes) },
      { what: "heap for a document that has been checked, with its text", value: kilobytes(measured.checkedBytes) },
    ],
  };
}

/**
 * @param {Options} options
 * @returns {Promise<Outcome>}
 */
async function rules({ services }) {
  const measured = await measureRules(join(folder, "rules"), services);
  const { generation, walk, print, restore, read, request } = measured;
  const of = `${count(services)} Services`;
  const own = ((generation["iptables"]?.first ?? 0) + print.first) / 1000;
  const ownRows = Object.entries(generation).flatMap(([mode, { first, peak }]) => [
    { what: `the rules of ${of} in ${mode} mode`, value: seconds(first / 1000) },
    { what: "memory of the process that wrote them, at most", value: `${Math.round(peak / 1024 / 1024)} MB` },
  ]);
  const toolRows = restore.flatMap(({ tool, seconds: taken }) => [
    { what: `${tool} of the same rules`, value: taken === undefined ? "not here" : seconds(taken) },
    ...(taken === undefined
      ? []
      : [{ what: `writing and printing over ${tool}`, value: (own / taken).toFixed(2), aim: "below 1" }]),
  ]);
  const walkRows = Object.entries(walk).flatMap(([mode, { first, again }]) => [
    { what: `the first packet through all rules in ${mode} mode`, value: milliseconds(first), aim: "below 5 ms" },
    { what: "another packet", value: milliseconds(again), aim: "below 5 ms" },
  ]);
  return {
    measured,
    rows: [
      ...ownRows,
      {
        what: `iptables rules of a Service among ${count(services)} over one among ${count(services / 10)}`,
        value: measured.growth.toFixed(2),
        aim: "at most 1.5",
      },
      { what: `printing them like iptables-save, ${megabytes(print.bytes)}`, value: seconds(print.first / 1000) },
      ...toolRows,
      ...walkRows,
      { what: "reading that iptables-save, the first time", value: seconds(read.first / 1000) },
      { what: "reading it again", value: seconds(read.again / 1000) },
      { what: "the first request through what was read", value: milliseconds(request.first), aim: "below 5 ms" },
      { what: "another request", value: milliseconds(request.again), aim: "below 5 ms" },
    ],
  };
}

/** @param {number} number of characters */
function megabytes(number) {
  return `${(number / 1024 / 1024).toFixed(1)} MB`;
}

/** @param {number} number */
function count(number) {
  return number.toLocaleString("en");
}

/** @param {number} number */
function seconds(number) {
  return `${number.toFixed(2)} s`;
}

/** @param {number} number */
function milliseconds(number) {
  return `${number.toFixed(2)} ms`;
}

/** @param {number} number of bytes */
function kilobytes(number) {
  return `${(number / 1024).toFixed(1)} kB`;
}
