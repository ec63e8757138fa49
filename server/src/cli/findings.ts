import type { DocumentUri } from "../core/base/source.ts";
import type { Cluster } from "../core/cluster/cluster.ts";
import { scopeAt } from "../core/cluster/scope.ts";
import type { Problem, ProblemCode } from "../core/manifest/model.ts";
import { rules } from "../core/rules/index.ts";
import type { Severity } from "../core/rules/rule.ts";
import { checkFile, type Report } from "../core/rules/run.ts";
import { folderOf } from "../core/workspace/folders.ts";

/** A finding of a rule, or a complaint about a text that could not be read as it is. */
export interface ReportedFinding extends Omit<Report, "rule"> {
  readonly rule: string;
}

/** Severities of what is complained of before any rule is asked. */
const problemSeverities = {
  "yaml-syntax": "error",
  "tab-indentation": "error",
  "unreadable-file": "warning",
} as const satisfies Record<ProblemCode, Severity>;

const ofRules: readonly string[] = rules.map(({ id }) => id);
const ofProblems = Object.keys(problemSeverities).filter((code) => !ofRules.includes(code));

/** Everything that can be reported, by the names that settings and `--severity` know. */
export const reportableIds: readonly string[] = [...ofRules, ...ofProblems];

/** Everything there is to report about one text, in its order. */
export function findingsIn(cluster: Cluster, uri: DocumentUri): readonly ReportedFinding[] {
  const problems = cluster.snapshot.files.get(uri)?.problems ?? [];
  const complaints = problems.flatMap((problem) => complaintOf(cluster, uri, problem));
  const { reports } = checkFile(cluster, uri);
  return [...complaints, ...reports].sort((a, b) => a.range.start - b.range.start);
}

function complaintOf(cluster: Cluster, uri: DocumentUri, problem: Problem): ReportedFinding[] {
  const { code, range, message } = problem;
  const severity = cluster.settingsAt(uri).rules.get(code) ?? problemSeverities[code];
  if (severity === "off" || !ofProblems.includes(code)) return [];
  const scope = scopeAt(cluster.snapshot, uri, folderOf(uri));
  return [{ rule: code, severity, range, message, related: [], fixes: [], object: undefined, scope }];
}
