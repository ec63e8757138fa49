import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { documentUri } from "../../src/core/base/source.ts";
import { MOST_ALIASED } from "../../src/core/manifest/limits.ts";
import { readPlainYaml } from "../../src/core/manifest/plain-yaml.ts";
import { readAnyYaml } from "../../src/core/manifest/read-any-yaml.ts";
import { splitDocuments } from "../../src/core/manifest/split.ts";
import { textFilesBelow } from "../harness/files.ts";

const uri = documentUri("file:///a.yaml");
const here = (offset: number): number => offset;
const readPlainly = (text: string) => readPlainYaml(uri, text, here);

/** What is read plainly must be what the parser reads, without a complaint, range by range. */
function assertSameAsParser(text: string): void {
  const plain = readPlainly(text);
  if (plain === undefined) return;
  const { tree, errors, hasComplexKeys } = readAnyYaml(uri, text, here, MOST_ALIASED);
  assert.deepEqual([errors, hasComplexKeys], [[], false], text);
  assert.deepEqual(plain, tree, text);
}

const plainTexts = {
  "maps in maps": "a:\n  b:\n    c: d\n  e: f\ng: h\n",
  "lists beside their key and below it": "a:\n- b\n- c: d\n  e: f\nb:\n  - c\n  -\n    d: e\n  - - f\n    - g\n",
  "values that are nothing": "a:\nb: ~\nc: null\nd:\n  -\n  - NULL\ne:   \n",
  "quotes and escapes": "a: 'it''s'\nb: \"say \\\"hi\\\"\\n\\tto\\\\all\\/\"\n'c d': \"\"\n\"e\": ''\n",
  "flow collections":
    "a: {}\nb: []\nc: { d: e, \"f\": 'g', h: [1, [2], { i: j }, ], }\nd: [--flag, a b, http://c:80/d#e]\n",
  "comments everywhere": "# a\na: # b\n  # c\n  b: c # d\n  # e\n\n  d: 'e' # f\n# g\ne: [f] # h\n# i\n",
  "literal blocks": "a: |\n  #!/bin/sh\n  b: c\n\n    d\n\nb: |-\n    e\nc:\n  - |\n    f\n  - d: |\n      g\n",
  "words with colons, dashes and hashes inside": "a: b:c\nhttp://d: e#f\n-g: -h\n?i: :j\n",
  "equal keys": 'a: b\na: c\n"<<": { d: e }\n',
  "carriage returns": "a: b\r\nc:\r\n  - d\r\n  # e\r\n  - 'f'\r\n",
  "no line break at the end": "a:\n  b: c",
  JSON: '{\n  "a": [\n    1,\n    { "b": null, "c": "d\\n" }\n  ],\n  "e":"f"\n}\n',
  "a flow list as a whole": "[a,\n b, {c: d\n}]\n",
  "the rest of a marker's line": " # Source: web.yaml\na: b\n",
};

const otherTexts = {
  "anchors and aliases": "a: &b c\nd: *b\n",
  "merge keys": "a: b\n<<: { d: e }\n",
  "merge keys in braces": "a: { <<: { d: e } }\n",
  tags: "a: !!str b\n",
  "folded blocks": "a: >\n  b\n",
  "scalars on several lines": "a: b\n  c\n",
  "flow collections on several lines": "a: [b,\n  c]\n",
  tabs: "a:\tb\n",
  templates: "a: {{ .Values.b }}\n",
  "complex keys": "? a\n: b\n",
  "a scalar alone": "a\n",
  nothing: "# a\n",
  "two documents": "a: b\n---\nc: d\n",
  "a list that ends with nothing below a comment": "a:\n  - b\n  # c\n  -\nd: e\n",
  "bad indentation": "a:\n    b: c\n  d: e\n",
  "a value behind a value": "a: 'b' c\n",
  "a map behind a key": "a: b: c\n",
  "a thousand dashes": `${"- ".repeat(1000)}a\n`,
  "a thousand brackets": `a: ${"[".repeat(1000)}${"]".repeat(1000)}\n`,
};

describe("plain YAML", () => {
  for (const [name, text] of Object.entries(plainTexts)) {
    it(`is ${name}`, () => {
      assert.ok(readPlainly(text));
      assertSameAsParser(text);
    });
  }

  for (const [name, text] of Object.entries(otherTexts)) {
    it(`is not ${name}`, () => assert.equal(readPlainly(text), undefined));
  }

  it("has its offsets mapped", () => {
    const moved = readPlainYaml(uri, "a: b\n", (offset) => offset + 100);
    assert.deepEqual(moved?.range, { uri, start: 100, end: 105 });
  });

  it("is what the manifests of this repository are written in, but for a few", () => {
    const read = documents.filter((text) => readPlainly(text) !== undefined);
    assert.ok(read.length > documents.length * 0.75, `${read.length} of ${documents.length}`);
  });

  it("is never read otherwise than the parser would", () => {
    for (const text of documents) assertSameAsParser(text);
    fc.assert(fc.property(mangled, assertSameAsParser), { numRuns: 3000 });
  });
});

const documents = [
  ...Object.values(plainTexts),
  ...[...textFilesBelow("examples", /\.yaml$/), ...textFilesBelow("test-fixtures/rules", /\.yaml$/)].flatMap(
    ({ text }) => splitDocuments(text).map(({ start, end }) => text.slice(start, end)),
  ),
].filter((text) => /^[ \t]*[^\s#]/m.test(text));

/** A text with a few accidents: something typed where it does not belong, something lost, a line moved to the side. */
const mangled = fc
  .tuple(fc.constantFrom(...documents), fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.nat(40)), { maxLength: 3 }))
  .map(([text, accidents]) => accidents.reduce((mangledText, accident) => mangle(mangledText, ...accident), text));

function mangle(text: string, where: number, what: number, which: number): string {
  const at = where % (text.length + 1);
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  if (what < 7) return text.slice(0, at) + (typed[which % typed.length] ?? "") + text.slice(at);
  if (what < 9) return text.slice(0, at) + text.slice(at + 1 + (which % 6));
  if (what < 11) return text.slice(0, lineStart) + " ".repeat(1 + (which % 4)) + text.slice(lineStart);
  return text.slice(0, lineStart) + text.slice(lineStart).replace(/^ {1,2}/, "");
}

const typed = [
  ..."\n ;:-#'\"{}[],|>&*!%@`~?\\",
  ..."é",
  ...[
    "- ",
    ": ",
    " #c",
    "\n#c\n",
    "\n  #c\n",
    "\n    #c\n",
    "\n  ",
    "\n- ",
    "\n  - x",
    "\nk:",
    "\n  k: v",
    "|\n",
    "|-\n",
  ],
  ...["\r\n", "---", "...", "<<: ", "null", "\n\n", "  "],
];
