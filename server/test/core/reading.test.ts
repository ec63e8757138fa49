import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { documentUri, type Field, type SourceRange } from "../../src/core/base/source.ts";
import { fold } from "../../src/core/base/text.ts";
import { parseFile } from "../../src/core/manifest/parse.ts";

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

const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), pieces, typed);

test("any text can be read, alone and after any other, and every place lies in it", () => {
  fc.assert(
    fc.property(anyText, anyText, (before, after) => {
      for (const file of [parseFile(uri, after), parseFile(uri, after, parseFile(uri, before))]) {
        for (const range of rangesIn(file.manifests)) assertWithin(range, after);
        for (const { range } of file.problems) assertWithin(range, after);
        for (const part of file.parts) assertWithin({ uri, start: part.start, end: part.end }, after);
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

function assertWithin({ start, end }: SourceRange, text: string): void {
  assert.ok(0 <= start && start <= end && end <= text.length, `${start}–${end} in ${JSON.stringify(text)}`);
}

/** Neither quoted nor folded over lines, nor a word or a notation that stands for another value. */
const isPlain = (text: string): boolean => !/^["'|>]|[\r\n]|^(?:true|yes|on|y|false|no|off|n|None)$|^[+\d]/i.test(text);

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
