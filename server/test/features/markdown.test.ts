import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { message, quote } from "../../src/core/base/message.ts";
import { documentUri } from "../../src/core/base/source.ts";
import { renderMarkdown } from "../../src/core/features/markdown.ts";

describe("prose as Markdown", () => {
  test("has a form for each of its blocks", () => {
    const text = renderMarkdown([
      { kind: "heading", words: message`Service ${quote("web")}` },
      { kind: "paragraph", words: message`It has ${2} ports.` },
      { kind: "list", items: [message`one`, message`two`] },
      { kind: "table", head: [message`port`, message`name`], rows: [[message`${80}`, message`${quote("http")}`]] },
    ]);
    assert.equal(
      text,
      [
        "**Service `web`**",
        "It has 2 ports\\.",
        "- one\n- two",
        "| port | name |\n| --- | --- |\n| 80 | `http` |",
      ].join("\n\n"),
    );
  });

  test("leads to places that have an address, and stands alone without one", () => {
    const source = { uri: documentUri("file:///a.yaml"), start: 0, end: 1 };
    const prose = [{ kind: "paragraph", words: { said: message`Service ${quote("web")}`, source } }] as const;
    assert.equal(
      renderMarkdown(prose, {}, ({ uri }) => `${uri}#L1`),
      "[Service `web`](<file:///a.yaml#L1>)",
    );
    assert.equal(renderMarkdown(prose), "Service `web`");
  });

  test("says it in the reader's language", () => {
    const prose = [{ kind: "heading", words: message`Service ${quote("web")}` }] as const;
    assert.equal(renderMarkdown(prose, { "Service {0}": "{0} 服务" }), "**`web` 服务**");
  });

  test("no value of the user's can shape the text", () => {
    const hostile = fc.string({ unit: fc.constantFrom(..."`*_[]()<>#|\\!~-+.\n\r\t &;a1") });
    fc.assert(
      fc.property(hostile, (value) => {
        const text = renderMarkdown([
          { kind: "paragraph", words: message`x ${quote(value)} y` },
          { kind: "paragraph", words: message`x ${value} y` },
          { kind: "table", head: [message`a`], rows: [[message`${quote(value)}`]] },
        ]);
        const lines = text.split("\n");
        assert.equal(lines.length, 7, "no value begins a line");
        assert.doesNotMatch(text, /[\r\t]/);
        const [coded = "", , plain = ""] = lines;
        assert.match(coded, value === "" ? /^x "" y$/ : /^x (`+)(?!`).*(?<!`)\1 y$/);
        assert.equal(
          plain.replace(/\\[^a-z0-9\s]/g, "").match(/[`*_[\]()<>#|!~]/),
          null,
          "everything special is escaped",
        );
        assert.match(lines[6] ?? "", /^\| (?:[^|\\]|\\.)* \|$/, "the row has one cell");
      }),
    );
  });
});
