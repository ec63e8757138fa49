import { endOfQuoted } from "./quotes.ts";

/** One document of a text, by its offsets; the marker in front of it is none of it. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
  /** It stands behind `...`, not behind `---`: a document to YAML, but Kubernetes' tools read no further than `...`. */
  readonly isBare: boolean;
}

/**
 * Cuts a text at its document markers, and where JSON objects stand after each other, as `kubectl` accepts them. A line
 * that begins with a marker ends whatever came before it, block scalars included, so one broken document cannot swallow
 * the next. Chunks and markers together are the whole text.
 */
export const splitDocuments = (text: string): readonly Chunk[] =>
  splitAtMarkers(text).flatMap((chunk) =>
    JSON_OBJECT.test(text.slice(chunk.start, chunk.end)) ? splitJson(text, chunk) : [chunk],
  );

/** Whether a document holds anything besides comments. */
export const hasContent = (text: string): boolean => /^[ \t]*[^\s#]/m.test(text);

const MARKER = /(?:^\ufeff?|\n)(---|\.\.\.)(?=[ \t\r\n]|$)/g;
/** JSON's white space; any other is text to YAML. */
const JSON_OBJECT = /^[ \t\r\n]*\{[ \t\r\n]*["}]/;

function splitAtMarkers(text: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let isBare = false;
  for (const { 0: match, 1: marker = "", index } of text.matchAll(MARKER)) {
    const end = index + match.length - marker.length;
    if (end > start) chunks.push({ start, end, isBare });
    start = end + marker.length;
    isBare = marker === "...";
  }
  return [...chunks, { start, end: text.length, isBare }];
}

/** Every object but the first begins behind another one and white space; whatever else follows belongs to the last. */
function splitJson(text: string, { start, end, isBare }: Chunk): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let from = start;
  for (;;) {
    const next = nextObject(text, from, end);
    chunks.push({ start: from, end: next ?? end, isBare: isBare && from === start });
    if (next === undefined) return chunks;
    from = next;
  }
}

/** Where an object begins behind the first one, with nothing but white space in between. */
function nextObject(text: string, start: number, end: number): number | undefined {
  let depth = 0;
  for (let offset = start; offset < end; ) {
    const character = text[offset];
    if (character === '"') {
      offset = endOfQuoted(text, offset) ?? endOfLine(text, offset);
      continue;
    }
    offset += 1;
    if (character === "{") depth += 1;
    if (character !== "}") continue;
    depth -= 1;
    if (depth > 0) continue;
    NO_SPACE.lastIndex = offset;
    const next = NO_SPACE.exec(text);
    return next?.[0] === "{" && next.index < end ? next.index : undefined;
  }
  return undefined;
}

const NO_SPACE = /[^ \t\r\n]/g;

function endOfLine(text: string, offset: number): number {
  const lineBreak = text.indexOf("\n", offset);
  return lineBreak < 0 ? text.length : lineBreak;
}
