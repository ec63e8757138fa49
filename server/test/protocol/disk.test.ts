import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { URI } from "vscode-uri";
import { quote, render } from "../../src/core/base/message.ts";
import { LARGEST_FILE } from "../../src/core/manifest/limits.ts";
import type { Complain } from "../../src/shell/files.ts";
import { diskFiles } from "../../src/shell/files-node.ts";

describe("the disk", () => {
  test("gives the files that may hold manifests, of every depth", async (context) => {
    const folder = folderWith(context, {
      "a.yaml": "",
      "deep/er/b.yml": "",
      "deep/c.json": "",
      "deep/Kustomization": "",
      ".portolan.yaml": "",
      "readme.md": "",
      "node_modules/x/d.yaml": "",
      ".git/e.yaml": "",
      "vendor/f.yaml": "",
      ".terraform/g.yaml": "",
    });
    const { files, log } = await listed(folder);
    assert.deepEqual(files, [".portolan.yaml", "a.yaml", "deep/Kustomization", "deep/c.json", "deep/er/b.yml"]);
    assert.deepEqual(log, []);
  });

  test("is walked once where a link leads back, and says so", async (context) => {
    const folder = folderWith(context, { "a/b/c.yaml": "" });
    symlinkSync(folder, join(folder, "a", "loop"));
    symlinkSync(join(folder, "a", "b"), join(folder, "again"));
    symlinkSync(join(folder, "nowhere"), join(folder, "broken"));
    const { files, log } = await listed(folder);
    assert.deepEqual(files, ["a/b/c.yaml"]);
    assert.equal(log.filter((line) => line.includes("loop")).length, 1);
    assert.equal(log.filter((line) => line.includes("broken")).length, 1);
    assert.equal(log.length, 2);
  });

  test("is followed through links that lead elsewhere", async (context) => {
    const elsewhere = folderWith(context, { "web.yaml": "", "api.yaml": "" });
    const folder = folderWith(context, { "own.yaml": "" });
    symlinkSync(elsewhere, join(folder, "linked"));
    symlinkSync(join(elsewhere, "api.yaml"), join(folder, "one.yaml"));
    const { files, log } = await listed(folder);
    assert.deepEqual(files, ["linked/api.yaml", "linked/web.yaml", "one.yaml", "own.yaml"]);
    assert.deepEqual(log, []);
  });

  test("costs one line in the log for a folder that cannot be read", async (context) => {
    if (process.getuid?.() === 0) return context.skip("root can read every folder");
    const folder = folderWith(context, { "a.yaml": "", "locked/b.yaml": "" });
    chmodSync(join(folder, "locked"), 0o000);
    context.after(() => chmodSync(join(folder, "locked"), 0o700));
    const { files, log } = await listed(folder);
    assert.deepEqual(files, ["a.yaml"]);
    assert.equal(log.length, 1);
  });

  test("costs one line in the log for a file that is too large", async (context) => {
    const folder = folderWith(context, { "large.yaml": "#".repeat(LARGEST_FILE + 1), "small.yaml": "a: 1\n" });
    const log: string[] = [];
    const disk = diskFiles(listIn(log));
    assert.equal(await disk.read(uriOf(join(folder, "large.yaml"))), undefined);
    assert.equal(await disk.read(uriOf(join(folder, "small.yaml"))), "a: 1\n");
    assert.equal(log.length, 1);
    assert.match(log[0] ?? "", /large\.yaml/);
  });

  test("gives a text without its byte order mark, and nothing for a file that is not there", async (context) => {
    const folder = folderWith(context, { "bom.yaml": "\ufeffa: 1\n" });
    const log: string[] = [];
    const disk = diskFiles(listIn(log));
    assert.equal(await disk.read(uriOf(join(folder, "bom.yaml"))), "a: 1\n");
    assert.equal(await disk.read(uriOf(join(folder, "none.yaml"))), undefined);
    assert.equal(await disk.read(uriOf(folder)), undefined);
    assert.deepEqual(log, []);
  });

  test("gives the files of one folder alone", async (context) => {
    const folder = folderWith(context, { "a b.yaml": "", "deep/c.yaml": "" });
    const disk = diskFiles(() => undefined);
    assert.deepEqual(await disk.listFolder(uriOf(folder)), [uriOf(join(folder, "a b.yaml"))]);
  });
});

/** Complaints as plain lines, with the whole path of what they are about. */
const listIn =
  (log: string[]): Complain =>
  (uri, say) =>
    log.push(render(say(quote(URI.parse(uri).fsPath))));

async function listed(folder: string): Promise<{ readonly files: readonly string[]; readonly log: readonly string[] }> {
  const log: string[] = [];
  const found: string[] = [];
  for await (const uris of diskFiles(listIn(log)).list(uriOf(folder))) found.push(...uris);
  const prefix = `${uriOf(folder)}/`;
  assert.ok(found.every((uri) => uri.startsWith(prefix)));
  return { files: found.map((uri) => uri.slice(prefix.length)).sort(), log };
}

function folderWith(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "portolan-disk-")));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const uriOf = (path: string): string => URI.file(path).toString();
