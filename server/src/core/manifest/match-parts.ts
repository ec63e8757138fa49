import type { ParsedFile, Part } from "./model.ts";
import { rebase } from "./rebase.ts";
import type { Chunk } from "./split.ts";

/** What a document was when its file was last read. */
export interface EarlierReading {
  readonly part: Part;
  readonly text: string;
  readonly hasChanged: boolean;
}

/**
 * For each document of a text what it was in the last reading of the file; `undefined` where it was none. Documents that
 * say the same are found from both ends. As many as are left between them on both sides are the same ones, edited.
 */
export function matchParts(
  previous: ParsedFile,
  text: string,
  chunks: readonly Chunk[],
): readonly (EarlierReading | undefined)[] {
  const earlier = previous.parts.map((part) => ({ part, text: previous.text.slice(part.start, part.end) }));
  const before = earlier.map((reading) => bodyOf(reading.text).text.trimEnd());
  const now = chunks.map(({ start, end }) => bodyOf(text.slice(start, end)).text.trimEnd());
  const shorter = Math.min(before.length, now.length);
  let head = 0;
  while (head < shorter && before[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const inserted = now.length - before.length;
  return chunks.map((chunk, index): EarlierReading | undefined => {
    const isInTail = index >= chunks.length - tail;
    if (index >= head && !isInTail && inserted !== 0) return undefined;
    const reading = earlier[isInTail ? index - inserted : index];
    if (reading === undefined) return undefined;
    const isSame = reading.part.isBare === chunk.isBare && reading.text === text.slice(chunk.start, chunk.end);
    return { ...reading, hasChanged: !isSame };
  });
}

/**
 * A document without the blank lines in front: the rest of its marker's line is one of them, and where a document is
 * inserted above the first one, that gets a marker.
 */
export function bodyOf(text: string): { readonly start: number; readonly text: string } {
  const start = text.lastIndexOf("\n", text.search(/\S/) - 1) + 1;
  return { start, text: text.slice(start) };
}

/** The reading of an unchanged document, moved to where it stands now. */
export function movePart(part: Part, chunk: Chunk, document: number): Part {
  const isAtHome = part.start === chunk.start && part.manifests.every((manifest) => manifest.document === document);
  if (isAtHome) return part;
  const moved = rebase(part, (offset) => offset + chunk.start - part.start);
  return { ...moved, ...chunk, manifests: moved.manifests.map((manifest) => ({ ...manifest, document })) };
}
