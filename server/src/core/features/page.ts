import { type Bundle, type Message, render } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";

/**
 * A text made for reading: endpoints, a trace, rules. The same page is an editor's read-only document and a terminal's
 * output, in any language; its pieces lead back to the YAML that they come from.
 */
export interface Page {
  readonly lines: readonly Line[];
}

export type Line = readonly Piece[];

export interface Piece {
  /** Words are a message; names, numbers and rules are plain text. */
  readonly text: Message | string;
  readonly role?: PieceRole;
  /** The YAML that causes what the piece says. */
  readonly source?: SourceRange;
  /** Columns to fill with blanks, for a piece of a table; the last piece of a line needs none. */
  readonly width?: number;
}

/** What a piece is, so that a terminal can colour it. */
export type PieceRole = "title" | "label" | "good" | "bad" | "faint";

/** A page as text, with what stands where. Offsets are UTF-16 code units. */
export interface RenderedPage {
  readonly text: string;
  readonly spans: readonly PageSpan[];
}

export interface PageSpan {
  readonly start: number;
  readonly end: number;
  readonly role: PieceRole | undefined;
  readonly source: SourceRange | undefined;
}

/**
 * A page for a surface without links: behind each line stands the place that it comes from. Lines that name a property of
 * something say so of themselves; the thing itself has its place above them.
 * @param nameOf how the reader calls a place; `undefined` where nobody could go there
 */
export const withPlaces = ({ lines }: Page, nameOf: (source: SourceRange) => string | undefined): Page => ({
  lines: lines.map((line) => {
    const source = line.findLast((piece) => piece.source)?.source;
    const place = source && nameOf(source);
    if (place === undefined || line.some(({ role }) => role === "label")) return line;
    // The end of a line needs no blanks to fill its column.
    const ended = line.map((piece, index) => (index === line.length - 1 ? { ...piece, width: 0 } : piece));
    return [...ended, { text: `  (${place})`, role: "faint" }];
  }),
});

/** Renders a page in the language of a bundle; every line ends with a line feed. */
export function renderPage({ lines }: Page, bundle: Bundle = {}): RenderedPage {
  let text = "";
  const spans: PageSpan[] = [];
  for (const line of lines) {
    for (const [index, piece] of line.entries()) {
      const words = typeof piece.text === "string" ? piece.text : render(piece.text, bundle);
      const start = text.length;
      text += words;
      if (piece.role || piece.source) spans.push({ start, end: text.length, role: piece.role, source: piece.source });
      const isLast = index === line.length - 1;
      if (piece.width !== undefined && !isLast) text += " ".repeat(Math.max(0, piece.width - displayWidth(words)));
    }
    text += "\n";
  }
  return { text, spans };
}

/** Columns that a text takes on a terminal or in a fixed-width font: two for each wide character. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
      character,
    )
      ? 2
      : 1;
  return width;
}
