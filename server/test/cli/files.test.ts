import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { join, parse, posix, win32 } from "node:path";
import { describe, it } from "node:test";
import { displayPath, uriOf } from "../../src/cli/paths.ts";
import { placesOf } from "../../src/cli/places.ts";
import { documentUri } from "../../src/core/base/source.ts";
import { bundleFor } from "../../src/shell/locale.ts";
import { deployment, documents, service } from "./manifests.ts";
import { json, type Outcome, portolan, program, workspace } from "./program.ts";

const orphan = { "web/service.yaml": service("web"), "web/pods.yaml": deployment("web", "wbe") };
const finding = /^web\/service\.yaml:\d+:\d+: warning: /m;

describe("what cannot be read costs nothing else", () => {
  it("a binary file is a finding", async () => {
    const { out, err } = await portolan(workspace({ ...orphan, "image.yaml": "\0\u0001apiVersion" }), ["check"]);
    assert.match(out, /^image\.yaml:1:1: \w+: .*binary.*\[unreadable-file\]$/m);
    assert.match(out, finding);
    assert.equal(err, "");
  });

  it("files in UTF-16 with its mark are read, as PowerShell writes them", async () => {
    const folder = workspace(orphan);
    for (const [file, text] of Object.entries(orphan)) {
      const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
      writeFileSync(join(folder, file), file.endsWith("pods.yaml") ? bytes.swap16() : bytes);
    }
    const { out, err } = await portolan(folder, ["check"]);
    assert.match(out, finding);
    assert.doesNotMatch(out, /unreadable-file/);
    assert.equal(err, "");
  });

  it("a file of 50 MB is a finding", async () => {
    const folder = workspace(orphan);
    writeFileSync(join(folder, "large.yaml"), Buffer.alloc(50 * 1024 * 1024, "apiVersion: v1\n"));
    const { out, err } = await portolan(folder, ["check"]);
    assert.match(out, /^large\.yaml:1:1: \w+: .*50 MB.*\[unreadable-file\]$/m);
    assert.match(out, finding);
    assert.equal(err, "");
  });

  it("a file larger than any memory is not opened, and told once", async () => {
    const folder = workspace(orphan);
    writeFileSync(join(folder, "huge.yaml"), "");
    spawnSync("truncate", ["--size", "3G", join(folder, "huge.yaml")]);
    const { out, err } = await portolan(folder, ["check"]);
    assert.match(out, finding);
    if (err !== "") assert.equal(err, "portolan: huge.yaml cannot be read\n");
  });

  it("a link to a folder above is told once and not followed", async (t) => {
    const folder = workspace(orphan);
    try {
      symlinkSync("..", join(folder, "web", "up"), "dir");
    } catch {
      return t.skip("this system makes no symbolic links for everybody");
    }
    const { out, err } = await portolan(folder, ["check"]);
    assert.match(out, finding);
    assert.match(err, /^portolan: the link "web\/up" leads to a folder that it lies in, and is not followed\n$/);
    return undefined;
  });

  it("a link that leads nowhere is told, and is no reason to fail", async (t) => {
    const folder = workspace({});
    try {
      symlinkSync("nowhere.yaml", join(folder, "web.yaml"));
    } catch {
      return t.skip("this system makes no symbolic links for everybody");
    }
    const { status, err } = await portolan(folder, ["check"]);
    assert.equal(status, 0);
    assert.match(err, /^portolan: the link "web\.yaml" leads nowhere: ENOENT\n$/);
    return undefined;
  });

  it("what is told is told in the reader's language, and of files as they are named elsewhere", async (t) => {
    const folder = workspace({ "a/web.yaml": service("web"), "b/x.yaml": "" });
    try {
      symlinkSync("nowhere.yaml", join(folder, "a", "über uns.yaml"));
    } catch {
      return t.skip("this system makes no symbolic links for everybody");
    }
    const { err } = await portolan(join(folder, "b"), ["check", "../a", "--locale", "zh-cn"], {
      installation: { bundles: { en: {}, "zh-cn": bundleFor("zh-cn") } },
    });
    assert.equal(err, 'portolan: 链接 "../a/über uns.yaml" 指向不存在的位置：ENOENT\n');
    return undefined;
  });

  it("a linked folder is read once, however it is reached", async (t) => {
    const folder = workspace(orphan);
    try {
      symlinkSync("web", join(folder, "a-link"), "dir");
      symlinkSync("../web", join(folder, "web", "another"), "dir");
    } catch {
      return t.skip("this system makes no symbolic links for everybody");
    }
    const { summary } = (await json(folder, ["check"])) as { readonly summary: { readonly files: number } };
    assert.equal(summary.files, 2);
    return undefined;
  });

  it("a folder without permission is told, and the rest is read", async (t) => {
    const folder = workspace(orphan);
    const secret = join(folder, "secret");
    mkdirSync(secret);
    const outcome = withoutPermission(folder, secret, ["check"]);
    if (outcome === undefined) return t.skip("nobody here is without permission");
    assert.match(outcome.out, finding);
    assert.match(outcome.err, /^portolan: the folder "secret" cannot be read: EACCES\n$/);
    assert.equal(outcome.status, 0);
    return undefined;
  });

  it("nothing but a folder without permission is a wrong call", async (t) => {
    const folder = workspace(orphan);
    const secret = join(folder, "secret");
    mkdirSync(secret);
    const outcome = withoutPermission(folder, secret, ["check", "secret"]);
    if (outcome === undefined) return t.skip("nobody here is without permission");
    assert.equal(outcome.status, 2);
    assert.match(outcome.err, /nothing could be read\n$/);
    return undefined;
  });
});

