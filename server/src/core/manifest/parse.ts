import { message } from "../base/message.ts";
import type { DocumentUri, SourceRange } from "../base/source.ts";
import { namesIn } from "./kustomization.ts";
import type { FileRole, Manifest, ParsedFile, Part, Problem } from "./model.ts";
import { readObjects, resemblesManifest } from "./objects.ts";
import { readTree } from "./read-tree.ts";
import { editBetween, mover, rebase } from "./rebase.ts";
import { type Chunk, hasContent, splitDocuments, splitJson } from "./split.ts";
import { tabbedIndentations, withoutTabs } from "./tabs.ts";
import { describeYamlError, type YamlError } from "./yaml-error.ts";

/** Texts beyond this many UTF-16 code units are not read: nothing written by hand is that large. */
export const LARGEST_FILE = 10 * 1024 * 1024;

/**
 * Reads a text. Total: whatever cannot be read becomes a problem at its place, and the documents around it still count.
 * @param previous the last reading of the same file: its unchanged documents are kept, and a document that cannot be
 *   read any more keeps its last good reading, marked as stale
 */
export function parseFile(uri: DocumentUri, text: string, previous?: ParsedFile): ParsedFile {
  const role = roleOf(uri, text);
  const file = (found: Partial<ParsedFile>): ParsedFile => ({
    uri,
    text,
    role,
    names: NONE,
    parts: [],
    manifests: [],
    problems: [],
    ...found,
  });
  if (role === "kustomization") return file({ names: namesIn(uri, text) });
  if (role !== "manifests") return file({});
  const unreadable = unreadableFile(uri, text);
  if (unreadable) return file({ problems: [unreadable] });
  if (!/apiVersion/i.test(text)) return file({ role: "ignored" });
  const parts = readParts(uri, text, previous);
  return file({
    parts,
    manifests: parts.flatMap((part) => part.manifests),
    problems: parts.flatMap((part) => part.problems),
  });
}

const NONE: ReadonlySet<string> = new Set();

/** The name of the file decides, for the files that are not manifests themselves. */
function roleOf(uri: DocumentUri, text: string): FileRole {
  const name = uri.slice(uri.lastIndexOf("/") + 1);
  if (/^kustomization\.ya?ml$|^Kustomization$/.test(name)) {
    return /^apiVersion:\s*["']?kustomize\.toolkit\.fluxcd\.io\//m.test(text) ? "manifests" : "kustomization";
  }
  if (name === "Chart.yaml") return "chart";
  if (name === ".portolan.yaml") return "settings";
  return "manifests";
}

function unreadableFile(uri: DocumentUri, text: string): Problem | undefined {
  const range: SourceRange = { uri, start: 0, end: 0 };
  if (text.length > LARGEST_FILE) {
    const size = Math.round(text.length / 1024 / 1024);
    return {
      code: "unreadable-file",
      range,
      message: message`this file has ${size} MB, more than the ${LARGEST_FILE / 1024 / 1024} MB that are read: its contents are not taken into account`,
    };
  }
  if (!text.slice(0, 8192).includes("\0")) return undefined;
  return {
    code: "unreadable-file",
    range,
    message: message`this file is binary, not YAML: its contents are not taken into account`,
  };
}

function readParts(uri: DocumentUri, text: string, previous: ParsedFile | undefined): readonly Part[] {
  const chunks = splitDocuments(text);
  const only = chunks.length === 1 ? chunks[0] : undefined;
  const cut = only && /^\s*\{\s*["}]/.test(text.slice(only.start)) ? splitJson(text) : chunks;
  const sameCount = previous?.parts.length === cut.length;
  return cut.map((chunk, document) => {
    const before = previous?.parts[document];
    const reused = previous && before && reuse(previous, before, text, chunk);
    if (reused) return reused;
    return readPart(uri, text, chunk, document, sameCount && before ? { file: previous, part: before } : undefined);
  });
}

/** The reading of an unchanged document, moved to where it stands now. */
function reuse(previous: ParsedFile, part: Part, text: string, chunk: Chunk): Part | undefined {
  if (part.end - part.start !== chunk.end - chunk.start) return undefined;
  if (part.opaque === "unreadable") return undefined;
  if (previous.text.slice(part.start, part.end) !== text.slice(chunk.start, chunk.end)) return undefined;
  return part.start === chunk.start ? part : rebase({ ...part, ...chunk }, moveBy(part, chunk));
}

const moveBy =
  (from: Chunk, to: Chunk) =>
  (offset: number): number =>
    offset + to.start - from.start;

function readPart(
  uri: DocumentUri,
  fileText: string,
  chunk: Chunk,
  document: number,
  before: { readonly file: ParsedFile; readonly part: Part } | undefined,
): Part {
  const text = fileText.slice(chunk.start, chunk.end);
  const part = (found: Partial<Part>): Part => ({
    start: chunk.start,
    end: chunk.end,
    manifests: [],
    problems: [],
    opaque: undefined,
    empty: false,
    ...found,
  });
  if (!hasContent(text)) return part({ empty: true });

  const reading = readTree(uri, text, (offset) => offset + chunk.start);
  const [error] = reading.errors;
  const wasGood = before !== undefined && before.part.manifests.length > 0;
  if ((error || reading.hasComplexKeys) && !wasGood && /\{[{%]/.test(text)) return part({ opaque: "template" });
  if (error === undefined) return part({ manifests: readObjects(reading.tree, document, false) });

  const tab = tabbedIndentations(text)[0];
  if (tab !== undefined) {
    const spaced = withoutTabs(text);
    const again = readTree(uri, spaced.text, (offset) => spaced.at(offset) + chunk.start);
    if (again.errors.length === 0) {
      const manifests = readObjects(again.tree, document, false);
      const range = { uri, start: chunk.start + tab.start, end: chunk.start + tab.end };
      return part({ manifests, problems: manifests.length > 0 ? [tabProblem(range)] : [] });
    }
  }
  const lastGood = before && lastGoodReading(before, text, chunk.start);
  const manifests = lastGood ?? readObjects(reading.tree, document, true);
  const isManifest = manifests.length > 0 || resemblesManifest(text);
  return part({
    manifests,
    problems: isManifest ? [syntaxProblem(error)] : [],
    opaque: isManifest ? "unreadable" : undefined,
  });
}

/** @param text the document as it is now, which begins at `start` in its file */
function lastGoodReading(
  { file, part }: { readonly file: ParsedFile; readonly part: Part },
  text: string,
  start: number,
): readonly Manifest[] | undefined {
  if (part.manifests.length === 0) return undefined;
  const move = mover(editBetween(file.text.slice(part.start, part.end), text));
  return part.manifests.map((manifest) => ({
    ...rebase(manifest, (offset) => move(offset - part.start) + start),
    stale: true,
  }));
}

const tabProblem = (range: SourceRange): Problem => ({
  code: "tab-indentation",
  range,
  message: message`YAML allows no tabs in indentation`,
});

function syntaxProblem(error: YamlError): Problem {
  return { code: "yaml-syntax", range: error.range, message: describeYamlError(error) };
}
