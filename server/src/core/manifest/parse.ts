import { message } from "../base/message.ts";
import type { DocumentUri, SourceRange } from "../base/source.ts";
import { namesIn } from "./kustomization.ts";
import { LARGEST_FILE, MOST_ALIASED, MOST_ALIASED_IN_FILE } from "./limits.ts";
import { matchParts, movePart } from "./match-parts.ts";
import type { FileRole, ParsedFile, Part, Problem } from "./model.ts";
import { readPart } from "./read-part.ts";
import { splitDocuments } from "./split.ts";

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
  const known = previous ? matchParts(previous, text, chunks) : [];
  let left = MOST_ALIASED_IN_FILE;
  return chunks.map((chunk, document) => {
    const match = known[document];
    const mostAliased = Math.min(MOST_ALIASED, left);
    const part =
      match && !match.hasChanged && isWhole(match.part, mostAliased)
        ? movePart(match.part, chunk, document)
        : readPart(uri, text, chunk, { document, mostAliased, ...(match && { before: match }) });
    left -= part.aliased;
    return part;
  });
}

/** Whether a reading left nothing out, and would not now: what is left out depends on the documents before. */
const isWhole = ({ problems, aliased }: Part, mostAliased: number): boolean =>
  aliased <= mostAliased && problems.every(({ code }) => code !== "unreadable-file");
