import { type Bundle, type Message, markdown, plainText, render, type Style } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";

/** A short text with some shape, such as a hover, before it is Markdown in somebody's language. */
export type Prose = readonly Block[];

export type Block =
  | { readonly kind: "heading"; readonly words: Words }
  | { readonly kind: "paragraph"; readonly words: Words }
  | { readonly kind: "list"; readonly items: readonly Words[] }
  | { readonly kind: "table"; readonly head: readonly Words[]; readonly rows: readonly (readonly Words[])[] };

/** Words, and where they lead. Several of them follow each other with a space between. */
export type Words = Message | LinkedWords | readonly (Message | LinkedWords)[];

/** Words that lead to the YAML they speak of. */
export interface LinkedWords {
  readonly said: Message;
  readonly source: SourceRange;
}

/**
 * Prose as CommonMark with tables. Whatever came from a manifest is code or escaped, so that no name can shape the text.
 * @param linkTo the address of a place in a text; without one the words stand alone
 */
export function renderMarkdown(
  prose: Prose,
  bundle: Bundle = {},
  linkTo: (source: SourceRange) => string | undefined = () => undefined,
): string {
  const inline = (words: Words): string => inlineWith(words, bundle, markdownLine, linkTo);
  const blockOf = (block: Block): string => {
    switch (block.kind) {
      case "heading":
        return `**${inline(block.words)}**`;
      case "paragraph":
        return inline(block.words);
      case "list":
        return block.items.map((item) => `- ${inline(item)}`).join("\n");
      case "table":
        return [block.head, block.head.map(() => undefined), ...block.rows]
          .map((row) => `| ${row.map((cell) => (cell ? tableCell(inline(cell)) : "---")).join(" | ")} |`)
          .join("\n");
    }
  };
  return prose.map(blockOf).join("\n\n");
}

/** Prose for a surface that knows no Markdown. */
export function renderPlain(prose: Prose, bundle: Bundle = {}): string {
  const inline = (words: Words): string => inlineWith(words, bundle, plainLine, () => undefined);
  const blockOf = (block: Block): string => {
    switch (block.kind) {
      case "heading":
      case "paragraph":
        return inline(block.words);
      case "list":
        return block.items.map((item) => `  ${inline(item)}`).join("\n");
      case "table":
        return [block.head, ...block.rows].map((row) => `  ${row.map(inline).join("  ")}`).join("\n");
    }
  };
  return prose.map(blockOf).join("\n");
}

function inlineWith(
  words: Words,
  bundle: Bundle,
  style: Style,
  linkTo: (source: SourceRange) => string | undefined,
): string {
  if (isSeveral(words)) return words.map((part) => inlineWith(part, bundle, style, linkTo)).join(" ");
  if (!("said" in words)) return render(words, bundle, style);
  const address = linkTo(words.source);
  const text = render(words.said, bundle, style);
  return address === undefined ? text : `[${text}](<${address}>)`;
}

const isSeveral = (words: Words): words is readonly (Message | LinkedWords)[] => Array.isArray(words);

/** A value with a line break would end its line, or even its paragraph. */
const plainLine: Style = { plain: oneLine, quoted: (text) => plainText.quoted(oneLine(text)) };
const markdownLine: Style = {
  plain: (text) => markdown.plain(oneLine(text)),
  // Code cannot be empty.
  quoted: (text) => (text === "" ? '""' : markdown.quoted(oneLine(text))),
};

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** Inside a table even code must not hold a bare bar. */
const tableCell = (text: string): string => text.replace(/\\?\|/g, "\\|");
