import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { repository } from "./files.ts";

interface Found {
  readonly key: string;
  readonly line: number;
}

const { messagesIn } = (await import(
  pathToFileURL(join(repository, "scripts", "lib", "message-templates.mjs")).href
)) as { readonly messagesIn: (source: string) => readonly Found[] };

const keysIn = (source: string): readonly string[] => messagesIn(source).map(({ key }) => key);

test("a message's key has a number for each hole", () => {
  assert.deepEqual(keysIn("const a = message`no pod in ${quote(b)} has ${c}`;"), ["no pod in {0} has {1}"]);
});

test("messages within holes are found, too", () => {
  const source =
    "message`a ${list(x.map((y) => { return message`b ${`{${y}}`}`; }))} c ${d ? message`e` : message`f`}`";
  assert.deepEqual([...keysIn(source)].sort(), ["a {0} c {1}", "b {0}", "e", "f"]);
});

test("strings, comments, regular expressions and other templates hide nothing and invent nothing", () => {
  const source = [
    '// message`in a comment`, and a lone "',
    "/* message`in another` ' */",
    'const a = /["\'`/]/.test(b) ? 1 / 2 : "message`in a string`";',
    "const c = `plain ${message`inside`} text` / d;",
    "const e = other`tagged`;",
    "const f = x.replace(/`/g, '') + message`after`;",
  ].join("\n");
  assert.deepEqual(keysIn(source), ["inside", "after"]);
});

test("escapes stand for what they mean", () => {
  assert.deepEqual(keysIn("message`a \\`b\\` \\${c} \\u2026\\n`"), ["a `b` ${c} \u2026\n"]);
});

test("the client's words are those of l10n.t", () => {
  const source = 'vscode.l10n.t("Go to {0}", name);\nl10n.t(\n  \'It is "so"\',\n);\nother.t("not this")';
  assert.deepEqual(messagesIn(source), [
    { key: "Go to {0}", line: 1 },
    { key: 'It is "so"', line: 3 },
  ]);
});
