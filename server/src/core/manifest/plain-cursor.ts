import type { DocumentUri, SourceRange } from "../base/source.ts";

/** Where the reading of plain YAML stands. */
export interface Cursor {
  readonly uri: DocumentUri;
  readonly text: string;
  readonly at: (offset: number) => number;
  offset: number;
  /** Of the text at `offset`, which begins a value or an entry; -1 at the end of the document. */
  column: number;
  lineStart: number;
  /** Where the last value ends for the collection around it: at the beginning of the next line. */
  end: number;
  /** Of the deepest comment between the last value and `offset`; -1 where there is none. */
  commentColumn: number;
  /** The document is one flow collection, as JSON is, which goes on from line to line. */
  isFlow: boolean;
}

/** Stands for a reading that was given up. */
export const NOT_PLAIN = Symbol("not plain");
/** The type of {@link NOT_PLAIN}. */
export type NotPlain = typeof NOT_PLAIN;

/** Ends a line behind a value: nothing may follow but a comment. @returns whether that is so */
export function endLine(cursor: Cursor): boolean {
  const behind = cursor.offset;
  skipBlanks(cursor);
  const code = cursor.text.charCodeAt(cursor.offset);
  if (!isLineEnd(code) && !(code === char.hash && cursor.offset > behind)) return false;
  skipLine(cursor);
  cursor.end = cursor.offset;
  toContent(cursor);
  return true;
}

/** Moves from the beginning of a line to the next text that is no comment. */
export function toContent(cursor: Cursor): void {
  cursor.commentColumn = -1;
  while (cursor.offset < cursor.text.length) {
    skipBlanks(cursor);
    const code = cursor.text.charCodeAt(cursor.offset);
    cursor.column = cursor.offset - cursor.lineStart;
    if (!isLineEnd(code) && code !== char.hash) return;
    if (code === char.hash) cursor.commentColumn = Math.max(cursor.commentColumn, cursor.column);
    skipLine(cursor);
  }
  cursor.column = -1;
}

/** Moves to the beginning of the next line. */
export function skipLine(cursor: Cursor): void {
  const lineBreak = cursor.text.indexOf("\n", cursor.offset);
  cursor.offset = lineBreak < 0 ? cursor.text.length : lineBreak + 1;
  cursor.lineStart = cursor.offset;
}

/** Moves on to what is no blank. */
export function skipBlanks(cursor: Cursor): void {
  while (cursor.text.charCodeAt(cursor.offset) === char.space) cursor.offset += 1;
}

/** Moves on to what stands next in a flow collection: on the same line, unless the whole document is one. */
export function skipInFlow(cursor: Cursor): void {
  skipBlanks(cursor);
  while (cursor.isFlow && cursor.offset < cursor.text.length && isLineEnd(cursor.text.charCodeAt(cursor.offset))) {
    skipLine(cursor);
    skipBlanks(cursor);
  }
}

/** Whether a list item begins here. */
export const isDash = ({ text, offset }: Cursor): boolean =>
  text.charCodeAt(offset) === char.dash && isBlank(text.charCodeAt(offset + 1));

/** A part of the text as a part of the file. */
export const rangeOf = ({ uri, at }: Cursor, start: number, end: number): SourceRange => ({
  uri,
  start: at(start),
  end: at(end),
});

/** Character codes that mean something. */
export const char = {
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  doubleQuote: 0x22,
  hash: 0x23,
  singleQuote: 0x27,
  comma: 0x2c,
  dash: 0x2d,
  colon: 0x3a,
  question: 0x3f,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  bar: 0x7c,
  closeBrace: 0x7d,
} as const;

/** Whether a quoted scalar begins. */
export const isQuote = (code: number): boolean => code === char.singleQuote || code === char.doubleQuote;

/** A line break, or the end of the text. A carriage return stands before a line feed only. */
export const isLineEnd = (code: number): boolean =>
  code === char.lineFeed || code === char.carriageReturn || Number.isNaN(code);

/** What ends a word: a blank, or its line. */
export const isBlank = (code: number): boolean => code === char.space || isLineEnd(code);

/** What ends a word in a flow collection. */
export const isFlowMark = (code: number): boolean =>
  code === char.comma ||
  code === char.openBrace ||
  code === char.closeBrace ||
  code === char.openBracket ||
  code === char.closeBracket;

/** What no unquoted scalar begins with. */
export const isIndicator = (code: number): boolean =>
  ",[]{}#&*!|>'\"%@`".includes(String.fromCharCode(code)) || isBlank(code);
