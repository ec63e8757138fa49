import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { render } from "../../src/core/base/message.ts";
import type { Report } from "../../src/core/rules/run.ts";
import { applyFix, type Checked, check } from "../harness/check.ts";
import type { Fixture } from "../harness/fixture.ts";
import { workspace } from "./workspaces.ts";

test("every fix of any workspace removes its finding, and leaves all texts as readable as they were", () => {
  const tried = new Set<string>();
  fc.assert(
    fc.property(workspace, (files) => {
      const fixture: Fixture = {
        description: [],
        files: files.map(({ path, text }) => ({ path, text, flags: [], marks: [] })),
      };
      const before = check(fixture);
      for (const report of before.reports) {
        for (const fix of report.fixes) {
          const after = check(applyFix(fixture, fix).whole);
          const said = `${report.rule}: ${render(report.message)}: ${render(fix.title)}`;
          assert.equal(after.problemCount, before.problemCount, said);
          assert.equal(countObjects(after), countObjects(before), said);
          assert.ok(findingsLike(report, after) < findingsLike(report, before), said);
          tried.add(`${report.rule}: ${fix.title.template}`);
        }
      }
    }),
    { seed: 6, numRuns: 300 },
  );
  assert.ok(tried.size >= 12, [...tried].join("\n"));
});

const countObjects = ({ cluster }: Checked): number =>
  [...cluster.snapshot.files.entries()].reduce((sum, [, file]) => sum + file.manifests.length, 0);

/** How many findings say the same as a report about objects of the same name. */
const findingsLike = ({ rule, object, message }: Report, { reports }: Checked): number =>
  reports.filter(
    (report) =>
      report.rule === rule &&
      report.object?.range.uri === object?.range.uri &&
      report.object?.document === object?.document &&
      render(report.message) === render(message),
  ).length;
