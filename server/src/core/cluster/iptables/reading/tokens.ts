/** One word of a rule. Offsets are those of the text that it stands in; they include quotes. */
export interface Token {
  /** Without quotes and escapes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** A quoted word is never an option, whatever it looks like. */
  readonly quoted: boolean;
}

/** The words of a line, and whether the last one lacks its closing quote. */
export interface Words {
  readonly tokens: readonly Token[];
  readonly open: boolean;
}

/**
 * Splits the part `[start, end)` of a text as iptables-restore splits a line: at blanks, but not in double quotes, where
 * a backslash takes the next character as it is. Word processors' quotes count as well, a word that begins with `#`
 * ends the line, and so a line may go on in the next one behind a backslash. One pass, whatever the text.
 * @param escaped the line stands in a quoted string of a log, so that its own quotes have a backslash before them
 */
export function splitWords(text: string, start: number, end: number, escaped = false): Words {
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    while (at < end && (isBlank(text.charCodeAt(at)) || goesOn(text, at))) at += 1;
    if (at >= end || text.charCodeAt(at) === HASH) return { tokens, open: false };
    const word = readWord(text, at, end, escaped);
    tokens.push(word.token);
    at = word.token.end;
    if (word.open) return { tokens, open: true };
  }
}

/** Blanks of all sorts: also the one that does not break, which web pages like, and the ends of lines. */
export const isBlank = (code: number): boolean =>
  code === 32 || code === 9 || code === LINE_FEED || code === RETURN || code === 160;

/** Whether a backslash says that the line goes on in the next one. */
export function goesOn(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== BACKSLASH) return false;
  const next = text.charCodeAt(at + 1);
  return next === LINE_FEED || (next === RETURN && text.charCodeAt(at + 2) === LINE_FEED);
}

function readWord(text: string, start: number, end: number, escaped: boolean): { token: Token; open: boolean } {
  let word = "";
  let from = start;
  let at = start;
  let quoted = false;
  /** The sign that closes the quotation; 0 outside of one. */
  let closing = 0;
  while (at < end) {
    const code = text.charCodeAt(at);
    const isEscapedQuote = escaped && code === BACKSLASH && text.charCodeAt(at + 1) === QUOTE;
    const sign = isEscapedQuote ? QUOTE : code;
    if (closing === 0 ? sign === QUOTE || sign === OPENING || sign === CLOSING : sign === closing) {
      word += text.slice(from, at);
      at += isEscapedQuote ? 2 : 1;
      from = at;
      closing = closing > 0 ? 0 : sign === QUOTE ? QUOTE : CLOSING;
      quoted = true;
    } else if (closing > 0 && code === BACKSLASH && at + 1 < end) {
      word += text.slice(from, at);
      from = at + 1;
      at += 2;
    } else if (closing === 0 && isBlank(code)) {
      break;
    } else {
      at += 1;
    }
  }
  const stop = Math.min(at, end);
  return { token: { text: word + text.slice(from, stop), start, end: stop, quoted }, open: closing > 0 };
}

const LINE_FEED = 10;
const RETURN = 13;
const QUOTE = 34;
const HASH = 35;
const BACKSLASH = 92;
const OPENING = 0x201c;
const CLOSING = 0x201d;
