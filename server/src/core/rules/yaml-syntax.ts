import { message } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";
import type { ParsedFile } from "../manifest/model.ts";
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
Only the first complaint about a document is shown: the others usually follow from it. Templates (\`{{ … }}\`, \`{% … %}\`, \`@NAME@\`) and texts
that do not look like a manifest are passed over.
`,

  *check(file) {
    for (const finding of problemsOf(file, "yaml-syntax")) {
      const document = documentAround(file, finding.range.start);
      if (!isTemplate(document.text)) yield { ...finding, range: placeIn(document, finding.range) };
    }
  },
} as const satisfies Rule<"File">;

/** Signs of a template language that YAML stumbles over: `@NAME@`, `{% … %}`, `<% … %>`. */
const isTemplate = (text: string): boolean => /@\w+@|\{%|<%/.test(text);

interface Document {
  readonly start: number;
  readonly text: string;
}

/** The document that an offset lies in; a complaint about its end stands where the next one begins. */
function documentAround({ text, parts }: ParsedFile, offset: number): Document {
  const part =
    parts.find(({ start, end, opaque }) => opaque === "unreadable" && start <= offset && offset <= end) ??
    parts.findLast(({ start }) => start <= offset);
  const start = part?.start ?? 0;
  return { start, text: text.slice(start, part?.end) };
}

/**
 * The word at the place of a complaint. Where a quote is not closed the parser complains at the end of the document:
 * the place is then the first quote that its line does not close. Any other end is the last word.
 */
function placeIn({ start, text }: Document, range: SourceRange): SourceRange {
  const offset = range.start - start;
  const word = /\S+/.exec(text.slice(offset));
  if (word) return placed(range, start + offset + word.index, word[0]);
  const open = /(?<=[:[{,-][ \t]+)(?:"(?:[^"\\\r\n]|\\.)*|'(?:[^'\r\n]|'')*)$/m.exec(text);
  if (open) return placed(range, start + open.index, open[0]);
  const trimmed = text.trimEnd();
  const from = Math.max(trimmed.lastIndexOf(" "), trimmed.lastIndexOf("\n")) + 1;
  return placed(range, start + from, trimmed.slice(from));
}

const placed = ({ uri }: SourceRange, start: number, text: string): SourceRange => ({
  uri,
  start,
  end: start + text.trimEnd().length,
});
