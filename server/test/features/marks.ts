import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import type { DocumentUri } from "../../src/core/base/source.ts";
import { type Analysis, analyze } from "../../src/core/features/analysis.ts";
import { textFilesBelow } from "../harness/files.ts";
import { type Fixture, type FixtureFile, type Mark, parseFixture, printFixture } from "../harness/fixture.ts";
import { clusterOf, storeOf, uriOf } from "../harness/workspace.ts";

/** What a feature answers in one file, where the marks of the file ask. */
export type Answer = (analysis: Analysis, uri: DocumentUri, asked: readonly Mark[]) => readonly Mark[];

/**
 * Tests that the marks of every fixture in a folder are a feature's answers, and no other ones.
 * With `UPDATE_FIXTURES=1` the marks are rewritten instead.
 */
export function testMarks(folder: string, answer: Answer): void {
  for (const { name, path, text } of textFilesBelow(folder, /\.yaml$/)) {
    test(name, () => {
      const fixture = parseFixture(text);
      const printed = printFixture(withAnswers(fixture, answer));
      if (process.env["UPDATE_FIXTURES"] === "1" && printed !== text) writeFileSync(path, printed);
      else assert.equal(printed, text);
    });
  }
}

function withAnswers(fixture: Fixture, answer: Answer): Fixture {
  const { snapshot } = storeOf(fixture.files);
  const analysis = analyze(snapshot, clusterOf(snapshot).settingsAt);
  const files = fixture.files.map(
    (file): FixtureFile => ({ ...file, marks: answer(analysis, uriOf(file.path), file.marks) }),
  );
  return { ...fixture, files };
}