describe("hostile texts", () => {
  it("an alias bomb makes no more objects than stand there", async () => {
    const levels = Array.from(
      { length: 40 },
      (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(", ")}]`,
    );
    const bomb = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: bomb }\nl0: &l0 [x]\n${levels.join("\n")}\n`;
    const { status, out } = await portolan(workspace({ ...orphan, "bomb.yaml": bomb }), ["check"]);
    assert.equal(status, 0);
    assert.match(out, finding);
  });

  it("a list of lists made of aliases comes to an end, with one finding", async () => {
    const items = (level: number) => `items: [${Array(9).fill(`*l${level}`).join(", ")}]`;
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} { apiVersion: v1, kind: List, ${items(level)} }`,
    );
    const bomb = `l0: &l0 { apiVersion: v1, kind: Service, metadata: { name: a } }\n${levels.join("\n")}\napiVersion: v1\nkind: List\n${items(12)}\n`;
    const { out } = await portolan(workspace({ "bomb.yaml": bomb, ...orphan }), [
      "check",
      "--severity",
      "orphan-service=off",
    ]);
    assert.equal(out.match(/bomb\.yaml:\d+:\d+: warning: the aliases of this document/g)?.length, 1);
    assert.match(out, /1 Service in 3 files: 1 warning/);
  });

  it("ten thousand levels of nesting are one finding", async () => {
    const deep = `apiVersion: v1\nkind: Service\nspec: ${"[".repeat(10_000)}\n`;
    const { out } = await portolan(workspace({ ...orphan, "deep.yaml": deep }), ["check"]);
    assert.equal(out.match(/deep\.yaml/g)?.length, 1);
    assert.match(out, finding);
  });
});

describe("settings", () => {
  it("are found upwards from each file, also above the working directory", async () => {
    const files = {
      ".portolan.yaml": "rules: { orphan-service: error }\n",
      "below/web/service.yaml": service("web"),
      "below/web/pods.yaml": deployment("web", "wbe"),
      "below/quiet/.portolan.yaml": "rules: { orphan-service: off }\n",
      "below/quiet/service.yaml": service("db"),
      "below/quiet/pods.yaml": deployment("db", "bd"),
    };
    const { status, out } = await portolan(join(workspace(files), "below"), ["check"]);
    assert.equal(status, 1);
    assert.match(out, /^web\/service\.yaml:\d+:\d+: error: /m);
    assert.doesNotMatch(out, /quiet/);
  });

  it("give way to --config, and that to --severity", async () => {
    const folder = workspace({
      ...orphan,
      ".portolan.yaml": "rules: { orphan-service: off }\n",
      "ci.yaml": "rules: { orphan-service: error }\n",
    });
    const statusOf = async (...args: string[]) => (await portolan(folder, ["check", ...args])).status;
    assert.equal(await statusOf("--fail-on", "hint"), 0);
    assert.equal(await statusOf("--config", "ci.yaml"), 1);
    assert.equal(await statusOf("--config", "ci.yaml", "--severity", "orphan-service=hint"), 0);
  });

  it("that are wrong are told at their line, and the rest of them holds", async () => {
    const text = "rules:\n  orphan-servise: off\n  orphan-service: error\n";
    const folder = workspace({ ...orphan, ".portolan.yaml": text, "ci.yaml": text });
    for (const [args, name] of [
      [["check"], ".portolan.yaml"],
      [["check", "--config", "ci.yaml"], "ci.yaml"],
    ] as const) {
      const { status, err } = await portolan(folder, args);
      assert.equal(status, 1);
      assert.equal(err, `${name}:2:3: there is no rule "orphan-servise"; did you mean "orphan-service"?\n`);
    }
  });

  it("exclude files, counted from their own folder", async () => {
    const files = {
      "app/.portolan.yaml": 'exclude: ["testdata/**", "**/*.gen.yaml"]\n',
      "app/testdata/service.yaml": service("web"),
      "app/a/b/c.gen.yaml": service("web"),
      "app/pods.yaml": deployment("web"),
      "testdata/service.yaml": documents(service("db"), deployment("db")),
    };
    const folder = workspace(files);
    const { out } = await portolan(folder, ["check"]);
    assert.equal(out, "1 Service in 2 files: nothing to report\n");
    const named = await portolan(folder, ["check", "app/testdata/service.yaml"]);
    assert.match(named.out, /1 Service in 1 file/, "a file that is named is wanted");
  });
});

describe("paths", () => {
  it("are relative to the working directory, with slashes", () => {
    assert.equal(displayPath(posix, "/repo/app", documentUri("/repo/app/shop/web.yaml")), "shop/web.yaml");
    assert.equal(displayPath(posix, "/repo/app", documentUri("/repo/base/web.yaml")), "../base/web.yaml");
  });

  it("are so on Windows, too", () => {
    const uri = uriOf(win32, "C:\\repo\\app\\shop\\web.yaml");
    assert.equal(uri, "C:/repo/app/shop/web.yaml");
    assert.equal(displayPath(win32, "C:\\repo\\app", uri), "shop/web.yaml");
    assert.equal(displayPath(win32, "C:\\repo\\other", uri), "../app/shop/web.yaml");
    assert.equal(displayPath(win32, "D:\\", uri), "C:/repo/app/shop/web.yaml");
    assert.equal(uriOf(win32, "C:\\"), "C:");
  });

  it("are so from the root of the system, too", async () => {
    assert.equal(uriOf(posix, "/"), "");
    const folder = workspace(orphan);
    const { root } = parse(folder);
    const { out } = await portolan(root, ["check", folder]);
    const shown = displayPath(path, root, uriOf(path, join(folder, "web", "service.yaml")));
    assert.ok(out.startsWith(`${shown}:`), out);
  });
});

describe("places", () => {
  it("count lines from 1 at every kind of line break", () => {
    const text = "a\nbc\r\nd\re";
    const { placeOf, lineAt } = placesOf(() => text);
    const uri = documentUri("/a.yaml");
    const at = (offset: number) => Object.values(placeOf(uri, offset));
    assert.deepEqual(
      [at(0), at(2), at(3), at(6), at(8), at(9)],
      [
        [1, 1],
        [2, 1],
        [2, 2],
        [3, 1],
        [4, 1],
        [4, 2],
      ],
    );
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((line) => lineAt(uri, line)),
      ["a", "bc", "d", "e", ""],
    );
  });
});

/** Runs the program as somebody who may not enter a folder; `undefined` where everybody may, or nobody may run it. */
function withoutPermission(cwd: string, folder: string, args: readonly string[]): Outcome | undefined {
  const isRoot = process.getuid?.() === 0;
  if (process.platform === "win32") return undefined;
  chmodSync(cwd, 0o755);
  chmodSync(folder, 0);
  const identity = isRoot ? { uid: 65534, gid: 65534 } : {};
  const child = spawnSync(process.execPath, [program, ...args], { cwd, encoding: "utf8", ...identity });
  chmodSync(folder, 0o755);
  return child.error ? undefined : { status: child.status, out: child.stdout, err: child.stderr };
}
