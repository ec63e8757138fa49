import { Composer, type Document, type Node, Parser } from "yaml";

/** A document as the YAML parser gives it. */
export interface Composed {
  readonly contents: Node | null;
  /** In the order in which they were met, and no more than a thousand. */
  readonly errors: readonly ParserError[];
}

/** A complaint of the parser, from one offset to another. */
export interface ParserError {
  readonly code: string;
  /** The parser's own words, in English. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Has the parser read the text of one document. Throws a RangeError where it is nested too deeply.
 *
 * The parser makes an Error of each complaint, and each has a stack trace: those of a megabyte of brackets fill a
 * gigabyte. So the complaints are taken from it before that.
 */
export function compose(text: string): Composed {
  const errors: ParserError[] = [];
  const complain = (code: string, said: string, start: number, end: number): void => {
    if (errors.length < MOST_ERRORS) errors.push({ code, text: said, start, end });
  };
  const composer = new Composer({
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    strict: false,
    logLevel: "silent",
  });
  Object.assign(composer, {
    onError(source: ErrorSource, code: string, said: string, isWarning = false): void {
      if (!isWarning) complain(code, said, ...placeOf(source));
    },
  });
  let first: Document.Parsed | undefined;
  for (const token of new Parser().parse(text)) {
    if (token.type === "error") {
      const { message: said, source } = token;
      complain("UNEXPECTED_TOKEN", source ? `${said}: ${JSON.stringify(source)}` : said, ...placeOf(token));
    } else {
      for (const document of composer.next(token)) first ??= document;
    }
  }
  for (const document of composer.end(true, text.length)) first ??= document;
  return { contents: first?.contents ?? null, errors };
}

/** Nobody reads more complaints about one document. */
const MOST_ERRORS = 1000;

/** What the parser's complaints are about: an offset, a range, or a token. */
type ErrorSource =
  | number
  | readonly [start: number, end: number, nodeEnd?: number]
  | { readonly offset: number; readonly source?: string };

function placeOf(source: ErrorSource): readonly [start: number, end: number] {
  if (typeof source === "number") return [source, source + 1];
  if ("offset" in source) return [source.offset, source.offset + (source.source?.length ?? 1)];
  return [source[0], source[1]];
}
