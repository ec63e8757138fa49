import type { Manifest, ParsedFile, Part } from "../manifest/model.ts";

/**
 * What other texts can see of a manifest, as a string to compare: everything but where it stands. Manifests of equal
 * summaries are the same to everybody else.
 */
export function summarize(manifest: Manifest): string {
  const known = summaries.get(manifest);
  if (known !== undefined) return known;
  const summary = JSON.stringify(manifest, withoutRanges);
  summaries.set(manifest, summary);
  return summary;
}

/** Whether two readings of a file are the same to every other file. */
export function looksTheSame(before: ParsedFile, after: ParsedFile): boolean {
  if (before.role !== after.role) return false;
  if (after.role !== "manifests") return after.role === "ignored" || before.text === after.text;
  return (
    before.parts.length === after.parts.length &&
    before.parts.every((part, index) => part === after.parts[index] || partsLookTheSame(part, after.parts[index]))
  );
}

/** The manifests by which two readings of a file differ to others: those of the one, and those of the other. */
export function differingManifests(
  before: ParsedFile | undefined,
  after: ParsedFile | undefined,
): readonly (readonly Manifest[])[] {
  const old = before?.manifests ?? [];
  const now = after?.manifests ?? [];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && same(old[start], now[start])) start += 1;
  let tail = 0;
  while (tail < shorter - start && same(old.at(-1 - tail), now.at(-1 - tail))) tail += 1;
  return [old.slice(start, old.length - tail), now.slice(start, now.length - tail)];
}

/** Kept as long as the manifest: a text is summarized once, though it is compared with the one before and the one after. */
const summaries = new WeakMap<Manifest, string>();

/** A range, or the number of a document, tells where something stands and nothing else. */
function withoutRanges(key: string, value: unknown): unknown {
  if (key === "document") return undefined;
  return typeof value === "object" && value !== null && "uri" in value && "start" in value ? undefined : value;
}

function partsLookTheSame(before: Part, after: Part | undefined): boolean {
  if (after === undefined || before.opaque !== after.opaque || before.empty !== after.empty) return false;
  return (
    before.manifests.length === after.manifests.length &&
    before.manifests.every((manifest, index) => same(manifest, after.manifests[index]))
  );
}

const same = (a: Manifest | undefined, b: Manifest | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && summarize(a) === summarize(b));
