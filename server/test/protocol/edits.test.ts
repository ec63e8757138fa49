import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Editor, openEditor } from "./client.ts";
import { root } from "./shop.ts";
import { broken, file } from "./world.ts";

type Step =
  | { readonly kind: "open" | "edit" | "write"; readonly file: readonly [uri: string, text: string] }
  | { readonly kind: "break"; readonly file: readonly [uri: string, text: string] }
  | { readonly kind: "close" | "remove"; readonly file: readonly [uri: string, text: string] }
  | { readonly kind: "remove-folder"; readonly folder: string }
  | { readonly kind: "settle" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("open" as const), file }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("edit" as const), file }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("write" as const), file }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("break" as const),
      file: fc.tuple(fc.constantFrom(`${root}/a/one.yaml`, `${root}/b/one.yaml`), broken),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("close" as const, "remove" as const), file }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("remove-folder" as const), folder: fc.constantFrom("a", "b", "b/deep") }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "settle" as const }) },
);

test("after any edits the editor shows what a new server would say of the final texts", async (context) => {
  await fc.assert(
    fc.asyncProperty(fc.array(file, { maxLength: 8 }), fc.array(step, { maxLength: 14 }), async (initial, steps) => {
      const disk: Record<string, string> = Object.fromEntries(initial.filter(([uri]) => uri.startsWith("file:")));
      const buffers = new Map<string, string>();
      const worn = await openEditor(context, { files: disk });
      for (const next of steps) await take(next, worn, disk, buffers);
      // What cannot be read keeps its last good reading, which no new server knows.
      for (const [uri, text] of buffers) if (text.includes("metadata: {")) await edit(worn, buffers, uri, "# mended\n");
      await worn.settle();

      const fresh = await openEditor(context, { files: disk });
      for (const [uri, text] of buffers) await fresh.open(uri, text);
      await fresh.settle();
      assert.deepEqual(worn.allDiagnostics(), fresh.allDiagnostics());
      assert.deepEqual([...worn.log, ...fresh.log], []);
    }),
    { numRuns: 150 },
  );
});

async function take(next: Step, editor: Editor, disk: Record<string, string>, buffers: Map<string, string>) {
  const changed = async (uris: readonly string[]) => {
    const changes = uris.map((uri) => ({ uri, type: 2 }));
    await editor.connection.sendNotification("workspace/didChangeWatchedFiles", { changes });
  };
  if (next.kind === "settle") return editor.settle();
  if (next.kind === "remove-folder") {
    const folder = `${root}/${next.folder}`;
    for (const uri of Object.keys(disk)) if (uri.startsWith(`${folder}/`)) delete disk[uri];
    return changed([folder]);
  }
  const [uri, text] = next.file;
  switch (next.kind) {
    case "open":
      if (buffers.has(uri)) return;
      buffers.set(uri, text);
      return editor.open(uri, text);
    case "edit":
    case "break":
      if (buffers.has(uri)) await edit(editor, buffers, uri, text);
      return;
    case "close":
      if (buffers.delete(uri)) await editor.close(uri);
      return;
    case "write":
      // Nobody watches files outside the workspace.
      if (!uri.startsWith(root)) return;
      disk[uri] = text;
      return changed([uri]);
    case "remove":
      if (!uri.startsWith(root)) return;
      delete disk[uri];
      return changed([uri]);
  }
}

async function edit(editor: Editor, buffers: Map<string, string>, uri: string, text: string): Promise<void> {
  const old = buffers.get(uri) ?? "";
  buffers.set(uri, text);
  await editor.replace(uri, old, text);
}
