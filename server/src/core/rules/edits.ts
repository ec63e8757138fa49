import type { SourceRange } from "../base/source.ts";
import type { Label, Labels, ServicePort } from "../manifest/model.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import type { TextEdit } from "./rule.ts";

/**
 * Edits of YAML and JSON texts that keep the style of what is there: quotes, indentation, line ends, flow or block.
 * Where a text is laid out in a way that an edit could spoil, there is none.
 */

/** Whether a place lies within another: an alias or a merge key may have brought a value from elsewhere. */
export const isWithinRange = (inner: SourceRange, outer: SourceRange): boolean =>
  inner.uri === outer.uri && inner.start >= outer.start && inner.end <= outer.end;

/** The text of a place; empty where the file is gone. */
export const textAt = (snapshot: Snapshot, { uri, start, end }: SourceRange): string =>
  snapshot.files.get(uri)?.text.slice(start, end) ?? "";

/** Replaces a scalar by another string, in the quotes that it has. */
export const replaceScalar = (snapshot: Snapshot, range: SourceRange, value: string): TextEdit => ({
  range,
  newText: scalarLike(textAt(snapshot, range), value),
});

/** Adds an entry behind the last one of a map that has entries. */
export function addLabel(snapshot: Snapshot, { entries }: Labels, key: string, value: string): TextEdit | undefined {
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const quoted = textAt(snapshot, first.key.range);
  return addEntry(
    snapshot,
    first.key.range,
    last.value.range,
    `${scalarLike(quoted, key)}: ${scalarLike(quoted, value)}`,
  );
}

/** Adds a field behind the number of a Service port. */
export function addPortField(
  snapshot: Snapshot,
  { range, port }: ServicePort,
  name: string,
  value: string | number,
): TextEdit | undefined {
  const quoted = textAt(snapshot, range);
  const text = typeof value === "number" ? String(value) : scalarLike(quoted, value);
  return addEntry(snapshot, range, port.range, `${scalarLike(quoted, name)}: ${text}`);
}

/** Removes an entry of a map that keeps others. */
export function removeLabel(snapshot: Snapshot, { entries }: Labels, entry: Label): TextEdit | undefined {
  const index = entries.indexOf(entry);
  const [first] = entries;
  const next = entries[index + 1];
  const previous = entries[index - 1];
  if (first === undefined || (next ?? previous) === undefined) return undefined;
  const { uri } = entry.key.range;
  if (isInFlow(snapshot, first.key.range)) {
    if (next) return { range: { uri, start: entry.key.range.start, end: next.key.range.start }, newText: "" };
    const start = previous?.value.range.end ?? entry.key.range.start;
    return { range: { uri, start, end: entry.value.range.end }, newText: "" };
  }
  const line = lineAround(snapshot, entry.key.range);
  const isAlone = /^ *$/.test(line.before) && entry.value.range.end <= line.end;
  return isAlone ? { range: { uri, start: line.start, end: line.next }, newText: "" } : undefined;
}

/**
 * Puts a field before another one of the same map.
 * @param lines of the field in block style, indented from nothing
 * @param flow the same in flow style, JSON's quotes included where `quoted`
 */
export function addBeforeField(
  snapshot: Snapshot,
  before: SourceRange,
  lines: readonly string[],
  flow: (quoted: boolean) => string,
): TextEdit | undefined {
  const line = lineAround(snapshot, before);
  const quoted = textAt(snapshot, before).startsWith('"');
  const range = { uri: before.uri, start: before.start, end: before.start };
  if (quoted || !/^[ -]*$/.test(line.before)) {
    const isInBraces = /[{,]\s*$/.test(textAt(snapshot, { ...before, start: 0, end: before.start }));
    return isInBraces ? { range, newText: `${flow(quoted)},${separatorAfter(line)}` } : undefined;
  }
  const indentation = line.before.replace(/-/g, " ");
  return { range, newText: lines.map((text) => `${text}${line.eol}${indentation}`).join("") };
}

/** A string as YAML writes it: plain where no reader takes it for anything else. */
export const yamlString = (value: string): string =>
  /^[A-Za-z_./][-\w./]*$/.test(value) &&
  !/^(?:true|false|yes|no|on|off|null|y|n|~|\.[\d_].*|\.(?:inf|nan))$/i.test(value)
    ? value
    : JSON.stringify(value);

function scalarLike(old: string, value: string): string {
  if (old.startsWith('"')) return JSON.stringify(value);
  if (old.startsWith("'")) return `'${value.replaceAll("'", "''")}'`;
  return yamlString(value);
}

/**
 * @param first the first key of the map
 * @param last the value behind which the entry goes
 */
function addEntry(snapshot: Snapshot, first: SourceRange, last: SourceRange, entry: string): TextEdit | undefined {
  if (isInFlow(snapshot, first)) {
    const separator = separatorAfter(lineAround(snapshot, first));
    return { range: { uri: last.uri, start: last.end, end: last.end }, newText: `,${separator}${entry}` };
  }
  const { before, eol } = lineAround(snapshot, first);
  if (!/^[ -]*$/.test(before)) return undefined;
  const { end } = lineAround(snapshot, { ...last, start: last.end });
  return { range: { uri: last.uri, start: end, end }, newText: `${eol}${before.replace(/-/g, " ")}${entry}` };
}

/** Whether the map that a key is the first of stands in braces. */
const isInFlow = (snapshot: Snapshot, firstKey: SourceRange): boolean =>
  /\{\s*$/.test(textAt(snapshot, { ...firstKey, start: Math.max(0, firstKey.start - 200), end: firstKey.start }));

/** What stands between two entries in braces: a new line where the first one has its own. */
const separatorAfter = ({ before, eol }: Line): string => (/^[ \t]*$/.test(before) ? eol + before : " ");

interface Line {
  readonly start: number;
  /** Before the line end. */
  readonly end: number;
  /** Where the next line starts. */
  readonly next: number;
  readonly eol: string;
  /** What stands on the line before the place. */
  readonly before: string;
}

function lineAround(snapshot: Snapshot, { uri, start }: SourceRange): Line {
  const text = snapshot.files.get(uri)?.text ?? "";
  const lineStart = start === 0 ? 0 : text.lastIndexOf("\n", start - 1) + 1;
  const feed = text.indexOf("\n", start);
  const next = feed < 0 ? text.length : feed + 1;
  const end = feed < 0 ? text.length : text[feed - 1] === "\r" ? feed - 1 : feed;
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  return { start: lineStart, end, next, eol, before: text.slice(lineStart, start).replace(/^\ufeff/, "") };
}
