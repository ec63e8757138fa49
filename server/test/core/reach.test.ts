import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { resolveService } from "../../src/core/cluster/resolve.ts";
import { defaultProfile } from "../../src/core/settings/profile.ts";
import { storeOf } from "../harness/workspace.ts";

const word = fc.constantFrom("web", "website", "wbesite", "web-site", "api", "cart-1", "crat-1", "cart-2");
const labels = fc.dictionary(fc.constantFrom("app", "tier", "rel", "example.com/app"), word, {
  minKeys: 1,
  maxKeys: 3,
});

const yamlMap = (map: Readonly<Record<string, string>>): string =>
  `{ ${Object.entries(map)
    .map(([key, value]) => `${key}: ${value}`)
    .join(", ")} }`;

const pod = (name: string, map: Readonly<Record<string, string>>): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  labels: ${yamlMap(map)}\n`;

/** What a Service misses in a folder that holds some pods. */
function missedIn(name: string, selector: Readonly<Record<string, string>>, pods: readonly string[]): unknown {
  const service = `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  selector: ${yamlMap(selector)}\n`;
  const { snapshot } = storeOf([{ path: "/shop/all.yaml", text: [service, ...pods].join("---\n") }]);
  const [manifest] = snapshot.index.servicesByName.get(name) ?? [];
  assert.ok(manifest);
  const [resolution] = resolveService(snapshot, defaultProfile, manifest);
  const nearMiss = resolution?.reach?.nearMiss;
  return { found: resolution?.reach?.found.length, because: nearMiss?.because, meant: nearMiss?.workload.name.value };
}

/** Pods that have nothing in common with any of the above, but make their folder a large one. */
const crowd = Array.from({ length: 90 }, (_, index) => pod(`bystander-${index}`, { crowd: `member-${index}` }));

test("in a crowd the same workload is missed as without it", () => {
  fc.assert(
    fc.property(word, labels, fc.array(fc.tuple(word, labels), { maxLength: 4 }), (name, selector, others) => {
      const pods = others.map(([podName, map]) => pod(podName, map));
      assert.deepEqual(missedIn(name, selector, [...pods, ...crowd]), missedIn(name, selector, pods));
    }),
    { seed: 5, numRuns: 100 },
  );
});
