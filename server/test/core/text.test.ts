import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { distance, findNearest, isPlaceholder } from "../../src/core/base/text.ts";

/** The definition: the cheapest way from one prefix to another, cell by cell. */
function alignment(a: string, b: string): number {
  const cost = (row: number, column: number): number => table[row]?.[column] ?? Number.POSITIVE_INFINITY;
  const table: number[][] = [];
  for (let row = 0; row <= a.length; row++) {
    const current: number[] = [];
    table.push(current);
    for (let column = 0; column <= b.length; column++) {
      const swaps = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const ways = [
        cost(row - 1, column) + 1,
        cost(row, column - 1) + 1,
        cost(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1),
        swaps ? cost(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      ];
      current.push(row === 0 && column === 0 ? 0 : Math.min(...ways));
    }
  }
  return cost(a.length, b.length);
}

describe("the distance of two words", () => {
  it("counts letters inserted, lost, replaced and swapped", () => {
    const distances = ["web", "wbe", "we", "weeb", "wxb", "bew", "api"].map((word) => distance("web", word, 3));
    assert.deepEqual(distances, [0, 1, 1, 1, 1, 2, 3]);
  });

  it("is that of its definition as far as its limit goes", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 9 });
    fc.assert(
      fc.property(word, word, fc.nat(5), (a, b, limit) => {
        assert.equal(distance(a, b, limit), Math.min(alignment(a, b), limit + 1));
      }),
      { numRuns: 5000 },
    );
  });

  it("can be told of words of any length", () => {
    const long = "x".repeat(500_000);
    assert.equal(distance(`${long}ab${long}`, `${long}ba${long}`, 2), 1);
    assert.equal(findNearest(`${long}a`, [`${long}bcd`, `${long}b`]), `${long}b`);
  });
});

describe("a placeholder", () => {
  it("is one of the common forms, and nothing that only resembles them", () => {
    for (const text of ["{{ .x }}", "${X}", "$(X)", "[[ x ]]", "@@X@@", "a-__X__", "%X%", "<your name>"]) {
      assert.ok(isPlaceholder(text), text);
    }
    for (const text of ["web", "__x", "100%", "a < b", "x@y", "$x", "[x]"]) assert.ok(!isPlaceholder(text), text);
  });
});
