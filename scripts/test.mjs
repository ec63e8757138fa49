// @ts-check
/**
 * Builds everything and runs the rings of tests, from the innermost outwards.
 *
 *     npm test [-- ring …]        core protocol grammar bundle kernel editor; all without a name
 *
 * A ring that cannot run on this machine is skipped and says why; with `PORTOLAN_REQUIRE_RINGS=1` that is a failure.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { filesBelow } from "./lib/files.mjs";
import { temporaryFolder } from "./lib/lifetime.mjs";
import { runOrFail, runScript, runToEnd, ScriptError } from "./lib/process.mjs";
import { binary, root } from "./lib/repository.mjs";
import { reportVariable, ringsAreRequired } from "./lib/ring-report.mjs";

/**
 * @typedef {object} Ring
 * @property {string} name
 * @property {string} proves
 * @property {() => string[]} command a Node script with its arguments; empty where there is nothing to run
 */

/**
 * @typedef {object} Outcome
 * @property {Ring} ring
 * @property {"passed" | "failed" | "skipped"} status
 * @property {import("./lib/ring-report.mjs").RingReport} tests
 * @property {number} seconds
 */

const rings = /** @type {const} @satisfies {readonly Ring[]} */ ([
  {
    name: "core",
    proves: "what Kubernetes would make of a manifest, in memory",
    command: () => nodeTest((path) => !/^server\/test\/(protocol|bundle|kernel)\//.test(path)),
  },
  {
    name: "protocol",
    proves: "the language server as an editor talks to it",
    command: () => nodeTest((path) => path.startsWith("server/test/protocol/")),
  },
  { name: "grammar", proves: "highlighting", command: () => ["scripts/test-grammar.mjs"] },
  {
    name: "bundle",
    proves: "what ships is what was tested",
    command: () => nodeTest((path) => path.startsWith("server/test/bundle/")),
  },
  {
    name: "kernel",
    proves: "the packet filter of this machine agrees",
    // Silence takes its time: while one file waits, others can work.
    command: () => nodeTest((path) => path.startsWith("server/test/kernel/"), ["--test-concurrency=3"]),
  },
  { name: "editor", proves: "VS Code shows it", command: () => ["scripts/test-editor.mjs", "--no-build"] },
]);

const reports = temporaryFolder("test");

await runScript(async () => {
  const chosen = choose(process.argv.slice(2));
  await runOrFail(binary("tsc"), ["-b"]);
  await runOrFail(process.execPath, ["scripts/build.mjs"]);
  /** @type {Outcome[]} */
  const outcomes = [];
  for (const ring of chosen) {
    console.log(`\n── ${ring.name}: ${ring.proves}`);
    outcomes.push(await run(ring));
  }
  summarize(outcomes);
  const bad = ringsAreRequired() ? ["failed", "skipped"] : ["failed"];
  return outcomes.some(({ status }) => bad.includes(status)) ? 1 : 0;
});

/**
 * @param {readonly string[]} names
 * @returns {readonly Ring[]}
 */
function choose(names) {
  const unknown = names.find((name) => !rings.some((ring) => ring.name === name));
  if (unknown !== undefined) {
    throw new ScriptError(`no ring is called "${unknown}"; there are ${rings.map((ring) => ring.name).join(", ")}`);
  }
  return names.length === 0 ? rings : rings.filter((ring) => names.includes(ring.name));
}

/**
 * @param {Ring} ring
 * @returns {Promise<Outcome>}
 */
async function run(ring) {
  const command = ring.command();
  if (command.length === 0) {
    const tests = { passed: 0, failed: 0, skipped: 0, reason: "it has no tests yet" };
    return { ring, status: "skipped", tests, seconds: 0 };
  }
  const report = join(reports, `${ring.name}.json`);
  const start = performance.now();
  const code = await runToEnd(process.execPath, command, { env: { ...process.env, [reportVariable]: report } });
  const seconds = (performance.now() - start) / 1000;
  /** @type {import("./lib/ring-report.mjs").RingReport} */
  const tests = existsSync(report)
    ? JSON.parse(readFileSync(report, "utf8"))
    : { passed: 0, failed: 1, skipped: 0, reason: `it ended with exit code ${code} before any test` };
  const ranNothing = tests.passed === 0 && tests.failed === 0;
  return { ring, status: ranNothing ? "skipped" : code === 0 ? "passed" : "failed", tests, seconds };
}

/**
 * Node's own runner over the compiled form of the chosen test files.
 * The sources are listed, not `out/`, where a renamed test would live on.
 * @param {(path: string) => boolean} belongs
 * @param {readonly string[]} options of the runner
 * @returns {string[]}
 */
function nodeTest(belongs, options = []) {
  const files = filesBelow("server/test", ".test.ts")
    .filter(belongs)
    .map((path) => `out/${path.replace(/\.ts$/, ".js")}`);
  if (files.length === 0) return [];
  const reporter = pathToFileURL(join(root, "scripts", "lib", "test-reporter.mjs")).href;
  return [
    "--test",
    "--enable-source-maps",
    ...options,
    `--test-reporter=${reporter}`,
    "--test-reporter-destination=stdout",
    ...files,
  ];
}

/** @param {readonly Outcome[]} outcomes */
function summarize(outcomes) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  console.log(`\n${"ring".padEnd(10)}${"passed".padStart(8)}${"failed".padStart(8)}${"skipped".padStart(9)}    time`);
  for (const { ring, status, tests, seconds } of outcomes) {
    const counts = `${cell(tests.passed, 8)}${cell(tests.failed, 8)}${cell(tests.skipped, 9)}`;
    const time = `${seconds.toFixed(1)} s`.padStart(8);
    console.log(`${ring.name.padEnd(10)}${counts}${time}  ${status}${noteOn(ring, status, tests)}`);
    total.passed += tests.passed;
    total.failed += tests.failed;
    total.skipped += tests.skipped;
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
}

/**
 * What a ring has counted besides its tests, and the reason why it or some of its tests were skipped.
 * @param {Ring} ring
 * @param {Outcome["status"]} status
 * @param {import("./lib/ring-report.mjs").RingReport} tests
 */
function noteOn(ring, status, { skipped, reason, tally = {} }) {
  const counts = Object.entries(tally).map(([name, count]) => `${count.toLocaleString("en")} ${name}`);
  const counted = counts.length === 0 ? "" : `: ${counts.join(", ")}`;
  if (reason === undefined) return counted;
  const firstLine = reason.split("\n", 1)[0]?.replace(`${ring.name} ring skipped: `, "");
  return status === "skipped" || skipped === 0 ? `: ${firstLine}` : `${counted}; ${skipped} skipped: ${firstLine}`;
}

/**
 * @param {number} count
 * @param {number} width
 */
function cell(count, width) {
  return String(count).padStart(width);
}
