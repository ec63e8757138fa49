import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFixture, printFixture } from "./fixture.ts";

const marked = `A Service.
#- /shop/service.yaml
kind: Service
#<<<< error[one]: the first columns
#     | see /shop/pod.yaml \`app\`: more
#     ^^^^^^^ error[two]: a value
spec:
#< hint[three]: the whole line
  selector: {}
# ^^^^^^^^ lens 1 endpoint
# a comment
#- /shop/pod.yaml crlf bom
kind: Pod
#     ^^^ error[four]: behind a byte order mark
metadata:
  name: web
`;

test("a fixture is split into its files, without the marks", () => {
  const { description, files } = parseFixture(marked);
  assert.deepEqual(description, ["A Service."]);
  assert.deepEqual(
    files.map(({ path, text }) => [path, text]),
    [
      ["/shop/service.yaml", "kind: Service\nspec:\n  selector: {}\n# a comment\n"],
      ["/shop/pod.yaml", "\ufeffkind: Pod\r\nmetadata:\r\n  name: web\r\n"],
    ],
  );
});

test("a mark covers the columns of the ordinary line above it", () => {
  const { files } = parseFixture(marked);
  const covered = files.map(({ text, marks }) => marks.map(({ start, end }) => text.slice(start, end)));
  assert.deepEqual(covered, [["kind", "Service", "spec:", "selector"], ["Pod"]]);
  assert.deepEqual(files[0]?.marks[0]?.lines, ["error[one]: the first columns", "see /shop/pod.yaml `app`: more"]);
});

test("printing undoes reading", () => {
  assert.equal(printFixture(parseFixture(marked)), marked);
});

test("a mark outside every line is printed at the nearest one", () => {
  const [file] = parseFixture("kind: Pod\n").files;
  const marks = [{ start: 10, end: 10, lines: ["error[one]: behind the end"] }];
  const printed = printFixture({ description: [], files: file ? [{ ...file, marks }] : [] });
  assert.equal(printed, "kind: Pod\n#        ^ error[one]: behind the end\n");
});

test("a fixture without headings is one file", () => {
  const text = "kind: Pod\n#     ^^^ error[one]: so\n";
  assert.deepEqual(
    parseFixture(text).files.map(({ path, text: clean }) => [path, clean]),
    [["/manifest.yaml", "kind: Pod\n"]],
  );
  assert.equal(printFixture(parseFixture(text)), text);
});

test("a mark above every line, and an unknown flag, are defects of the fixture", () => {
  assert.throws(() => parseFixture("#- /a.yaml\n# ^^^ error[one]: so\n"), /no line stands above/);
  assert.throws(() => parseFixture("#- /a.yaml dos\nkind: Pod\n"), /no flag is called dos/);
});
