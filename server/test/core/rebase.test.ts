import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { documentUri } from "../../src/core/base/source.ts";
import { editBetween, mover, rebase } from "../../src/core/manifest/rebase.ts";

const uri = documentUri("file:///web.yaml");
const text = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 12 });

describe("an edit", () => {
  it("has the same text around it before and after, and none of it inside at both ends", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { start, oldEnd, newEnd } = editBetween(before, after);
        assert.ok(start <= oldEnd && start <= newEnd);
        assert.equal(before.slice(0, start), after.slice(0, start));
        assert.equal(before.slice(oldEnd), after.slice(newEnd));
        if (oldEnd > start && newEnd > start) {
          assert.notEqual(before[start], after[start]);
          assert.notEqual(before[oldEnd - 1], after[newEnd - 1]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("moves what stands around it to the same text, and keeps the order of all places", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edit = editBetween(before, after);
        const places = Array.from({ length: before.length + 1 }, (_, offset) => mover(edit)(offset));
        for (const [offset, place] of places.entries()) {
          assert.ok(place >= (places[offset - 1] ?? 0) && place <= after.length);
          const isInside = offset >= edit.start && offset < Math.max(edit.oldEnd, edit.start + 1);
          if (isInside) assert.ok(place >= edit.start && place <= edit.newEnd);
          else assert.equal(after[place], before[offset]);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("plain data", () => {
  it("has its ranges moved, at any depth, and nothing else", () => {
    const range = (start: number) => ({ uri, start, end: start + 2 });
    const data = { a: [range(1), 7, undefined, { range: range(3), start: 5 }], b: "x", c: { d: range(9), e: false } };
    const moved = {
      a: [range(11), 7, undefined, { range: range(13), start: 5 }],
      b: "x",
      c: { d: range(19), e: false },
    };
    assert.deepEqual(
      rebase(data, (offset) => offset + 10),
      moved,
    );
    assert.deepEqual(data.a[0], range(1));
  });
});
