import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { documentUri } from "../../src/core/base/source.ts";
import { MOST_ALIASED } from "../../src/core/manifest/limits.ts";
import type { ParsedFile } from "../../src/core/manifest/model.ts";
import { parseFile } from "../../src/core/manifest/parse.ts";
import { readTree } from "../../src/core/manifest/read-tree.ts";
import type { Tree } from "../../src/core/manifest/tree.ts";

const uri = documentUri("file:///web.yaml");

/** How many values a walk over a tree meets. Ends early where there are far too many. */
function countValues(tree: Tree | undefined, most: number): number {
  let count = 0;
  const pending = [tree];
  for (let next = pending.pop(); pending.length > 0 || next !== undefined; next = pending.pop()) {
    if (next === undefined) continue;
    count += 1;
    if (count > most) return count;
    if (next.kind === "list") pending.push(...next.items);
    if (next.kind === "map") for (const { key, value } of next.entries) pending.push(key, value);
  }
  return count;
}

const repeated = (alias: string, times: number): string => `[${Array.from({ length: times }, () => alias).join(", ")}]`;

/** A few lines that stand for 4000 containers of 4000 ports each. */
const wide = `x-port: &p { name: http, containerPort: 80 }
x-container: &c { name: web, ports: ${repeated("*p", 4000)} }
apiVersion: v1
kind: Pod
metadata: { name: wide }
spec: { containers: ${repeated("*c", 4000)} }
`;

/** Each map has all entries of the one before, and one more. */
const chained = [
  "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: chained }\ndata:",
  "  a0: &a0 { k0: v }",
  ...Array.from({ length: 2000 }, (_, i) => `  a${i + 1}: &a${i + 1} { <<: *a${i}, k${i + 1}: v }`),
].join("\n");

/** The same without aliases: 300 levels of 1000 entries. */
const nested = `apiVersion: v1\nkind: ConfigMap\ndata: ${"{ <<: ".repeat(300)}{ ${Array.from({ length: 1000 }, (_, i) => `k${i}: v`).join(", ")} }${" }".repeat(300)}\n`;

const service = "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: 80 }] }\n";

const problemsOf = ({ text, problems }: ParsedFile): readonly string[] =>
  problems.map(({ code, range }) => `${code} ${text.slice(range.start, range.end)}`);

const namesOf = ({ manifests }: ParsedFile): readonly string[] => manifests.map(({ name }) => name.value);

describe("a document whose aliases stand for more than can be read", () => {
  it("has one problem, where they become too many, and hides none of its neighbours", () => {
    const file = parseFile(uri, `${service}---\n${wide}---\n${service.replace("web", "last")}`);
    assert.deepEqual(problemsOf(file), ["unreadable-file *c"]);
    assert.deepEqual(namesOf(file), ["web", "wide", "last"]);
    assert.deepEqual(
      file.parts.map(({ opaque }) => opaque),
      [undefined, "unreadable", undefined],
    );
  });

  it("keeps what stands before that place", () => {
    const [pod] = parseFile(uri, wide).manifests;
    assert.ok(pod?.type === "Workload" && pod.stale);
    const { containers } = pod.template;
    assert.ok(containers.length > 1 && containers.length < 4000, String(containers.length));
    assert.ok(containers.every(({ ports }) => ports.length === 4000));
  });

  it("may owe that to merge keys", () => {
    assert.match(problemsOf(parseFile(uri, chained)).join(), /^unreadable-file (?:<<|\*a\d{3})$/);
    assert.deepEqual(problemsOf(parseFile(uri, nested)), ["unreadable-file <<"]);
  });

  it("leaves less for others of its file, and what they have does not depend on what was read before", () => {
    const large = `apiVersion: v1
kind: ConfigMap
metadata: { name: large }
data: &data { ${Array.from({ length: 100 }, (_, i) => `k${i}: v`).join(", ")} }
more: ${repeated("*data", 400)}
`;
    const aliases = service.replace("name: web", "name: &name web, labels: { app: *name }");
    const text = `${Array.from({ length: 20 }, () => large).join("---\n")}---\n${aliases}---\n${service}`;
    const file = parseFile(uri, text);
    const all = file.parts.reduce((sum, { aliased }) => sum + aliased, 0);
    assert.ok(all > 9 * MOST_ALIASED && all <= 10 * MOST_ALIASED, String(all));
    assert.deepEqual(
      problemsOf(file),
      Array.from({ length: 8 }, () => "unreadable-file *data"),
    );
    assert.deepEqual(parseFile(uri, text, parseFile(uri, `${aliases}---\n${service}`)), file);
    const without = parseFile(uri, `${large}---\n${large}---\n${aliases}---\n${service}`, file);
    assert.deepEqual(without, parseFile(uri, without.text));
  });
});

describe("for any document", () => {
  const name = fc.constantFrom("a", "b", "c");
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom("x", "", "null", "'y'", "*a", "*b", "*c"),
      fc.array(tie("value"), { maxLength: 6 }).map((items) => `[${items.map((item) => `${item},`).join("")}]`),
      fc
        .array(fc.tuple(fc.constantFrom("k", "l", "m", "<<", "'<<'", "*a "), tie("value")), { maxLength: 6 })
        .map((entries) => `{${entries.map(([key, inner]) => `${key}: ${inner}`).join(", ")}}`),
      fc.tuple(name, tie("value")).map(([anchor, inner]) => `&${anchor} ${inner.startsWith("*") ? "x" : inner}`),
    ),
  }));
  const documents = fc.array(value, { maxLength: 12 }).map((items) => items.map((item) => `- ${item}\n`).join(""));

  it("a walk meets no more values than the text has characters, and those that aliases may stand for", () => {
    let limited = 0;
    fc.assert(
      fc.property(documents, fc.nat(60), (text, most) => {
        const { tree, errors, aliased } = readTree(uri, text, undefined, most);
        assert.ok(aliased <= most);
        const count = countValues(tree, 10 * (text.length + most));
        assert.ok(count <= text.length + aliased, `${count} in ${JSON.stringify(text)}`);
        limited += errors.filter(({ code }) => code === "TOO_MANY_ALIASED").length;
      }),
      { numRuns: 2000 },
    );
    assert.ok(limited > 50, `only ${limited} documents had too many`);
  });

  it("aliases stand for what is written at their anchors, as long as they may", () => {
    fc.assert(
      fc.property(documents, fc.nat(60), (text, most) => {
        const whole = readTree(uri, text);
        const limited = readTree(uri, text, undefined, most);
        if (limited.errors.every(({ code }) => code !== "TOO_MANY_ALIASED")) assert.deepEqual(limited, whole);
        else assert.ok(whole.aliased > most);
      }),
      { numRuns: 1000 },
    );
  });
});
