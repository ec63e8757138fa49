import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { render } from "../../src/core/base/message.ts";
import { isLoud, skipped } from "./corpus.ts";
import { type JudgedReport, judgeRepositories, type Recall, recallHistory, recallMutations } from "./measure.ts";

/** More alarms about sound Services than these, and nobody listens any more. */
const MOST_FALSE_ALARMS = 4;

describe("real repositories", { skip: skipped }, () => {
  test("hardly a sound Service is warned about, and none in a kustomization or a chart", () => {
    const alarms = judgeRepositories().judged.filter(({ report, isRight }) => isLoud(report) && !isRight);
    assert.ok(alarms.length <= MOST_FALSE_ALARMS, alarms.map(describeAlarm).join("\n"));
    assert.deepEqual(alarms.filter(({ label }) => label?.kind !== "plain").map(describeAlarm), []);
  });

  test("selectors that were once wrong would have been found", () => {
    const orphans = recallHistory().filter(({ group, expect }) => group === "bug" && expect === "orphan");
    assert.deepEqual(orphans.filter(isMissed), []);
  });

  test("nineteen of twenty injected faults are found, a kustomization's aside", () => {
    const faults = recallMutations().filter(({ group }) => group !== "kustomize");
    const missed = faults.filter(isMissed);
    assert.ok(faults.length > 100);
    assert.ok(missed.length * 20 <= faults.length, missed.map(({ id }) => id).join("\n"));
  });
});

const isMissed = ({ severity }: Recall): boolean => severity !== "error" && severity !== "warning";

const describeAlarm = ({ repo, place, report }: JudgedReport): string =>
  `${repo} ${place}: ${report.rule}: ${render(report.message)}`;
