import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { documentUri, type Field, type SourceRange } from "../../src/core/base/source.ts";
import { fold } from "../../src/core/base/text.ts";
import { compose } from "../../src/core/manifest/compose.ts";
import { parseFile } from "../../src/core/manifest/parse.ts";
import { readTree } from "../../src/core/manifest/read-tree.ts";
import { splitDocuments } from "../../src/core/manifest/split.ts";
import type { Tree } from "../../src/core/manifest/tree.ts";

const uri = documentUri("file:///web.yaml");

/** Pieces that YAML and its readers could stumble over. */
const piece = fc.constantFrom(
  ..."\n|\r\n| |  |\t|- |: |? |, |{|}|[|]|'|\"|\\|#| # |&a |*a|<<: *a\n|!!binary |!t |%YAML 1.2\n|---\n|...\n|--- |".split(
    "|",
  ),
  "|\n  ",
  ">-\n  ",
  "\ufeff",
  "\0",
  "🌊",
  "\u2028",
  "apiVersion: v1\n",
  "kind: Service\n",
  "kind: List\nitems:\n- ",
  "kind: Deployment\n",
  "apiVersion: apps/v1\n",
  "metadata:\n  name: web\n",
  "spec:\n  ",
  "selector: {app: web}\n",
  "ports:\n  - port: 80\n",
  "template: *a\n",
  "{{ .Values.x }}",
  "~",
  "null",
  "0x50",
);
const pieces = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(""));

const manifest = `apiVersion: v1
kind: Service
metadata:
  name: web
  labels: { app: web, "tier": 'front' }
spec:
  type: NodePort
  selector: &labels
    app: web
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  template:
    metadata:
      labels: { <<: { app: web } }
    spec:
      containers:
        - name: web
          ports:
            - { name: http, containerPort: 8080 }
`;

/** A manifest that somebody is typing in. */
const typed = fc
  .array(fc.tuple(fc.nat(manifest.length), fc.nat(12), piece), { maxLength: 4 })
  .map((edits) =>
    edits.reduce((text, [at, length, inserted]) => text.slice(0, at) + inserted + text.slice(at + length), manifest),
  );

/** Scalars of every style in collections of every style. */
const nested = fc
  .letrec<{ value: readonly string[] }>((tie) => ({
    // The lines of a value, the first one for behind its key or dash.
    value: fc.oneof(
      { maxDepth: 3 },
      fc
        .constantFrom("x", "x y", "'it''s'", '"a\\tb"', '"a\\\n   b"', "null", "!t x", "&a x", "*a", "")
        .map((word) => [word]),
      fc.constantFrom("|", "|-", "|+", ">", ">-", "|2").map((header) => [header, "  a", "   b", "", "  c"]),
      fc.constant(["a", "  b", "", "  c"]),
      fc
        .array(tie("value"), { minLength: 1, maxLength: 3 })
        .map((items) => [
          "",
          ...items.flatMap(([first = "", ...others]) => [`- ${first}`, ...others.map((line) => `  ${line}`)]),
        ]),
      fc
        .array(fc.tuple(fc.constantFrom("k", "'l'", "<<", "m n"), tie("value")), { minLength: 1, maxLength: 3 })
        .map((entries) => [
          "",
          ...entries.flatMap(([key, [first = "", ...others]]) => [
            `${key}: ${first}`,
            ...others.map((line) => `  ${line}`),
          ]),
        ]),
      fc.constantFrom("[x, 'y', {k: v}]", "{k: [x, y], l: {}}", "[a\n b, c]").map((flow) => [flow]),
    ),
  }))
  .value.map((lines) => `${lines.join("\n")}\n`);

const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), pieces, typed);

test("any text can be read, alone and after any other; every place lies in it, and all grows with it", () => {
  fc.assert(
    fc.property(anyText, anyText, (before, after) => {
      for (const file of [parseFile(uri, after), parseFile(uri, after, parseFile(uri, before))]) {
        for (const range of rangesIn(file.manifests)) assertWithin(range, after);
        for (const { range } of file.problems) assertWithin(range, after);
        for (const part of file.parts) assertWithin({ uri, start: part.start, end: part.end }, after);
        const aliased = file.parts.reduce((sum, part) => sum + part.aliased, 0);
        assert.ok(
          countValues(file.manifests) <= 1 + 50 * (before.length + after.length + aliased),
          JSON.stringify(after),
        );
      }
    }),
    { seed: 2, numRuns: 500 },
  );
});

