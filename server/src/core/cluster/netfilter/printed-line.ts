import type { SourceRange } from "../../base/source.ts";

/** One line of what a tool prints or reads. */
export interface PrintedLine {
  /** Without the line break. */
  readonly text: string;
  /** The YAML behind it. */
  readonly because: SourceRange | undefined;
}

/** A line, and what it is there for. */
export const textLine = (text: string, because?: SourceRange): PrintedLine => ({ text, because });

/** The text of a document: every line ends with a line break. */
export const joinLines = (lines: readonly PrintedLine[]): string =>
  lines.length === 0 ? "" : `${lines.map(({ text }) => text).join("\n")}\n`;
