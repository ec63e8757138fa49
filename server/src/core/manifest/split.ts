/** One YAML document of a text, by its offsets. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a text at its document markers. A line that begins with `---` ends whatever came before it, block scalars
 * included, so one broken document cannot swallow the next.
 */
export function splitDocuments(text: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (const marker of text.matchAll(/^---(?=[ \t\r\n]|$)/gm)) {
    if (marker.index > start) chunks.push({ start, end: marker.index });
    start = marker.index + 3;
  }
  chunks.push({ start, end: text.length });
  return chunks;
}

/** Cuts a text of several JSON objects after each other, as `kubectl` accepts them; braces in strings do not count. */
export function splitJson(text: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let depth = 0;
  let start = 0;
  for (const token of text.matchAll(/"(?:[^"\\]|\\[\s\S])*"|[{}]/g)) {
    if (token[0] === "{") {
      if (depth === 0) start = token.index;
      depth += 1;
    } else if (token[0] === "}") {
      depth = Math.max(0, depth - 1);
      if (depth === 0) chunks.push({ start, end: token.index + 1 });
    }
  }
  if (depth > 0) chunks.push({ start, end: text.length });
  return chunks.length > 0 ? chunks : [{ start: 0, end: text.length }];
}

/** Whether a YAML document holds anything besides comments. */
export const hasContent = (text: string): boolean => /^[ \t]*[^\s#]/m.test(text);
