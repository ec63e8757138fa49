import { message, quote } from "../base/message.ts";
import type { DocumentUri, SourceRange } from "../base/source.ts";
import { bodyOf, type EarlierReading } from "./match-parts.ts";
import type { Manifest, Part, Problem } from "./model.ts";
import { readObjects, resemblesManifest } from "./objects.ts";
import type { TreeReading } from "./read-any-yaml.ts";
import { readTree } from "./read-tree.ts";
import { editBetween, mover, rebase } from "./rebase.ts";
import { type Chunk, hasContent } from "./split.ts";
import { tabbedIndentations, withoutTabs } from "./tabs.ts";
import { describeYamlError, type YamlError } from "./yaml-error.ts";

/** What the reading of a document depends on besides its text. */
export interface PartContext {
  /** Which document of its file it is, counted from 0. */
  readonly document: number;
  /** How many values its aliases and merge keys may stand for. */
  readonly mostAliased: number;
  readonly before?: EarlierReading;
}

/**
 * Reads one YAML document of a file. Total: a document that cannot be read has a problem, and keeps its last good
 * reading, or what could be understood of it, marked as stale. A template, and what is no manifest, has none.
 */
export function readPart(uri: DocumentUri, fileText: string, chunk: Chunk, context: PartContext): Part {
  const { document, mostAliased, before } = context;
  const text = fileText.slice(chunk.start, chunk.end);
  const at = (offset: number): number => offset + chunk.start;
  const part = (found: Partial<Part>): Part => ({
    start: chunk.start,
    end: chunk.end,
    isBare: chunk.isBare,
    manifests: [],
    problems: [],
    opaque: undefined,
    empty: false,
    aliased: 0,
    ...found,
  });
  if (!hasContent(text)) return part({ empty: true });
  const asWritten = readTree(uri, text, at, mostAliased);
  const spaced = asWritten.errors.length > 0 ? readTabsAsSpaces(uri, text, at, mostAliased) : undefined;
  const { tree, errors, hasComplexKeys, aliased } = spaced ?? asWritten;
  const [error] = errors;
  const wasGood = before !== undefined && before.part.manifests.length > 0;
  if ((error || hasComplexKeys) && !wasGood && /\{[{%]/.test(text)) return part({ opaque: "template", aliased });
  if (error) {
    const manifests = lastGoodReading(context, text, chunk.start) ?? readObjects(tree, document, true);
    const isManifest = manifests.length > 0 || resemblesManifest(text);
    if (!isManifest) return part({ aliased });
    return part({ manifests, problems: [problemOf(error)], opaque: "unreadable", aliased });
  }
  const manifests = readObjects(tree, document, chunk.isBare);
  if (manifests.length === 0) return part({ aliased });
  return part({
    manifests,
    problems: [...(chunk.isBare ? [bareProblem(uri, chunk)] : []), ...(spaced ? [tabProblem(spaced.tab)] : [])],
    opaque: chunk.isBare ? "unreadable" : undefined,
    aliased,
  });
}

/** Reads a document as if the tabs in its indentation were spaces, if it has any and can be read like that. */
function readTabsAsSpaces(
  uri: DocumentUri,
  text: string,
  at: (offset: number) => number,
  mostAliased: number,
): (TreeReading & { readonly tab: SourceRange }) | undefined {
  const tab = tabbedIndentations(text)[0];
  if (tab === undefined) return undefined;
  const spaced = withoutTabs(text);
  const reading = readTree(uri, spaced.text, (offset) => at(spaced.at(offset)), mostAliased);
  return reading.errors.length > 0 ? undefined : { ...reading, tab: { uri, start: at(tab.start), end: at(tab.end) } };
}

/** @param text the document as it is now, which begins at `start` in its file */
function lastGoodReading(
  { document, before }: PartContext,
  text: string,
  start: number,
): readonly Manifest[] | undefined {
  if (before === undefined || before.part.manifests.length === 0) return undefined;
  const old = bodyOf(before.text);
  const body = bodyOf(text);
  const move = mover(editBetween(old.text, body.text));
  return before.part.manifests.map((manifest) => ({
    ...rebase(manifest, (offset) => move(offset - before.part.start - old.start) + start + body.start),
    document,
    stale: true,
  }));
}

const problemOf = (error: YamlError): Problem => ({
  code: error.code === "TOO_MANY_ALIASED" || error.code === "TOO_LARGE" ? "unreadable-file" : "yaml-syntax",
  range: error.range,
  message: describeYamlError(error),
});

const tabProblem = (range: SourceRange): Problem => ({
  code: "tab-indentation",
  range,
  message: message`YAML allows no tabs in indentation`,
});

/** Source: apimachinery's util/yaml cuts a text at `---` alone, and sigs.k8s.io/yaml reads one document of each cut. */
const bareProblem = (uri: DocumentUri, { start }: Chunk): Problem => ({
  code: "yaml-syntax",
  range: { uri, start: start - END_MARKER.length, end: start },
  message: message`kubectl passes over the document behind ${quote(END_MARKER)}: no ${quote("---")} begins it`,
});

const END_MARKER = "...";
