import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import { URI } from "vscode-uri";
import { documentUri } from "../../src/core/base/source.ts";
import { resolveService } from "../../src/core/cluster/resolve.ts";
import { scopeAt, scopeName } from "../../src/core/cluster/scope.ts";
import { nearestResolution } from "../../src/core/cluster/seen-services.ts";
import { defaultProfile } from "../../src/core/settings/profile.ts";
import { folderOf } from "../../src/core/workspace/folders.ts";
import { WorkspaceStore } from "../../src/core/workspace/store.ts";

/** A workspace folder and how a text is named in it. */
interface Shell {
  readonly root: string;
  readonly uriOf: (path: string) => string;
}

const inTheEditor: Shell = {
  root: URI.file("/repo").toString(),
  uriOf: (path) => URI.file(`/repo/${path}`).toString(),
};
const inATerminal: Shell = { root: "/repo", uriOf: (path) => `/repo/${path}` };
const onWindows: Shell = {
  root: URI.file("C:/my repo").toString(),
  uriOf: (path) => URI.file(`C:/my repo/${path}`).toString(),
};
const inAWindowsTerminal: Shell = { root: "C:/my repo", uriOf: (path) => `C:/my repo/${path}` };
const shells = { inTheEditor, inATerminal, onWindows, inAWindowsTerminal };

const service = "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web } }\n";
const pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: web, labels: { app: web } }\n";

/** The names of the scopes of the Service in a text, in a workspace of some texts; of the text itself if it has none. */
function scopesOf({ root, uriOf }: Shell, path: string, texts: Readonly<Record<string, string>>): readonly string[] {
  const store = new WorkspaceStore([root]);
  store.apply(Object.entries(texts).map(([name, text]) => [documentUri(uriOf(name)), text] as const));
  const { snapshot } = store;
  const uri = documentUri(uriOf(path));
  const [manifest] = snapshot.files.get(uri)?.manifests ?? [];
  if (manifest?.type !== "Service") return [scopeName(scopeAt(snapshot, uri, folderOf(uri)))];
  return resolveService(snapshot, defaultProfile, manifest).map(({ scope }) => scopeName(scope));
}

/** The only scope of a text beside nothing but a kustomization, in every shell. */
function scopeBeside(kustomization: string, path: string, where = "kustomization.yaml"): string {
  const names = Object.values(shells).flatMap((shell) =>
    scopesOf(shell, path, { [where]: kustomization, [path]: pod }),
  );
  assert.deepEqual([...new Set(names)], names.slice(0, 1), "shells agree");
  return names[0] ?? "";
}

const name = fc
  .stringMatching(/^[ -~¡-ÿ一-三😀]{1,6}$/u)
  .filter((text) => !/[/\\]|^\.{1,2}$/.test(text) && text.trim() === text);

test("a scope goes by the name that people gave its folder, wherever it is shown", () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), (names) => {
      const folder = names.join("/");
      for (const shell of Object.values(shells)) {
        assert.deepEqual(scopesOf(shell, `${folder}/web.yaml`, { [`${folder}/web.yaml`]: pod }), [`plain:${folder}`]);
      }
    }),
    { seed: 8, numRuns: 200 },
  );
});

test("what is written with a percent sign is not taken for an escape in a terminal", () => {
  assert.deepEqual(scopesOf(inATerminal, "a%20b/web.yaml", { "a%20b/web.yaml": pod }), ["plain:a%20b"]);
  assert.deepEqual(scopesOf(inATerminal, "100%/web.yaml", { "100%/web.yaml": pod }), ["plain:100%"]);
});

test("of several scopes the nearest counts, in folders of any name", () => {
  for (const { root, uriOf } of Object.values(shells)) {
    const store = new WorkspaceStore([root]);
    const texts = { "my app/web.yaml": service, "my app/de v/pod.yaml": pod, "my app/prö d/pod.yaml": pod };
    store.apply(Object.entries(texts).map(([path, text]) => [documentUri(uriOf(path)), text] as const));
    const { snapshot } = store;
    const [manifest] = snapshot.index.servicesByName.get("web") ?? [];
    assert.ok(manifest);
    const resolutions = resolveService(snapshot, defaultProfile, manifest);
    assert.deepEqual(resolutions.map(({ scope }) => scopeName(scope)).sort(), [
      "plain:my app/de v",
      "plain:my app/prö d",
    ]);
    for (const folder of ["my app/de v", "my app/prö d"]) {
      const nearest = nearestResolution(documentUri(uriOf(`${folder}/any.yaml`)), resolutions);
      assert.equal(nearest && scopeName(nearest.scope), `plain:${folder}`);
    }
  }
});

