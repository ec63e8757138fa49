import type { DocumentUri } from "../base/source.ts";
import {
  type Cursor,
  char,
  endLine,
  isBlank,
  isDash,
  isLineEnd,
  isQuote,
  NOT_PLAIN,
  type NotPlain,
  rangeOf,
  skipBlanks,
  skipInFlow,
  skipLine,
  toContent,
} from "./plain-cursor.ts";
import { endOfPlain, plainScalar, readLiteral, readQuoted } from "./plain-scalars.ts";
import { type Entry, isMergeKey, lastOfEachKey, type ScalarTree, type Tree } from "./tree.ts";

/** What makes a text less than plain; tabs are allowed in few places, and which ones is a long story. */
const NEVER_PLAIN = /[\t\ufeff\0]|\r(?!\n)|^(?:---|\.\.\.)/m;

/**
 * Reads the YAML that nearly all manifests are written in: block maps and lists, scalars and flow collections on one
 * line, literal blocks; and JSON. That is a small part of the work of a parser for all of YAML, and it never guesses: of a text
 * that holds anything else nothing is read, and the parser has its turn.
 * @param at maps an offset in `text` to one in the file
 * @returns the tree that the parser makes, range by range; `undefined` for a text that is not as plain as that
 */
export function readPlainYaml(uri: DocumentUri, text: string, at: (offset: number) => number): Tree | undefined {
  if (NEVER_PLAIN.test(text)) return undefined;
  const cursor: Cursor = {
    uri,
    text,
    at,
    offset: 0,
    column: 0,
    lineStart: 0,
    end: 0,
    commentColumn: -1,
    isFlow: false,
  };
  toContent(cursor);
  if (cursor.column < 0) return undefined;
  cursor.isFlow = isOpening(text.charCodeAt(cursor.offset));
  const tree = cursor.isFlow ? readInline(cursor) : readBlock(cursor);
  return tree === NOT_PLAIN || cursor.column >= 0 ? undefined : tree;
}

function readBlock(cursor: Cursor): Tree | NotPlain {
  if (cursor.column > DEEPEST) return NOT_PLAIN;
  return isDash(cursor) ? readList(cursor, cursor.column) : readMap(cursor, cursor.column);
}

function readMap(cursor: Cursor, column: number): Tree | NotPlain {
  const start = cursor.offset;
  const entries: Entry[] = [];
  while (cursor.column === column) {
    const key = readKey(cursor);
    if (key === NOT_PLAIN || isMergeKey(key)) return NOT_PLAIN;
    const value = readValue(cursor, column, true);
    if (value === NOT_PLAIN) return NOT_PLAIN;
    entries.push({ key, value });
  }
  if (!isClosed(cursor, column)) return NOT_PLAIN;
  return { kind: "map", entries: lastOfEachKey(entries), range: rangeOf(cursor, start, cursor.end) };
}

function readList(cursor: Cursor, column: number): Tree | NotPlain {
  const start = cursor.offset;
  const items: (Tree | undefined)[] = [];
  let isVoidBelowComment = false;
  while (cursor.column === column && isDash(cursor)) {
    const isBelowComment = cursor.commentColumn >= 0;
    cursor.offset += 1;
    const item = readValue(cursor, column, false);
    if (item === NOT_PLAIN) return NOT_PLAIN;
    isVoidBelowComment = item === undefined && isBelowComment;
    items.push(item);
  }
  // The parser has such a list end one character later.
  if (isVoidBelowComment) return NOT_PLAIN;
  if (!isClosed(cursor, column)) return NOT_PLAIN;
  return { kind: "list", items, range: rangeOf(cursor, start, cursor.end) };
}

/** Whether a collection may end where the cursor is: not in front of a line, or behind a comment, that is deeper. */
const isClosed = ({ column, commentColumn }: Cursor, own: number): boolean =>
  column <= own && commentColumn <= Math.max(column, 0);

/** What stands behind a colon or a dash, on the same line or below. Moves on to the next entry. */
function readValue(cursor: Cursor, column: number, inMap: boolean): Tree | undefined | NotPlain {
  const behind = cursor.offset;
  skipBlanks(cursor);
  const { text, offset } = cursor;
  const first = text.charCodeAt(offset);
  if (isLineEnd(first) || (first === char.hash && offset > behind)) return readBelow(cursor, column, inMap);
  if (offset === behind) return NOT_PLAIN;
  if (!inMap && (isDash(cursor) || isKeyAhead(cursor))) {
    cursor.column = offset - cursor.lineStart;
    return readBlock(cursor);
  }
  const value = first === char.bar ? readLiteral(cursor, column) : readInline(cursor);
  return value === NOT_PLAIN || cursor.column > column ? NOT_PLAIN : value;
}

/** A value below its key or dash; nothing, where no line belongs to it. */
function readBelow(cursor: Cursor, column: number, inMap: boolean): Tree | undefined | NotPlain {
  const { offset } = cursor;
  const hasComment = cursor.text.charCodeAt(offset) === char.hash;
  skipLine(cursor);
  toContent(cursor);
  if (cursor.column > column) return readBlock(cursor);
  if (inMap && cursor.column === column && isDash(cursor)) return readList(cursor, column);
  const isLast = cursor.column < column || !(inMap || isDash(cursor));
  if (isLast && (hasComment || cursor.commentColumn >= 0)) return NOT_PLAIN;
  cursor.end = offset;
  return undefined;
}

