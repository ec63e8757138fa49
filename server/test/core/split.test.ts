import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { hasContent, splitDocuments } from "../../src/core/manifest/split.ts";

const textsOf = (text: string): readonly string[] =>
  splitDocuments(text).map(({ start, end }) => text.slice(start, end));

const bare = (text: string): readonly boolean[] => splitDocuments(text).map((chunk) => chunk.isBare);

describe("a text is cut", () => {
  it("at lines that begin with ---, inside of block scalars too", () => {
    assert.deepEqual(textsOf("a: 1\n---\nb: |\n  x\n--- # c\nc: 3"), ["a: 1\n", "\nb: |\n  x\n", " # c\nc: 3"]);
    assert.deepEqual(textsOf("---\na: 1\n---"), ["\na: 1\n", ""]);
    assert.deepEqual(textsOf("a: ---\n ---\n----\n---x\n"), ["a: ---\n ---\n----\n---x\n"]);
  });

  it("at lines that begin with ... as well, and knows what stands behind them without ---", () => {
    const text = "a: 1\n...\nb: 2\n---\nc: 3\n...\n";
    assert.deepEqual(textsOf(text), ["a: 1\n", "\nb: 2\n", "\nc: 3\n", "\n"]);
    assert.deepEqual(bare(text), [false, true, false, true]);
    assert.deepEqual(textsOf("a: 1\n....\n... b\n"), ["a: 1\n....\n", " b\n"]);
  });

  it("at line feeds alone: other line separators are text", () => {
    for (const text of ["a: b\u2028---\nc: d\n", "a: b\u2029---", "a: 'b\r---\rc'"])
      assert.deepEqual(textsOf(text), [text]);
    assert.deepEqual(textsOf("a: 1\r\n---\r\nb: 2"), ["a: 1\r\n", "\r\nb: 2"]);
  });

  it("without its byte order mark", () => {
    assert.deepEqual(textsOf("\ufeffa: 1"), ["a: 1"]);
    assert.deepEqual(textsOf("\ufeff---\na: 1"), ["\na: 1"]);
  });

  it("between JSON objects, in each YAML document", () => {
    assert.deepEqual(textsOf('{"a": "}"}\n {"b": {}}{}'), ['{"a": "}"}\n ', '{"b": {}}', "{}"]);
    assert.deepEqual(textsOf('{"a": 1}\n---\n{"b": 2}\n{"c": 3}\n'), ['{"a": 1}\n', '\n{"b": 2}\n', '{"c": 3}\n']);
  });

  it("between JSON objects where the line of a string does not close it", () => {
    assert.deepEqual(textsOf('{"a": "x\n}\n{"b": "\\\n}\n{"c": 3}'), ['{"a": "x\n}\n', '{"b": "\\\n}\n', '{"c": 3}']);
  });

  it("at JSON's white space alone: any other is text", () => {
    for (const text of ['\u00a0{"a": 1}{', '\u2028{"a": 1}{"b": 2}', '{"a": 1}\u00a0{"b": 2}'])
      assert.deepEqual(textsOf(text), [text]);
  });

  it("no further where anything but white space stands between them", () => {
    for (const text of ['{"a": "x\n} y", "z": {}}', '{"a": 1}, {"b": 2}', '{"a": 1} # {"b": 2}', '{"a": 1}}{"b": 2}']) {
      assert.deepEqual(textsOf(text), [text]);
    }
    assert.deepEqual(textsOf('{"a": 1} {"b": 2} c {"d": 4}'), ['{"a": 1} ', '{"b": 2} c {"d": 4}']);
  });

  it("however long its strings are and however many escapes they hold", () => {
    const size = 9 * 1024 * 1024;
    for (const text of [`{"a":"${"x".repeat(size)}"}`, `{"a":"${'\\"'.repeat(size / 2)}`, '{"'.repeat(size / 2)]) {
      assert.equal(splitDocuments(text).length, 1);
    }
  });
});

describe("for any text", () => {
  const piece = fc.constantFrom(
    ..."---|...|--- |... |---\n|...\n|\n---\n|\n...\n|\n| |  |a: 1|- b|a: |b: |\n---|\r\n|\r|'|\"|\\|{|}|[|]|,|# |\t".split(
      "|",
    ),
    "|\n  ",
    ">-\n  ",
    "%YAML 1.2\n",
    "&a ",
    "*a",
    "\ufeff",
    "\u2028",
    '{"a": 1}',
    '{"b": "}{"}',
  );
  const texts = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
    fc.string({ unit: "binary" }),
  );

  /**
   * The parser takes a carriage return by itself for text, and reads over a marker in quotes; Kubernetes' tools see white
   * space there, and the end of a document.
   */
  const isReadOtherwise = (text: string): boolean =>
    /\r(?!\n)/.test(text) || /['"].*\n(?:---|\.\.\.)[ \t\r\n].*['"]/s.test(text);

  it("the parts and the markers between them are the text", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const chunks = splitDocuments(text);
        const ends = [0, ...chunks.map(({ end }) => end)];
        const gaps = [...chunks.map(({ start }) => start), text.length].map((start, i) => text.slice(ends[i], start));
        for (const [index, gap] of gaps.entries()) {
          assert.match(gap, index === 0 ? /^\ufeff?(?:---|\.\.\.)?$/ : /^(?:---|\.\.\.)?$/, JSON.stringify(text));
          assert.equal(chunks[index]?.isBare ?? false, gap.endsWith("..."), JSON.stringify(text));
        }
        assert.equal(chunks.map(({ start, end }, i) => gaps[i] + text.slice(start, end)).join("") + gaps.at(-1), text);
      }),
      { numRuns: 2000 },
    );
  });

  it("every document that the YAML parser finds lies in a part of its own", () => {
    let compared = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const documents = parseAllDocuments(text, { schema: "failsafe", uniqueKeys: false, logLevel: "silent" });
        if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return;
        if (isReadOtherwise(text)) return;
        const chunks = splitDocuments(text);
        const homes = documents.flatMap(({ contents }) => {
          const [start, end] = contents?.range ?? [0, 0];
          // Of nothing, the parser says where it would stand.
          return start === end ? [] : [chunks.filter((chunk) => chunk.start <= start && end <= chunk.end)];
        });
        compared += homes.length;
        assert.ok(
          homes.every((found) => found.length === 1),
          JSON.stringify(text),
        );
        assert.equal(new Set(homes.flat()).size, homes.length, JSON.stringify(text));
      }),
      { numRuns: 5000 },
    );
    assert.ok(compared > 1000, `only ${compared} documents were compared`);
  });

  it("JSON objects after each other are found one by one", () => {
    const object = fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue());
    const blank = fc.stringMatching(/^[ \t\r\n]*$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(blank, object, fc.constantFrom(0, 1, 2)), { minLength: 1 }), (objects) => {
        const text = objects.map(([space, value, indent]) => space + JSON.stringify(value, undefined, indent)).join("");
        assert.deepEqual(
          textsOf(text).map((part): unknown => JSON.parse(part)),
          objects.map(([, value]) => JSON.parse(JSON.stringify(value)) as unknown),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("a document has content", () => {
  it("where anything but white space and comments stands in it", () => {
    for (const text of ["", "\n \t\r\n", "# a", "\n  # a\n\t# b\n"]) assert.equal(hasContent(text), false, text);
    for (const text of ["a", "# a\n b", "\t- a # b"]) assert.equal(hasContent(text), true, text);
  });
});
