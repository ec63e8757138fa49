import {
  type Cursor,
  char,
  isBlank,
  isFlowMark,
  isIndicator,
  isLineEnd,
  NOT_PLAIN,
  type NotPlain,
  rangeOf,
  toContent,
} from "./plain-cursor.ts";
import { endOfQuoted } from "./quotes.ts";
import { type ScalarTree, scalarTree } from "./tree.ts";

/** Single or double quotes on one line, with the escapes that people write. */
export function readQuoted(cursor: Cursor): ScalarTree | undefined | NotPlain {
  const { text, offset: start } = cursor;
  const end = endOfQuoted(text, start);
  if (end === undefined) return NOT_PLAIN;
  cursor.offset = end;
  const inner = text.slice(start + 1, end - 1);
  const value = text.charCodeAt(start) === char.singleQuote ? inner.replaceAll("''", "'") : withoutEscapes(inner);
  return value === undefined ? NOT_PLAIN : scalarTree(value, false, rangeOf(cursor, start, end));
}

function withoutEscapes(inner: string): string | undefined {
  if (!inner.includes("\\")) return inner;
  let isKnown = true;
  const value = inner.replace(/\\([\s\S])/g, (_, escaped: string) => {
    const character = ESCAPES[escaped];
    isKnown &&= character !== undefined;
    return character ?? "";
  });
  return isKnown ? value : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", '"': '"', "\\": "\\", "/": "/" };

/** An unquoted scalar that ends before an offset, and the blanks before that left out. */
export function plainScalar(cursor: Cursor, end: number): ScalarTree | undefined {
  const { text, offset: start } = cursor;
  let last = end;
  while (last > start && text.charCodeAt(last - 1) === char.space) last -= 1;
  cursor.offset = last;
  return scalarTree(text.slice(start, last), true, rangeOf(cursor, start, last));
}

/** Where an unquoted scalar ends: at a colon, a comment or the end of its line; in a flow collection at a separator. */
export function endOfPlain({ text, offset: start, isFlow }: Cursor, inFlow: boolean): number | NotPlain {
  const first = text.charCodeAt(start);
  const second = text.charCodeAt(start + 1);
  const mayBegin = first === char.dash || first === char.colon || first === char.question;
  if (mayBegin ? isBlank(second) || isFlowMark(second) : isIndicator(first)) return NOT_PLAIN;
  for (let offset = start; ; offset++) {
    const code = text.charCodeAt(offset);
    if (isLineEnd(code)) return inFlow && !isFlow ? NOT_PLAIN : offset;
    if (code === char.hash && text.charCodeAt(offset - 1) === char.space) return inFlow ? NOT_PLAIN : offset;
    if (inFlow && isFlowMark(code)) return offset;
    if (code !== char.colon) continue;
    const next = text.charCodeAt(offset + 1);
    if (isBlank(next) || (inFlow && isFlowMark(next))) return offset;
  }
}

/** `|` and `|-`: lines at least as deep as the first one, which is not blank. */
export function readLiteral(cursor: Cursor, column: number): ScalarTree | undefined | NotPlain {
  const { text, offset: start } = cursor;
  LITERAL_HEAD.lastIndex = start;
  const [, strip = "", indentation = ""] = LITERAL_HEAD.exec(text) ?? [];
  if (indentation.length <= column) return NOT_PLAIN;
  let value = "";
  let blanks = "";
  let end = start;
  for (let from = text.indexOf("\n", start) + 1; from < text.length; ) {
    const lineBreak = text.indexOf("\n", from);
    const to = lineBreak < 0 ? text.length : lineBreak;
    const line = text.slice(from, to);
    from = Math.min(to + 1, text.length);
    if (line.trim() === "") {
      if (line.length > indentation.length || line.endsWith("\r")) return NOT_PLAIN;
      blanks += "\n";
    } else if (line.startsWith(indentation)) {
      value += `${blanks}${line.slice(indentation.length)}\n`;
      blanks = "";
      end = from;
    } else {
      break;
    }
  }
  cursor.offset = end;
  cursor.lineStart = end;
  cursor.end = end;
  toContent(cursor);
  if (value.includes("\r") || cursor.commentColumn > column) return NOT_PLAIN;
  return scalarTree(strip === "" ? value : value.slice(0, -1), false, rangeOf(cursor, start, end));
}

const LITERAL_HEAD = /\|(-?)\n( +)[^\s]/y;
