import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { emptyMap, type SharedMap } from "../../src/core/workspace/shared-map.ts";

/** Few keys that meet often, and any others. */
const key = fc.oneof(fc.constantFrom("a", "b", "c", "__proto__", "constructor", ""), fc.string({ maxLength: 3 }));
const change = fc.tuple(key, fc.oneof({ arbitrary: fc.nat(9), weight: 3 }, fc.constant(undefined)));
const batches = fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 12 });

test("every version of a shared map is the Map of its history", () => {
  fc.assert(
    fc.property(batches, (history) => {
      const versions: { readonly shared: SharedMap<string, number>; readonly plain: ReadonlyMap<string, number> }[] = [
        { shared: emptyMap(), plain: new Map() },
      ];
      for (const batch of history) {
        const { shared, plain } = versions.at(-1) ?? { shared: emptyMap<string, number>(), plain: new Map() };
        const next = new Map(plain);
        for (const [name, value] of batch) {
          if (value === undefined) next.delete(name);
          else next.set(name, value);
        }
        versions.push({ shared: shared.with(batch), plain: next });
      }
      // Earlier versions are looked at last: later ones share their parts and must not have touched them.
      for (const { shared, plain } of versions.reverse()) {
        assert.equal(shared.size, plain.size);
        assert.deepEqual(new Map(shared.entries()), plain);
        for (const name of [...plain.keys(), "a", "b", "never"]) assert.equal(shared.get(name), plain.get(name));
      }
    }),
    { seed: 4, numRuns: 500 },
  );
});
