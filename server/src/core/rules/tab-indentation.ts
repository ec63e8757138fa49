import { message } from "../base/message.ts";
import type { ParsedFile, Part } from "../manifest/model.ts";
import { tabbedIndentations } from "../manifest/tabs.ts";
import type { Rule, TextEdit } from "./rule.ts";
import { problemsOf } from "./text-problems.ts";

/**
 * A manifest that is indented with tabs and that YAML cannot read for that reason alone.
 *
 * Mirrors the YAML specification: tabs are no indentation.
 */
export const tabIndentation = {
  id: "tab-indentation",
  on: "File",
  severity: "error",
  title: message`Indentation uses tabs`,
  why: message`YAML allows only spaces for indentation, so kubectl cannot read this document`,
  remedy: message`Indent with spaces`,
  source: "https://yaml.org/spec/1.2.2/#61-indentation-spaces",
  details: `
Portolan reads such a document as if every tab were spaces up to the next multiple of two, so that its objects still
count. The fix writes those spaces, in every document of the file that is indented like that. Tabs elsewhere in a line are
legal and stay.
`,

  *check(file) {
    const edits = file.parts.filter(hasTabs).flatMap((part) => editsOf(file, part));
    yield* problemsOf(file, "tab-indentation", [{ title: message`Indent with spaces`, edits }]);
  },
} as const satisfies Rule<"File">;

const hasTabs = ({ problems }: Part): boolean => problems.some(({ code }) => code === "tab-indentation");

const editsOf = ({ uri, text }: ParsedFile, part: Part): readonly TextEdit[] =>
  tabbedIndentations(text.slice(part.start, part.end)).map(({ start, end, spaces }) => ({
    range: { uri, start: part.start + start, end: part.start + end },
    newText: spaces,
  }));
