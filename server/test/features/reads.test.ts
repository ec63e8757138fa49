import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DocumentUri } from "../../src/core/base/source.ts";
import { analyze } from "../../src/core/features/analysis.ts";
import type { ParsedFile } from "../../src/core/manifest/model.ts";
import { defaultSettings } from "../../src/core/settings/settings.ts";
import { createDependents } from "../../src/core/workspace/dependents.ts";
import { alteredReads, EVERYTHING, isOfText, recordReads } from "../../src/core/workspace/reads.ts";
import { labelKey } from "../../src/core/workspace/snapshot.ts";
import type { WorkspaceStore } from "../../src/core/workspace/store.ts";
import { storeOf, uriOf } from "../harness/workspace.ts";

const pod = (name: string, app: string, image = "a"): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, labels: { app: ${app} } }\nspec: { containers: [{ name: c, image: ${image} }] }\n`;

const store = (): WorkspaceStore =>
  storeOf([
    { path: "/a/web.yaml", text: pod("web", "web") },
    { path: "/a/api.yaml", text: pod("api", "api") },
    { path: "/b/db.yaml", text: pod("db", "db") },
  ]);

/** What one change alters. */
function alter(changed: WorkspaceStore, path: string, text: string | undefined): ReadonlySet<string> {
  const before = changed.snapshot;
  const changes = changed.apply([[uriOf(path), text]]);
  return alteredReads(before, changed.snapshot, changes);
}

describe("what a change alters", () => {
  test("is the text alone, where others cannot see it", () => {
    for (const text of [pod("web", "web", "another"), `# moved\n${pod("web", "web")}`]) {
      assert.ok([...alter(store(), "/a/web.yaml", text)].every(isOfText));
    }
  });

  test("are the old label and the new one, the folder, and whatever was made from everything", () => {
    const altered = alter(store(), "/a/web.yaml", pod("web", "wbe"));
    const asks = (key: string) => {
      const recorded = recordReads(store().snapshot);
      recorded.snapshot.index.workloadsByLabel.get(key);
      return [...recorded.take()].some((read) => altered.has(read));
    };
    assert.ok(asks(labelKey("app", "web")) && asks(labelKey("app", "wbe")));
    assert.ok(!asks(labelKey("app", "api")));
    assert.ok(altered.has(EVERYTHING));
  });

  test("is the list of a folder where a file comes or goes, and of those above where a folder does", () => {
    const reads = (path: string, read: "files" | "children") => {
      const recorded = recordReads(store().snapshot);
      recorded.snapshot.folders.get(`file://${path}`)?.[read];
      return recorded.take();
    };
    const meets = (altered: ReadonlySet<string>, read: ReadonlySet<string>) =>
      [...read].some((one) => altered.has(one));
    const added = alter(store(), "/a/new.yaml", pod("new", "new"));
    assert.ok(meets(added, reads("/a", "files")));
    assert.ok(!meets(added, reads("", "children")) && !meets(added, reads("/b", "files")));
    const moved = alter(store(), "/c/new.yaml", pod("new", "new"));
    assert.ok(meets(moved, reads("", "children")) && meets(moved, reads("/c", "files")));
    assert.ok(meets(alter(store(), "/b/db.yaml", undefined), reads("", "children")));
  });
});

describe("a recorded snapshot", () => {
  test("answers like the one it stands for, with the same file each time", () => {
    const { snapshot } = store();
    const recorded = recordReads(snapshot).snapshot;
    const uri = uriOf("/a/web.yaml");
    assert.equal(recorded.files.get(uri), recorded.files.get(uri));
    assert.equal(recorded.files.get(uri)?.manifests, snapshot.files.get(uri)?.manifests);
    assert.deepEqual(recorded.folders.get("file:///a")?.files, snapshot.folders.get("file:///a")?.files);
    assert.equal(recorded.files.get(uriOf("/none.yaml")), undefined);
  });

  test("was asked for everything by whoever goes through all of it", () => {
    const recorded = recordReads(store().snapshot);
    assert.equal([...recorded.snapshot.files.entries()].length, 3);
    assert.ok(recorded.take().has(EVERYTHING));
  });
});

