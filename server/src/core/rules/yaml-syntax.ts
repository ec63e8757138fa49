import { message } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";
import { endOfQuoted } from "../manifest/quotes.ts";
import type { Rule } from "./rule.ts";
import { problemsOf } from "./text-problems.ts";

/** A manifest that YAML cannot read. Where text is no manifest, or a template, its syntax is nobody's business here. */
export const yamlSyntax = {
  id: "yaml-syntax",
  on: "File",
  severity: "error",
  title: message`Manifest cannot be read`,
  why: message`kubectl cannot read this document, and what it describes is not taken into account here`,
  remedy: message`Correct the YAML at the marked place, or just before it`,
  source: "https://yaml.org/spec/1.2.2/",
  details: `
Documents before and after the broken one still count, and so does what could last be read of it while it is being typed.
Only the first complaint about a document is shown: the others usually follow from it. A line \`...\` ends a document. What
follows it without \`---\` is another one to YAML, but \`kubectl\` passes over it. Templates (\`{{ … }}\`, \`{% … %}\`, \`@NAME@\`) and texts
that do not look like a manifest are passed over.
`,

  *check({ text: fileText, parts }) {
    for (const part of parts) {
      for (const finding of problemsOf(part, "yaml-syntax")) {
        const text = fileText.slice(part.start, part.end);
        if (!isTemplate(text)) yield { ...finding, range: placeIn(part.start, text, finding.range) };
      }
    }
  },
} as const satisfies Rule<"File">;

/** Signs of a template language that YAML stumbles over: `@NAME@`, `{% … %}`, `<% … %>`. */
const isTemplate = (text: string): boolean => /@\w+@|\{%|<%/.test(text);

/**
 * The word at the place of a complaint. Where a quote is not closed the parser complains at the end of the document:
 * the place is then the first quote that its line does not close. Any other end is the last word.
 * @param start where the document of that text begins; what is wrong with the marker in front stands before
 */
function placeIn(start: number, text: string, range: SourceRange): SourceRange {
  if (range.start < start) return range;
  const offset = range.start - start;
  const word = /\S+/.exec(text.slice(offset));
  if (word) return placed(range, start + offset + word.index, word[0]);
  const open = findOpenQuote(text);
  if (open !== undefined) return placed(range, start + open, lineAt(text, open));
  const trimmed = text.trimEnd();
  const from = Math.max(trimmed.lastIndexOf(" "), trimmed.lastIndexOf("\n")) + 1;
  return placed(range, start + from, trimmed.slice(from));
}

/** The first quote at the beginning of a value that its line does not close. */
function findOpenQuote(text: string): number | undefined {
  for (let offset = 0; offset < text.length; ) {
    const isQuote = text[offset] === '"' || text[offset] === "'";
    const end = isQuote && beginsValue(text, offset) ? endOfQuoted(text, offset) : offset + 1;
    if (end === undefined) return offset;
    offset = end;
  }
  return undefined;
}

/** Whether what stands at an offset is parted by blanks from a mark that a value may follow. */
function beginsValue(text: string, offset: number): boolean {
  let before = offset - 1;
  while (text[before] === " " || text[before] === "\t") before -= 1;
  return before < offset - 1 && /[:[{,-]/.test(text[before] ?? "");
}

function lineAt(text: string, offset: number): string {
  const end = text.indexOf("\n", offset);
  return text.slice(offset, end < 0 ? undefined : end);
}

const placed = ({ uri }: SourceRange, start: number, text: string): SourceRange => ({
  uri,
  start,
  end: start + text.trimEnd().length,
});
