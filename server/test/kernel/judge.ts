import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Findings } from "./probe.ts";

/**
 * Tells the summary of the ring what came of some rule sets, and fails the test where the kernel disagreed.
 * @param explain what else to say of a disagreement
 */
export function judge(context: TestContext, ruleSets: number, found: Findings, explain: readonly string[] = []): void {
  const { requests, disagreements } = found;
  const tally = { "rule sets": ruleSets, requests, disagreements: disagreements.length };
  context.diagnostic(`tally ${JSON.stringify(tally)}`);
  assert.ok(disagreements.length === 0, [...disagreements.slice(0, 20), ...explain].join("\n"));
}
