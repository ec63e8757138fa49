import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { documentUri } from "../../src/core/base/source.ts";
import { analyze } from "../../src/core/features/analysis.ts";
import { effectiveSettings } from "../../src/core/settings/effective-settings.ts";
import { parentOf } from "../../src/core/workspace/folders.ts";
import { type Folder, filesBelow, type Snapshot } from "../../src/core/workspace/snapshot.ts";
import { type Change, WorkspaceStore } from "../../src/core/workspace/store.ts";

/** Every folder of a snapshot, with what lies directly in it. */
const listed = (snapshot: Snapshot): unknown =>
  [...snapshot.folders.entries()]
    .map(([path, folder]) => [path, folder.path, [...folder.files].sort(), [...folder.children].sort()])
    .sort();

/** The same, told from the names of all files. */
function expected(files: Iterable<string>): unknown {
  const folders = new Map<string, { readonly files: string[]; readonly children: Set<string> }>();
  const at = (path: string) => {
    const known = folders.get(path) ?? { files: [], children: new Set<string>() };
    folders.set(path, known);
    return known;
  };
  for (const file of files) {
    let path = file.slice(0, file.lastIndexOf("/"));
    at(path).files.push(file);
    for (let above = parentOf(path); above !== undefined; above = parentOf(above)) {
      at(above).children.add(path);
      path = above;
    }
  }
  return [...folders].map(([path, { files, children }]) => [path, path, files.sort(), [...children].sort()]).sort();
}

const name = fc.constantFrom("a", "b", "a.yaml");
const file = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}/x.yaml`);
const change = fc.tuple(file, fc.constantFrom("a: 1\n", "a: 2\n", undefined));

test("after any changes the folders are those of the files that are there", () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 8 }), (batches) => {
      const store = new WorkspaceStore([""]);
      const files = new Set<string>();
      for (const batch of batches) {
        store.apply(batch.map(([path, text]): Change => [documentUri(path), text]));
        for (const [path, text] of batch) {
          if (text === undefined) files.delete(path);
          else files.add(path);
        }
        assert.deepEqual(listed(store.snapshot), expected(files));
        assert.deepEqual([...filesBelow(store.snapshot, "")].map(({ uri }) => uri).sort(), [...files].sort());
      }
    }),
    { seed: 9, numRuns: 300 },
  );
});

const service = "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web } }\n";

test("folders may be nested deeply", () => {
  const deep = documentUri(`${"/a".repeat(12_000)}/web.yaml`);
  const store = new WorkspaceStore([""]);
  store.apply([[deep, service]]);
  const { cluster, check } = analyze(store.snapshot, effectiveSettings(store.snapshot, []));
  assert.deepEqual(check(deep).defects, []);
  assert.equal(cluster.viewFrom(deep).services.length, 1);
  store.apply([[deep, undefined]]);
  assert.equal(store.snapshot.folders.size, 0);
});

test("folders may be many", () => {
  const { snapshot } = new WorkspaceStore([""]);
  const children = Array.from({ length: 130_000 }, (_, index) => `/${index}`);
  const get = (path: string): Folder | undefined => (path === "" ? { path, files: [], children } : undefined);
  assert.deepEqual([...filesBelow({ ...snapshot, folders: { ...snapshot.folders, get } }, "")], []);
});
