import { render } from "../../src/core/base/message.ts";
import { type DocumentUri, documentUri } from "../../src/core/base/source.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import type { Fix, Related } from "../../src/core/rules/rule.ts";
import { checkFile, type Report } from "../../src/core/rules/run.ts";
import type { Fixture, FixtureFile, Mark } from "./fixture.ts";
import { clusterOf, pathOf, storeOf, uriOf, urisOf } from "./workspace.ts";

/** What all rules say about the files of a fixture. */
export interface Checked {
  /** The fixture with the findings as they are in the place of the expected ones. */
  readonly actual: Fixture;
  readonly reports: readonly Report[];
  /** Complaints about the texts themselves. */
  readonly problemCount: number;
  readonly textOf: (uri: DocumentUri) => string;
  readonly cluster: Cluster;
}

/** Runs all rules over a fixture's files. Other marks than those of findings are left as they are. */
export function check(fixture: Fixture): Checked {
  const { snapshot } = storeOf(fixture.files);
  const cluster = clusterOf(snapshot);
  const textOf = (uri: DocumentUri): string => snapshot.files.get(uri)?.text ?? "";
  const uris = urisOf(snapshot);
  const reports = uris.flatMap((uri) => checkFile(cluster, uri).reports);
  const files = fixture.files.map((file, index): FixtureFile => {
    const isLast = !fixture.files.slice(index + 1).some(({ path }) => path === file.path);
    const mine = isLast ? reports.filter(({ range }) => range.uri === uriOf(file.path)) : [];
    const others = file.marks.filter((mark) => !isFinding(mark));
    return { ...file, marks: [...others, ...mine.map((report) => markOf(report, textOf))] };
  });
  return {
    actual: { ...fixture, files },
    reports,
    problemCount: uris.reduce((sum, uri) => sum + (snapshot.files.get(uri)?.problems.length ?? 0), 0),
    textOf,
    cluster,
  };
}

/** Whether a mark is about a finding: `warning[orphan-service]: …`. */
export const isFinding = ({ lines }: Mark): boolean => /^(?:error|warning|information|hint)\[/.test(lines[0] ?? "");

/** The rule that a mark is about. */
export const ruleOf = ({ lines }: Mark): string => /\[(.*?)\]/.exec(lines[0] ?? "")?.[1] ?? "";

/** A fixture after one fix: the files that it changes in their new form, and the whole for another check. */
export function applyFix(fixture: Fixture, fix: Fix): { readonly changed: Fixture; readonly whole: Fixture } {
  const last = new Map(fixture.files.map((file) => [uriOf(file.path), file]));
  const edited = new Map<DocumentUri, FixtureFile>();
  for (const { range, newText } of [...fix.edits].sort((a, b) => b.range.start - a.range.start)) {
    const uri = documentUri(range.uri);
    const file = edited.get(uri) ?? last.get(uri);
    if (file === undefined) throw new Error(`a fix edits ${range.uri}, which is no file of the fixture`);
    const text = file.text.slice(0, range.start) + newText + file.text.slice(range.end);
    edited.set(uri, { ...file, text, marks: [] });
  }
  const whole = [...last].map(([uri, file]) => edited.get(uri) ?? { ...file, marks: [] });
  return {
    changed: { description: [], files: [...edited.values()] },
    whole: { description: [], files: whole },
  };
}

function markOf(report: Report, textOf: (uri: DocumentUri) => string): Mark {
  return {
    start: report.range.start,
    end: report.range.end,
    lines: [
      `${report.severity}[${report.rule}]: ${render(report.message)}`,
      ...report.related.map((related) => describeRelated(related, textOf)),
      ...report.fixes.map(({ title }) => `fix: ${render(title)}`),
    ],
  };
}

function describeRelated({ range, message }: Related, textOf: (uri: DocumentUri) => string): string {
  const text = textOf(range.uri).slice(range.start, range.end).split(/\r?\n/)[0];
  return `see ${pathOf(range.uri)} \`${text}\`: ${render(message)}`;
}