test("the text at the place of a plain scalar is its value", () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.oneof(typed, pieces), (text) => {
      for (const { value, range } of fieldsIn(parseFile(uri, text).manifests)) {
        const written = text.slice(range.start, range.end);
        if (!isPlain(written) || value === "") continue;
        compared += 1;
        // The API's own words are read in its own spelling.
        assert.equal(fold(written), fold(String(value)), `at ${range.start} of ${JSON.stringify(text)}`);
      }
    }),
    { seed: 3, numRuns: 500 },
  );
  assert.ok(compared > 1_000, `only ${compared} values were compared`);
});

test("the text at the place of any value reads as that value again", () => {
  const compared = { scalar: 0, list: 0, map: 0 };
  fc.assert(
    fc.property(fc.oneof(typed, pieces, nested), (text) => {
      const { tree, errors } = readTree(uri, text);
      if (errors.length > 0 || text.includes("\ufeff")) return;
      for (const value of valuesIn(tree)) {
        const { start, end } = value.range;
        const written = text.slice(start, end);
        const lineStart = text.lastIndexOf("\n", start - 1) + 1;
        // An alias needs its anchor. A block that says its indentation means that of the lines around it as well, and
        // one with a tag or an anchor in front of its first key is not where that key stands. A key may end in a colon.
        if (/\*[ab]|[|>][+-]?\d|:$/.test(written) || /[&!]/.test(text.slice(lineStart, start))) continue;
        const again = readTree(uri, " ".repeat(start - lineStart + (value.kind === "scalar" ? 1 : 0)) + written);
        assert.deepEqual(
          [again.errors, withoutRanges(again.tree)],
          [[], withoutRanges(value)],
          `${start} of ${JSON.stringify(text)}`,
        );
        compared[value.kind] += 1;
      }
    }),
    { seed: 4, numRuns: 3000 },
  );
  assert.ok(
    Object.values(compared).every((count) => count > 500),
    JSON.stringify(compared),
  );
});

test("the parser is asked for one document, and says what it says to anybody", () => {
  const options = {
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    strict: false,
    logLevel: "silent",
  } as const;
  let complaints = 0;
  fc.assert(
    fc.property(fc.oneof(typed, pieces, nested), (text) => {
      for (const { start: from, end: to } of splitDocuments(text)) {
        const part = text.slice(from, to);
        const [document, another] = parseAllDocuments(part, options);
        // In braces, the parser takes an indented --- for a marker.
        if (document === undefined || another !== undefined) continue;
        const { contents, errors } = compose(part);
        assert.deepEqual(
          errors.map(({ code, text: said, start, end }) => [code, said, start, end]),
          document.errors.map(({ code, message, pos }) => [code, message, ...pos]),
          JSON.stringify(part),
        );
        assert.deepEqual(contents?.range, document.contents?.range);
        complaints += errors.length;
      }
    }),
    { seed: 5, numRuns: 1000 },
  );
  assert.ok(complaints > 1000, `only ${complaints} complaints were compared`);
});

function assertWithin({ start, end }: SourceRange, text: string): void {
  assert.ok(0 <= start && start <= end && end <= text.length, `${start}–${end} in ${JSON.stringify(text)}`);
}

/** Neither quoted nor folded over lines, nor a word or a notation that stands for another value. */
const isPlain = (text: string): boolean => !/^["'|>]|[\r\n]|^(?:true|yes|on|y|false|no|off|n|None)$|^[+\d]/i.test(text);

/** Every value of a tree, keys included; aliased ones at each place. */
function* valuesIn(tree: Tree | undefined): Generator<Tree> {
  if (tree === undefined) return;
  yield tree;
  if (tree.kind === "list") for (const item of tree.items) yield* valuesIn(item);
  if (tree.kind !== "map") return;
  for (const { key, value } of tree.entries) {
    yield key;
    yield* valuesIn(value);
  }
}

const withoutRanges = (tree: Tree | undefined): unknown =>
  JSON.parse(JSON.stringify(tree ?? null, (key, value: unknown) => (key === "range" ? undefined : value)));

/** How many values a walk over plain data meets: what the next one to look at it has to do. */
function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, inner) => sum + countValues(inner), 1);
}

const isRange = (value: object): value is SourceRange => "uri" in value && "start" in value && "end" in value;

function* rangesIn(value: unknown): Generator<SourceRange> {
  if (typeof value !== "object" || value === null) return;
  if (isRange(value)) yield value;
  else for (const inner of Object.values(value)) yield* rangesIn(inner);
}

function* fieldsIn(value: unknown): Generator<Field<string | number>> {
  if (typeof value !== "object" || value === null) return;
  if ("origin" in value && "value" in value) {
    if (value.origin === "written" && typeof value.value !== "boolean") yield value as Field<string | number>;
    return;
  }
  for (const inner of Object.values(value)) yield* fieldsIn(inner);
}
