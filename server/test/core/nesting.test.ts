import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { documentUri } from "../../src/core/base/source.ts";
import { DEEPEST_FOR_PARSER } from "../../src/core/manifest/limits.ts";
import { mayNestDeeper } from "../../src/core/manifest/nesting.ts";
import { readTree } from "../../src/core/manifest/read-tree.ts";

/** Ways to nest so many levels in one document. */
const shapes = {
  "flow lists": (levels: number) => `a: ${"[".repeat(levels)}${"]".repeat(levels)}\n`,
  "flow lists that are never closed": (levels: number) => `a: ${"[".repeat(levels)}\n`,
  "flow maps": (levels: number) => `${"{a: ".repeat(levels)}${"}".repeat(levels)}\n`,
  "flow lists, each on a line": (levels: number) => `a: ${"[\n".repeat(levels)}`,
  "lists in lists": (levels: number) => `${"- ".repeat(levels)}a\n`,
  "keys of keys": (levels: number) => `${"? ".repeat(levels)}a\n`,
  "maps in maps": (levels: number) => Array.from({ length: levels }, (_, level) => `${" ".repeat(level)}a:\n`).join(""),
};

describe("nesting", () => {
  for (const [name, make] of Object.entries(shapes)) {
    test(`of ${name} is seen`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 2, max: 60 }), (levels) => {
          assert.equal(mayNestDeeper(make(levels), levels - 2), true);
        }),
      );
    });

    test(`of ${name} beyond the limit is a complaint`, () => {
      const { errors } = readTree(documentUri("file:///deep.yaml"), make(DEEPEST_FOR_PARSER + 2));
      assert.deepEqual(
        errors.map(({ code }) => code),
        ["RESOURCE_EXHAUSTION"],
      );
    });
  }

  test("is not what follows one after the other", () => {
    const siblings = `- a: [b, { c: d }]\n  e:\n    - f\n`.repeat(1000);
    assert.equal(mayNestDeeper(siblings, 6), false);
    assert.equal(mayNestDeeper(siblings, 1), true);
  });
});