/** A key and its colon. */
function readKey(cursor: Cursor): ScalarTree | NotPlain {
  const { text } = cursor;
  const start = cursor.offset;
  const key = isQuote(text.charCodeAt(start)) ? readQuoted(cursor) : readPlainKey(cursor);
  if (key === NOT_PLAIN || key === undefined || cursor.offset - start > LONGEST_KEY) return NOT_PLAIN;
  skipBlanks(cursor);
  if (text.charCodeAt(cursor.offset) !== char.colon) return NOT_PLAIN;
  cursor.offset += 1;
  return key;
}

function readPlainKey(cursor: Cursor): ScalarTree | undefined | NotPlain {
  const end = endOfPlain(cursor, false);
  if (end === NOT_PLAIN || cursor.text.charCodeAt(end) !== char.colon) return NOT_PLAIN;
  return plainScalar(cursor, end);
}

/** Whether a list item begins with a key: the map then stands beside the dash. */
function isKeyAhead(cursor: Cursor): boolean {
  const { offset } = cursor;
  const key = readKey(cursor);
  const isKey = key !== NOT_PLAIN && isBlank(cursor.text.charCodeAt(cursor.offset));
  cursor.offset = offset;
  return isKey;
}

/** A value with its line. */
function readInline(cursor: Cursor): Tree | undefined | NotPlain {
  const value = readOneLiner(cursor);
  return value === NOT_PLAIN || endLine(cursor) ? value : NOT_PLAIN;
}

function readOneLiner(cursor: Cursor): Tree | undefined | NotPlain {
  const first = cursor.text.charCodeAt(cursor.offset);
  if (isQuote(first)) return readQuoted(cursor);
  if (isOpening(first)) return readFlow(cursor, DEEPEST);
  const end = endOfPlain(cursor, false);
  if (end === NOT_PLAIN || cursor.text.charCodeAt(end) === char.colon) return NOT_PLAIN;
  return plainScalar(cursor, end);
}

/** A flow collection; in a block one that ends on the line where it begins. @param depth how much deeper its own may be nested */
function readFlow(cursor: Cursor, depth: number): Tree | NotPlain {
  if (depth === 0) return NOT_PLAIN;
  const { text } = cursor;
  const start = cursor.offset;
  const isMap = text.charCodeAt(start) === char.openBrace;
  const close = isMap ? char.closeBrace : char.closeBracket;
  const entries: Entry[] = [];
  const items: (Tree | undefined)[] = [];
  do {
    cursor.offset += 1;
    skipInFlow(cursor);
    if (text.charCodeAt(cursor.offset) === close) break;
    if (isMap) {
      const entry = readFlowEntry(cursor, depth - 1);
      if (entry === NOT_PLAIN) return NOT_PLAIN;
      entries.push(entry);
    } else {
      const item = readFlowItem(cursor, depth - 1);
      if (item === NOT_PLAIN) return NOT_PLAIN;
      items.push(item);
    }
    skipInFlow(cursor);
  } while (text.charCodeAt(cursor.offset) === char.comma);
  if (text.charCodeAt(cursor.offset) !== close) return NOT_PLAIN;
  cursor.offset += 1;
  const range = rangeOf(cursor, start, cursor.offset);
  return isMap ? { kind: "map", entries: lastOfEachKey(entries), range } : { kind: "list", items, range };
}

function readFlowEntry(cursor: Cursor, depth: number): Entry | NotPlain {
  const start = cursor.offset;
  const key = readFlowScalar(cursor);
  if (key === NOT_PLAIN || key === undefined || isMergeKey(key)) return NOT_PLAIN;
  if (cursor.offset - start > LONGEST_KEY) return NOT_PLAIN;
  skipBlanks(cursor);
  if (cursor.text.charCodeAt(cursor.offset) !== char.colon) return NOT_PLAIN;
  cursor.offset += 1;
  if (key.plain && !isBlank(cursor.text.charCodeAt(cursor.offset))) return NOT_PLAIN;
  skipInFlow(cursor);
  const value = readFlowItem(cursor, depth);
  return value === NOT_PLAIN ? NOT_PLAIN : { key, value };
}

const readFlowItem = (cursor: Cursor, depth: number): Tree | undefined | NotPlain =>
  isOpening(cursor.text.charCodeAt(cursor.offset)) ? readFlow(cursor, depth) : readFlowScalar(cursor);

function readFlowScalar(cursor: Cursor): ScalarTree | undefined | NotPlain {
  if (isQuote(cursor.text.charCodeAt(cursor.offset))) return readQuoted(cursor);
  const end = endOfPlain(cursor, true);
  return end === NOT_PLAIN ? NOT_PLAIN : plainScalar(cursor, end);
}

const isOpening = (code: number): boolean => code === char.openBrace || code === char.openBracket;

/** No manifest is nested deeper, in columns or in brackets; what is may exhaust the stack. */
const DEEPEST = 400;

/** The parser takes longer ones for a mistake. */
const LONGEST_KEY = 1000;