describe("a kustomization bears on", () => {
  const takes = (kustomization: string, path: string): void =>
    assert.equal(scopeBeside(kustomization, path), "kustomize:.");

  it("what lies beside it", () => {
    takes("namespace: shop\n", "web.yaml");
    takes("namespace: [\n", "web.yaml");
  });

  it("files that it names, however their names are spelt", () => {
    takes("resources: [web/a.yaml]\n", "web/a.yaml");
    takes("resources:\n  - ./web//a.yaml\n", "web/a.yaml");
    takes("resources:\n  - api/../web/a.yaml\n", "web/a.yaml");
    takes("resources:\n  - my app/bücher.yaml # a comment\n", "my app/bücher.yaml");
    takes('resources:\n  - "my app/100% #1.yaml"\n', "my app/100% #1.yaml");
    takes("resources:\n  - web\\a.yaml\n", "web/a.yaml");
    takes("x: &it [web/a.yaml]\nresources: *it\n", "web/a.yaml");
    takes('{ "resources": ["web/a.yaml"] }', "web/a.yaml");
  });

  it("files that it names by their whole path", () => {
    assert.deepEqual(
      scopesOf(inATerminal, "web/a.yaml", {
        "kustomization.yaml": "resources: [/repo/web/a.yaml]\n",
        "web/a.yaml": pod,
      }),
      ["kustomize:."],
    );
    for (const shell of [onWindows, inAWindowsTerminal]) {
      const kustomization = "resources:\n  - c:\\my repo\\web\\a.yaml\n";
      assert.deepEqual(scopesOf(shell, "web/a.yaml", { "kustomization.yaml": kustomization, "web/a.yaml": pod }), [
        "kustomize:.",
      ]);
    }
  });

  it("files of every field that names files", () => {
    takes("patches:\n  - path: web/a.yaml\n    target: { kind: Pod }\n", "web/a.yaml");
    takes("patchesStrategicMerge:\n  - web/a.yaml\n", "web/a.yaml");
    takes("patchesJson6902:\n  - path: web/a.yaml\n", "web/a.yaml");
    takes("crds: [web/a.yaml]\n", "web/a.yaml");
    takes("configMapGenerator:\n  - name: web\n    files: [a=web/a.yaml]\n", "web/a.yaml");
  });

  it("files that it names where it cannot be read", () => {
    takes("resources:\n  - web/a.yaml\nnamespace: [\n", "web/a.yaml");
    takes("resources:\n  - my app/a.yaml # a comment\nnamespace: [\n", "my app/a.yaml");
    takes('resources: ["web/b.yaml", "web/a.yaml"\n', "web/a.yaml");
    takes("resources:\n  - web/a.yaml\n{{ if }}\n", "web/a.yaml");
  });
});

describe("a kustomization does not bear on", () => {
  const leaves = (kustomization: string, path: string): void =>
    assert.equal(scopeBeside(kustomization, path), `plain:${folderOf(path)}`);

  it("files whose names are part of what it names", () => {
    leaves("resources: [web/b/a.yaml]\n", "b/a.yaml");
    leaves("resources: [web/a.yaml.bak]\n", "web/a.yaml");
    leaves("resources: [web/b/a.yaml\n", "b/a.yaml");
  });

  it("files that it speaks of without taking them in", () => {
    leaves("# web/a.yaml is no part of it\nresources: []\n", "web/a.yaml");
    leaves("resources: []\ncommonAnnotations: { from: web/a.yaml }\n", "web/a.yaml");
  });

  it("files in a folder that it names, which has a kustomization of its own or breaks the build", () => {
    leaves("resources: [web]\n", "web/a.yaml");
    leaves("resources: [web]\n", "web/deep/a.yaml");
  });

  it("files of another folder", () => {
    leaves("resources: [../web/a.yaml]\n", "web/a.yaml");
    leaves("resources: ['https://example.com/web/a.yaml']\n", "web/a.yaml");
  });
});

test("the kustomization of a folder that another one names is the nearer one", () => {
  const texts = {
    "kustomization.yaml": "bases: [web]\n",
    "web/kustomization.yaml": "resources: [a.yaml]\n",
    "web/a.yaml": pod,
  };
  for (const shell of Object.values(shells)) assert.deepEqual(scopesOf(shell, "web/a.yaml", texts), ["kustomize:web"]);
});

test("a kustomization nested beyond reading bears on what lies beside it", () => {
  assert.equal(scopeBeside(`resources: ${"[".repeat(20_000)}`, "web.yaml"), "kustomize:.");
});
