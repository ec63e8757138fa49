// @ts-check
/** How a ring of tests tells `npm test` what came of it: a small JSON file. */

import { writeFileSync } from "node:fs";

/** The environment variable that names the file. */
export const reportVariable = "PORTOLAN_RING_REPORT";

/**
 * @typedef {object} RingReport
 * @property {number} passed tests
 * @property {number} failed tests
 * @property {number} skipped tests
 * @property {string} [reason] why tests were skipped: the first reason that was given
 * @property {Record<string, number>} [tally] what else was counted, by what it is called in the summary
 */

/**
 * Writes a report, where somebody waits for one.
 * @param {RingReport} report
 */
export function reportRing(report) {
  const file = process.env[reportVariable];
  if (file !== undefined) writeFileSync(file, JSON.stringify(report));
}

/** Whether rings that cannot run here are to fail instead of being skipped. */
export const ringsAreRequired = () => process.env["PORTOLAN_REQUIRE_RINGS"] === "1";

/**
 * What a test has counted. It says so with `context.diagnostic("tally {…}")`.
 * @param {string} message any diagnostic of a test
 * @returns {Record<string, number> | undefined}
 */
export function readTally(message) {
  const [, json] = /^tally (\{.*\})$/.exec(message) ?? [];
  return json === undefined ? undefined : JSON.parse(json);
}
