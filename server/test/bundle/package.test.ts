import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { listZip } from "./zip.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..");
const folder = mkdtempSync(join(tmpdir(), "portolan-package-"));
after(() => rmSync(folder, { recursive: true, force: true }));

describe("the packaged extension", () => {
  const vsix = join(folder, "portolan.vsix");
  execFileSync(process.execPath, ["scripts/package.mjs", "--no-build", "--out", vsix], { cwd: root, stdio: "pipe" });
  const packed = readFileSync(vsix);
  const files = listZip(packed).filter((name) => name.startsWith("extension/"));

  it("holds every file that its manifest refers to", () => {
    const missing = referencedFiles().filter((path) => !files.includes(`extension/${path}`));
    assert.deepEqual(missing, []);
  });

  it("holds its bundles, its translations and its papers, and nothing else", () => {
    const expected = [
      "LICENSE.txt",
      "changelog.md",
      "package.json",
      "readme.md",
      ...["client", "server", "cli"].map((name) => `dist/${name}.cjs`),
      ...translations("", /^package\.nls.*\.json$/),
      ...translations("l10n", /^bundle\.l10n\..+\.json$/),
      ...referencedFiles(),
      // Diagnostics link to it.
      "docs/rules.md",
    ].map((path) => `extension/${path}`);
    assert.deepEqual([...files].sort(), [...new Set(expected)].sort());
  });

  it("is smaller than a megabyte", () => {
    assert.ok(packed.length < 1_000_000, `${packed.length} bytes`);
  });
});

/** The paths in `package.json` that lead to a file of the extension, without a leading `./`. */
function referencedFiles(): string[] {
  const found: string[] = [];
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"), (key, value: unknown) => {
    const isPath = ["main", "icon", "path", "configuration", "portolan", "media", "image", "markdown", "svg"].includes(
      key,
    );
    if (isPath && typeof value === "string" && /^[\w./-]+\.\w+$/.test(value)) found.push(value.replace(/^\.\//, ""));
    return value;
  });
  assert.ok(manifest);
  return [...new Set(found)].sort();
}

/** Names in a folder of the repository; none where the folder is missing. */
function translations(path: string, pattern: RegExp): string[] {
  const names = readdirSync(join(root, path)).filter((name) => pattern.test(name));
  return names.map((name) => (path === "" ? name : `${path}/${name}`));
}
