import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Bag, exchange } from "../../src/core/workspace/bag.ts";

const nothing: ReadonlySet<number> = new Set();
const sorted = (bag: Bag<number>): readonly number[] => [...bag].sort((a, b) => a - b);

/** What goes, as places among what is there, and how many come. */
const steps = fc.array(fc.tuple(fc.array(fc.nat(), { maxLength: 8 }), fc.oneof(fc.nat(3), fc.nat(900))), {
  maxLength: 12,
});

test("every version of a bag holds what came and did not go, and stays what it is", () => {
  fc.assert(
    fc.property(steps, (history) => {
      const versions: { readonly bag: Bag<number>; readonly items: readonly number[] }[] = [{ bag: [], items: [] }];
      let next = 0;
      for (const [places, count] of history) {
        const { bag, items } = versions.at(-1) ?? { bag: [], items: [] };
        const gone = new Set(items.length === 0 ? [] : places.map((place) => items[place % items.length] ?? -1));
        const come = Array.from({ length: count }, () => next++);
        versions.push({ bag: exchange(bag, gone, come), items: [...items.filter((item) => !gone.has(item)), ...come] });
      }
      for (const { bag, items } of versions.reverse()) {
        assert.equal(bag.length, items.length);
        assert.deepEqual(sorted(bag), items);
      }
    }),
    { numRuns: 300 },
  );
});

test("what is not there cannot go", () => {
  const bag = exchange<number>([], nothing, [1, 2, 3]);
  assert.deepEqual(sorted(exchange(bag, new Set([4]), [])), [1, 2, 3]);
});
