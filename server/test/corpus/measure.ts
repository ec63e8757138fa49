import { join } from "node:path";
import { render } from "../../src/core/base/message.ts";
import type { Report } from "../../src/core/rules/run.ts";
import {
  type Code,
  checkAll,
  corpusFolder,
  type HistoryCase,
  isLoud,
  lineOf,
  type Mutation,
  pathIn,
  readTable,
  readTexts,
  ruleOfCode,
  type ServiceLabel,
  serviceOf,
  skipped,
  storeOf,
  type Texts,
  uriIn,
} from "./corpus.ts";

/** One finding about a Service whose truth is known. */
export interface JudgedReport {
  readonly repo: string;
  readonly place: string;
  readonly label: ServiceLabel | undefined;
  readonly report: Report;
  readonly isRight: boolean;
}

/** What is said about the repositories as they are. */
export function judgeRepositories(): {
  readonly judged: readonly JudgedReport[];
  /** Labelled defects that nothing was said about. */
  readonly missed: readonly ServiceLabel[];
  /** Findings of rules that the labels know nothing of. */
  readonly others: readonly JudgedReport[];
} {
  const labels = readTable<ServiceLabel>("labels.jsonl");
  const judged: JudgedReport[] = [];
  const others: JudgedReport[] = [];
  const found = new Set<ServiceLabel>();
  for (const repo of new Set(labels.map((label) => label.repo))) {
    const { snapshot } = storeOf(readTexts(join(corpusFolder, repo)));
    const own = new Map(
      labels.filter((label) => label.repo === repo).map((label) => [`${label.file}:${label.nameLine}`, label]),
    );
    for (const report of checkAll(snapshot)) {
      const place = `${pathIn(report.range.uri)}:${lineOf(snapshot, report.range)}`;
      const service = serviceOf(report);
      const label = service && own.get(`${pathIn(service.range.uri)}:${lineOf(snapshot, service.name.range)}`);
      const code = codeOf(report);
      if (code === undefined) {
        others.push({ repo, place, label, report, isRight: true });
        continue;
      }
      const isRight = label?.must.includes(code) ?? false;
      if (isRight && label && isLoud(report)) found.add(label);
      judged.push({ repo, place, label, report, isRight });
    }
  }
  return { judged, others, missed: labels.filter((label) => label.must.length > 0 && !found.has(label)) };
}

/** A defect that should be reported, and whether it is. */
export interface Recall {
  readonly id: string;
  readonly group: string;
  readonly expect: Code;
  readonly reason: string;
  /** How loudly it is reported; `undefined` where it is not. */
  readonly severity: Report["severity"] | undefined;
}

/** Mistakes from the history of repositories. */
export const recallHistory = (): readonly Recall[] =>
  readTable<HistoryCase>("history.jsonl").map((entry) => {
    const { snapshot } = storeOf(readTexts(join(corpusFolder, "history", entry.id, "before")));
    const severity = severityOf(checkAll(snapshot, [entry.file]), entry.service, entry.before);
    return { id: entry.id, group: entry.verdict, expect: entry.before, reason: entry.reason, severity };
  });

/** Injected faults. */
export function recallMutations(): readonly Recall[] {
  const stores = new Map<string, { readonly texts: Texts; readonly store: ReturnType<typeof storeOf> }>();
  return readTable<Mutation>("mutations.jsonl").map((mutation) => {
    const known = stores.get(mutation.repo);
    const texts = known?.texts ?? readTexts(join(corpusFolder, mutation.repo));
    const store = known?.store ?? storeOf(texts);
    stores.set(mutation.repo, { texts, store });
    const edited = new Map<string, string[]>();
    for (const { file, line, after } of mutation.edits) {
      const lines = edited.get(file) ?? (texts.get(file) ?? "").split("\n");
      lines[line - 1] = after + (lines[line - 1]?.endsWith("\r") ? "\r" : "");
      edited.set(file, lines);
    }
    store.apply([...edited].map(([file, lines]) => [uriIn(file), lines.join("\n")] as const));
    const reports = checkAll(store.snapshot, [mutation.file]);
    const severity = severityOf(reports, mutation.service, mutation.expect);
    store.apply([...edited].map(([file]) => [uriIn(file), texts.get(file)] as const));
    return {
      id: `${mutation.id} ${mutation.repo} ${mutation.file}:${mutation.line} ${mutation.service}`,
      group: mutation.scope + (mutation.matchesElsewhere ? ", matches elsewhere" : ""),
      expect: mutation.expect,
      reason: mutation.edits.map(({ before, after }) => `${before.trim()} → ${after.trim()}`).join("; "),
      severity,
    };
  });
}

const severityOf = (reports: readonly Report[], service: string, code: Code): Report["severity"] | undefined =>
  reports.find((report) => serviceOf(report)?.name.value === service && report.rule === ruleOfCode[code])?.severity;

const codeOf = ({ rule }: Report): Code | undefined =>
  (Object.keys(ruleOfCode) as Code[]).find((code) => ruleOfCode[code] === rule);

/** The whole measurement as lines of text. */
export function* describeMeasurement(options: {
  readonly hints?: boolean;
  readonly "all-rules"?: boolean;
}): Generator<string> {
  if (skipped !== false) {
    yield skipped;
    return;
  }
  const { judged, missed, others } = judgeRepositories();
  const shown = judged.filter(({ report }) => options.hints || isLoud(report));
  yield "Findings";
  for (const entry of shown) yield* describeJudged(entry);
  const loud = judged.filter(({ report }) => isLoud(report));
  yield `  ${loud.filter(({ isRight }) => isRight).length} right, ${loud.filter(({ isRight }) => !isRight).length} false alarms`;
  for (const label of missed)
    yield `  missed ${label.kind} ${label.repo} ${label.file}:${label.nameLine} ${label.must.join()}: ${label.reason}`;
  if (options["all-rules"]) {
    yield "Other rules";
    for (const entry of others.filter(({ report }) => options.hints || isLoud(report))) yield* describeJudged(entry);
  }
  yield* describeRecall("History", recallHistory());
  yield* describeRecall("Injected faults", recallMutations());
}

function* describeJudged({ repo, place, label, report, isRight }: JudgedReport): Generator<string> {
  const verdict = isRight ? "right" : "FALSE";
  yield `  ${verdict} ${report.severity}[${report.rule}] ${label?.kind ?? "?"} ${repo} ${place}: ${render(report.message)}`;
  if (!isRight) yield `      ${label?.verdict ?? "not labelled"}: ${label?.reason ?? ""}`;
}

function* describeRecall(title: string, recalls: readonly Recall[]): Generator<string> {
  yield title;
  const groups = new Set(recalls.map(({ group, expect }) => `${group}: ${expect}`));
  for (const name of [...groups].sort()) {
    const group = recalls.filter(({ group, expect }) => `${group}: ${expect}` === name);
    const loud = group.filter(({ severity }) => severity === "error" || severity === "warning");
    yield `  ${name}: ${loud.length} of ${group.length}`;
    for (const { id, reason, severity } of group) {
      if (severity !== "error" && severity !== "warning") yield `      ${severity ?? "silent"} ${id}: ${reason}`;
    }
  }
}
