import type { Place } from "./rule-line.ts";
import { goesOn, isBlank } from "./tokens.ts";

/** A line of a text, without its line break. */
export interface LinePlace extends Place {
  /** It stands in a quoted string of a log, where line breaks are `\n` and quotes have a backslash before them. */
  readonly escaped: boolean;
}

/**
 * The lines of a text. A line of a log that quotes several gives as many; a rule that was broken for reading, behind a
 * backslash or before an option, is one.
 */
export function* findLines(text: string): Generator<LinePlace> {
  const mayQuote = text.includes("\\n-A ") || text.includes("\\n:");
  for (let start = 0; start < text.length; ) {
    let end = endOfLine(text, start);
    while (end < text.length && isBroken(text, start, end)) end = endOfLine(text, end + 1);
    if (mayQuote && isQuotation(text.slice(start, end))) yield* quotedLines(text, start, end);
    else yield { start, end, escaped: false };
    start = end + 1;
  }
}

function endOfLine(text: string, start: number): number {
  const lineBreak = text.indexOf("\n", start);
  return lineBreak < 0 ? text.length : lineBreak;
}

/** Whether a line goes on behind the line break at its end. */
function isBroken(text: string, start: number, end: number): boolean {
  const last = text.charCodeAt(end - 1) === 13 ? end - 2 : end - 1;
  if (last >= start && goesOn(text, last)) return true;
  let next = end + 1;
  if (!isBlank(text.charCodeAt(next))) return false;
  while (next < text.length && isBlank(text.charCodeAt(next)) && text[next] !== "\n") next += 1;
  if (!/^-(?:[mjgsdpio]|-[a-z][a-z-]*) /.test(text.slice(next, next + 30))) return false;
  const line = text.slice(start, end);
  return /^\s*-[AI] /.test(line) && !/ -[jg] /.test(line);
}

const isQuotation = (line: string): boolean => line.includes("\\n-A ") || line.includes("\\n:");

function* quotedLines(text: string, start: number, end: number): Generator<LinePlace> {
  const line = text.slice(start, end);
  const opening = line.slice(0, line.indexOf("\\n")).lastIndexOf('"') + 1;
  for (let from = opening; from < line.length; ) {
    const lineBreak = line.indexOf("\\n", from);
    const to = lineBreak < 0 ? line.length : lineBreak;
    // What stands behind the last line break is the end of the quotation, and further words of the log.
    if (lineBreak >= 0) yield { start: start + from, end: start + to, escaped: true };
    from = to + 2;
  }
}
