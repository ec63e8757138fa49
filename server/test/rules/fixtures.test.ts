import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { render } from "../../src/core/base/message.ts";
import { rules } from "../../src/core/rules/index.ts";
import type { Report } from "../../src/core/rules/run.ts";
import { applyFix, check, isFinding, ruleOf } from "../harness/check.ts";
import { type TextFile, textFilesBelow } from "../harness/files.ts";
import { type Fixture, parseFixture, printFixture } from "../harness/fixture.ts";

const updates = process.env["UPDATE_FIXTURES"] === "1";
const files = textFilesBelow("test-fixtures/rules", /\.yaml$/);
const expected = files.filter(({ name }) => name.endsWith(".expected.yaml"));
const fixtures = files.filter((file) => !expected.includes(file));

describe("findings are where the marks are", () => {
  for (const { name, path, text } of fixtures) {
    test(name, () => {
      const printed = printFixture(check(parseFixture(text)).actual);
      if (updates && printed !== text) writeFileSync(path, printed);
      else assert.equal(printed, text);
    });
  }
});

describe("a fix removes its finding and breaks nothing", () => {
  for (const { name, path, text } of fixtures) {
    const fixture = parseFixture(text);
    const before = check(fixture);
    const fixes = before.reports.flatMap((report) => report.fixes.map((fix) => ({ report, fix })));
    if (fixes.length === 0) continue;
    test(name, () => {
      for (const { report, fix } of fixes) {
        const after = check(applyFix(fixture, fix).whole);
        const title = render(fix.title);
        assert.ok(count(after.reports, report) < count(before.reports, report), `${title}: the finding is still there`);
        assert.ok(after.problemCount <= before.problemCount, `${title}: the text cannot be read any more`);
      }
      const known = path.replace(/\.yaml$/, ".expected.yaml");
      if (!existsSync(known) && !/\/fix[^/]*$/.test(path)) return;
      const printed = printFixes(fixture, before.reports);
      if (updates) writeFileSync(known, printed);
      else assert.equal(printed, existsSync(known) ? readFileSync(known, "utf8") : "");
    });
  }
});

describe("every rule", () => {
  for (const { id } of rules) {
    const own = fixtures.filter(({ name }) => name.startsWith(`${id}/`));
    test(`${id} has a fixture with a finding`, () => {
      assert.ok(own.some((file) => findingsOf(file).includes(id)));
    });
    test(`${id} has a near miss without a finding`, () => {
      assert.ok(own.some((file) => !findingsOf(file).includes(id)));
    });
    test(`${id} has a fixture that shows its fixes, if it has any`, () => {
      const offersFixes = fixtures.some(({ text }) =>
        check(parseFixture(text)).reports.some(({ rule, fixes }) => rule === id && fixes.length > 0),
      );
      assert.equal(
        expected.some(({ name }) => name.startsWith(`${id}/`)),
        offersFixes,
      );
    });
  }

  test("has a folder of its own name", () => {
    const ids: readonly string[] = rules.map(({ id }) => id);
    assert.deepEqual(
      fixtures.filter(({ name }) => !ids.includes(name.split("/")[0] ?? "")).map(({ name }) => name),
      [],
    );
  });
});

const findingsOf = ({ text }: TextFile): readonly string[] =>
  parseFixture(text).files.flatMap(({ marks }) => marks.filter(isFinding).map(ruleOf));

const count = (reports: readonly Report[], { rule }: Report): number =>
  reports.filter((report) => report.rule === rule).length;

/** Every fix by its title, and the files as it leaves them. */
const printFixes = (fixture: Fixture, reports: readonly Report[]): string =>
  reports
    .flatMap(({ fixes }) => fixes)
    .map((fix) => `#= ${render(fix.title)}\n${printFixture(applyFix(fixture, fix).changed)}`)
    .join("");
