import { type Message, message } from "../base/message.ts";
import type { DocumentUri, SourceRange } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { TextEdit } from "../rules/rule.ts";
import { checkFile, type Report } from "../rules/run.ts";

/** Something that mends a finding, or silences it. */
export interface Action {
  readonly title: Message;
  readonly report: Report;
  /** The finding's safest fix, to be applied without a choice. */
  readonly preferred: boolean;
  readonly edits: readonly TextEdit[];
}

/** What can be done about the findings that a range touches: their fixes first, then comments that ignore them. */
export function findActions(cluster: Cluster, uri: DocumentUri, range: SourceRange): readonly Action[] {
  const file = cluster.snapshot.files.get(uri);
  if (file === undefined) return [];
  const touched = checkFile(cluster, uri).reports.filter((report) => touches(report.range, range));
  const fixes = touched.flatMap((report) =>
    report.fixes.map(({ title, edits }, index): Action => ({ title, report, preferred: index === 0, edits })),
  );
  return [...fixes, ...touched.flatMap((report) => ignore(report, file.text) ?? [])];
}

const touches = (a: SourceRange, b: SourceRange): boolean => a.start <= b.end && b.start <= a.end;

/** A comment above the line of a finding. JSON has no comments, nor has the text of a block scalar. */
function ignore(report: Report, text: string): Action | undefined {
  const { uri, start } = report.range;
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  if (uri.toLowerCase().endsWith(".json") || isInBlockScalar(text, lineStart)) return undefined;
  const indentation = /^[ ]*/.exec(text.slice(lineStart))?.[0] ?? "";
  const lineBreak = text.slice(lineStart - 2, lineStart) === "\r\n" ? "\r\n" : "\n";
  const at: SourceRange = { uri, start: lineStart, end: lineStart };
  const newText = `${indentation}# portolan-ignore ${report.rule}${lineBreak}`;
  return {
    title: message`Ignore this finding of ${report.rule} with a comment`,
    report,
    preferred: false,
    edits: [{ range: at, newText }],
  };
}

/** Whether a line belongs to a `|` or `>` scalar: a line that it is nested in ends with such a mark. */
function isInBlockScalar(text: string, lineStart: number): boolean {
  let indentation = indentationOf(text.slice(lineStart));
  for (const line of text.slice(0, lineStart).split("\n").reverse()) {
    if (line.trim() === "" || indentationOf(line) >= indentation) continue;
    if (/(?:^|[\s:-])[|>][+-]?\d?[+-]?\s*(?:#.*)?$/.test(line)) return true;
    indentation = indentationOf(line);
    if (indentation === 0) return false;
  }
  return false;
}

const indentationOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0;
