import type { DocumentUri, SourceRange } from "../core/base/source.ts";
import type { Snapshot } from "../core/workspace/snapshot.ts";

/** A place in a text as people count: lines and columns from 1, columns in UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Answers where an offset stands in its text. */
export interface Places {
  readonly placeOf: (uri: DocumentUri, offset: number) => Place;
  readonly startOf: (range: SourceRange) => Place;
  readonly endOf: (range: SourceRange) => Place;
  /** One line, without its line break; empty beyond the end. */
  readonly lineAt: (uri: DocumentUri, line: number) => string;
}

/** Places in the texts of a snapshot. A text that it does not hold has one empty line. */
export function placesIn(snapshot: Snapshot): Places {
  return placesOf((uri) => snapshot.files.get(uri)?.text ?? "");
}

/** Places in texts; the lines of each are counted once. */
export function placesOf(textOf: (uri: DocumentUri) => string): Places {
  const known = new Map<DocumentUri, readonly number[]>();
  const startsOf = (uri: DocumentUri): readonly number[] => {
    const starts = known.get(uri) ?? lineStarts(textOf(uri));
    known.set(uri, starts);
    return starts;
  };
  const placeOf = (uri: DocumentUri, offset: number): Place => {
    const starts = startsOf(uri);
    const line = lastNotAfter(starts, offset);
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
  return {
    placeOf,
    startOf: ({ uri, start }) => placeOf(uri, start),
    endOf: ({ uri, end }) => placeOf(uri, end),
    lineAt: (uri, line) => {
      const starts = startsOf(uri);
      const start = starts[line - 1];
      return start === undefined
        ? ""
        : textOf(uri)
            .slice(start, starts[line])
            .replace(/[\r\n]+$/, "");
    },
  };
}

/** Where each line of a text begins. A line ends with `\n`, `\r\n` or `\r`, as it does in an editor. */
function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (const { index, 0: lineBreak } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + lineBreak.length);
  return starts;
}

function lastNotAfter(starts: readonly number[], offset: number): number {
  let low = 0;
  for (let high = starts.length; high - low > 1; ) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
