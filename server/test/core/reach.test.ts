import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import { matchSelector } from "../../src/core/cluster/labels.ts";
import { candidatesFor } from "../../src/core/cluster/matching.ts";
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

const deployment = (name: string, map: Readonly<Record<string, string>>): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec: { template: { metadata: { labels: ${JSON.stringify(map)} } } }\n`;

const rollout = (name: string): string =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: { name: ${name} }\nspec: { workloadRef: { kind: Deployment, name: web } }\n`;

const service = (name: string, selector: Readonly<Record<string, string>>): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { selector: ${JSON.stringify(selector)} }\n`;

const uncertain = fc.dictionary(
  fc.constantFrom("app", "tier", "${KEY}", "pod-template-hash"),
  fc.constantFrom("web", "api", "${APP}", "{{ app }}"),
  { maxKeys: 3 },
);

test("among the candidates is every workload that may match", () => {
  fc.assert(
    fc.property(fc.array(fc.option(uncertain), { minLength: 1, maxLength: 8 }), labels, (templates, selector) => {
      const texts = templates.map((map, index) => (map ? deployment(`d${index}`, map) : rollout(`r${index}`)));
      const { snapshot } = storeOf([
        { path: "/service.yaml", text: service("web", { ...selector, app: "web" }) },
        ...texts.map((text, index) => ({ path: `/${index % 3}/${index}.yaml`, text })),
      ]);
      const asked = snapshot.index.servicesByName.get("web")?.[0]?.selector;
      assert.ok(asked);
      const all = [...snapshot.files.entries()].flatMap(([, { manifests }]) => manifests);
      const workloads = all.filter((manifest) => manifest.type === "Workload");
      const expected = workloads.filter((workload) => matchSelector(asked, workload) !== "none");
      const { known, vague, vagueIn } = candidatesFor(snapshot, asked);
      const near = [...known, ...["file:///0", "file:///1", "file:///2"].map(vagueIn)].flatMap((list) => [...list]);
      const far = [...known, ...vague()].flatMap((list) => [...list]);
      for (const workload of expected) assert.ok(near.includes(workload) && far.includes(workload));
    }),
    { seed: 6, numRuns: 500 },
  );
});

/** The names of the workloads that the Service `web` meets. */
function metIn(files: readonly { readonly path: string; readonly text: string }[]): readonly string[] {
  const { snapshot } = storeOf(files);
  const [manifest] = snapshot.index.servicesByName.get("web") ?? [];
  assert.ok(manifest);
  return resolveService(snapshot, defaultProfile, manifest).flatMap(({ reach }) =>
    (reach?.found ?? []).map(({ workload }) => workload.name.value),
  );
}

describe("of workloads that placeholders let match", () => {
  const asking = { path: "/shop/web/service.yaml", text: service("web", { app: "web" }) };
  const templates = (folder: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      path: `${folder}/${String(index).padStart(4, "0")}.yaml`,
      text: deployment(`${folder.slice(1).replaceAll("/", "-")}-${index}`, { app: "${APP}" }),
    }));

  it("those of the nearest folder count", () => {
    assert.deepEqual(metIn([asking, ...templates("/a", 100), ...templates("/shop/pods", 2)]), [
      "shop-pods-0",
      "shop-pods-1",
    ]);
    assert.deepEqual(metIn([asking, ...templates("/shop", 100), ...templates("/shop/web", 1)]), ["shop-web-0"]);
  });

  it("beyond its own folder only the first ones count, for nobody can tell which it is", () => {
    const met = metIn([asking, ...templates("/z", 300), ...templates("/a", 300)]);
    assert.ok(met.length > 1 && met.length < 300);
    assert.deepEqual(
      met,
      met.map((_, index) => `a-${index}`),
    );
  });

  it("none counts that a label rules out", () => {
    assert.deepEqual(
      metIn([asking, { path: "/shop/x.yaml", text: deployment("x", { app: "api", tier: "${TIER}" }) }]),
      [],
    );
  });

  it("all count beside those that match for certain", () => {
    const certain = { path: "/shop/pods/c.yaml", text: deployment("c", { app: "web" }) };
    assert.deepEqual(metIn([asking, certain, ...templates("/shop/pods", 1)]), ["shop-pods-0", "c"]);
  });
});