describe("dependents", () => {
  const [one, two] = [uriOf("/one.yaml"), uriOf("/two.yaml")];
  const of = (dependents: ReturnType<typeof createDependents>, ...reads: string[]): readonly DocumentUri[] =>
    [...dependents.of(new Set(reads))].sort();

  test("are those whose last answer was made from what changed", () => {
    const dependents = createDependents();
    dependents.set(one, new Set(["a", "b"]));
    dependents.set(two, new Set(["b"]));
    assert.deepEqual(of(dependents, "a"), [one]);
    assert.deepEqual(of(dependents, "b", "c"), [one, two]);
    dependents.set(one, new Set(["c"]));
    assert.deepEqual(of(dependents, "a", "b"), [two]);
    dependents.set(two, new Set());
    assert.deepEqual(of(dependents, "a", "b"), []);
  });

  test("that read more than is worth knowing count as having read everything", () => {
    const dependents = createDependents();
    dependents.set(one, new Set(Array.from({ length: 5000 }, (_, index) => `read ${index}`)));
    assert.deepEqual(of(dependents, "another", EVERYTHING), [one]);
  });
});

test("a check of a Service that has its pods beside it depends on no placeholder elsewhere", () => {
  const vague = (value: string): string => pod("vague", value);
  const service = "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web } }\n";
  const changed = storeOf([
    { path: "/a/web.yaml", text: `${service}---\n${pod("web", "web")}` },
    { path: "/b/service.yaml", text: service },
    { path: "/c/vague.yaml", text: vague('"${APP}"') },
  ]);
  const dependents = createDependents();
  for (const path of ["/a/web.yaml", "/b/service.yaml"]) {
    const { snapshot, take } = recordReads(changed.snapshot);
    analyze(snapshot, () => defaultSettings).check(uriOf(path));
    dependents.set(uriOf(path), take());
  }
  const altered = alter(changed, "/c/vague.yaml", vague('"${NAME}"'));
  assert.deepEqual([...dependents.of(altered)], [uriOf("/b/service.yaml")]);
});

test("checks of a folder's files look at each file of it as often as if there were few, though each is recorded", () => {
  const looksPerFile = (count: number): number => {
    const files = [...Array(count).keys()].map((index) => ({ path: `/a/${index}.yaml`, text: mistake(index) }));
    const { snapshot } = storeOf(files);
    let looks = 0;
    const seen = new Map<ParsedFile, ParsedFile>();
    const counting = (file: ParsedFile): ParsedFile => {
      const known = seen.get(file) ?? {
        ...file,
        get manifests() {
          looks += 1;
          return file.manifests;
        },
      };
      seen.set(file, known);
      return known;
    };
    const get = (uri: DocumentUri): ParsedFile | undefined => {
      const file = snapshot.files.get(uri);
      return file && counting(file);
    };
    const counted = { ...snapshot, files: { ...snapshot.files, get } };
    const reads = files.map(({ path }) => {
      const recorded = recordReads(counted);
      analyze(recorded.snapshot, () => defaultSettings).check(uriOf(path));
      return recorded.take();
    });
    // What was worked out for another check was read by this one, too.
    const altered = alteredReads(snapshot, storeOf(files.slice(1)).snapshot, [
      { before: snapshot.files.get(uriOf("/a/0.yaml")), after: undefined },
    ]);
    assert.ok(reads.every((own) => [...own].some((read) => altered.has(read) && read.startsWith("content"))));
    return looks / count;
  };
  const few = looksPerFile(100);
  assert.ok(few > 0);
  assert.ok(looksPerFile(200) <= few + 1);
});

/** A Service that misses its Deployment, so that the folder is searched for others. */
const mistake = (index: number): string =>
  `apiVersion: v1
kind: Service
metadata: { name: service-${index} }
spec: { selector: { app: app-${index}-x } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: deployment-${index} }
spec: { template: { metadata: { labels: { app: app-${index} } }, spec: { containers: [{ name: c, image: i }] } } }
`;
