import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { documentUri } from "../../src/core/base/source.ts";
import { LARGEST_FILE, LARGEST_FOR_PARSER } from "../../src/core/manifest/limits.ts";
import { parseFile } from "../../src/core/manifest/parse.ts";
import { readTree } from "../../src/core/manifest/read-tree.ts";

const uri = documentUri("file:///web.yaml");
const service = "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: 80 }] }\n";
const json = '{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"x":"';

/** Repeats a piece until a file with it is nearly as large as files may be, or a part of that. */
const fill = (piece: string, part = 1): string => piece.repeat((part * (LARGEST_FILE - 1000)) / piece.length);

/** Texts that run patterns out of stack, or would take days where a step back costs as much as a step. */
const texts: Readonly<Record<string, string>> = {
  "a string in double quotes": `${json}${fill("x")}"}`,
  "a string with escapes": `${json}${fill("\\n", 0.1)}"}`,
  "a string that nothing closes": `${json}${fill("x")}`,
  "quotes with escapes that nothing closes": `${json}${fill('\\"')}`,
  "text in single quotes": `${service}x: '${fill("''", 0.1)}'\n`,
  "single quotes that nothing closes": `${service}x: '${fill("x")}\n`,
  "tabs at the beginning of a line": `${service}${fill("\t")}x: y\n`,
  "dashes and tabs": `${service}${fill("-\t", 0.1)}x\n`,
  blanks: `${service}${fill(" ")}# x\n`,
  "empty lines": `${service}${fill("\n")}`,
  brackets: `${service}x: ${fill("[")}`,
  markers: `${service}${fill("...\n", 0.1)}---\n${service}`,
  "one long word": `${service}x: ${fill("x")}\n`,
  "words that begin like a placeholder": `${service}x: ${fill("<a")}\n`,
};

describe("a large file is read, with one problem or none, where it is full of", () => {
  for (const [what, text] of Object.entries(texts)) {
    it(what, () => {
      assert.ok(text.length > LARGEST_FILE / 11 && text.length <= LARGEST_FILE);
      const { manifests, problems } = parseFile(uri, text);
      assert.ok(problems.length <= 1);
      assert.ok(manifests.length > 0 || problems.length === 1);
    });
  }
});

describe("a document that only the parser for all of YAML could read", () => {
  const folded = (size: number): string => `${service}x: >\n  y\n${"#".repeat(size)}\n`;

  it("is not read where it is very large, and does not hide its neighbours", () => {
    const file = parseFile(uri, `${service}---\n${folded(LARGEST_FOR_PARSER)}---\n${service}`);
    assert.deepEqual([file.manifests.length, file.problems.map(({ code }) => code)], [2, ["unreadable-file"]]);
    assert.equal(file.problems[0]?.range.start, file.text.indexOf("apiVersion", service.length));
    assert.equal(parseFile(uri, folded(LARGEST_FOR_PARSER / 2)).problems.length, 0);
  });

  it("has no more complaints than anybody reads", () => {
    for (const text of ["]".repeat(50_000), `[${",".repeat(50_000)}]`, `a:\n${"\tb: c\n".repeat(10_000)}`]) {
      const { errors } = readTree(uri, text);
      assert.ok(errors.length > 0 && errors.length <= 1000, String(errors.length));
    }
  });
});
