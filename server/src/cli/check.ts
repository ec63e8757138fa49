import type { DocumentUri } from "../core/base/source.ts";
import { scopeName } from "../core/cluster/scope.ts";
import { checkFile, type Report } from "../core/rules/run.ts";
import { type Severity, severities } from "../core/settings/severity.ts";
import { requireWord } from "./arguments.ts";
import { type Call, type ExitStatus, formatOf, optionOf, printJson } from "./call.ts";
import { checkDocument } from "./check-json.ts";
import { checkText } from "./check-text.ts";
import { openWorkspace, type Workspace } from "./load.ts";
import { scopeFolder } from "./scopes.ts";

/** What `portolan check` found. */
export interface CheckResult {
  readonly workspace: Workspace;
  /** By file, then by place. */
  readonly findings: readonly Report[];
  readonly summary: CheckSummary;
}

export interface CheckSummary {
  /** Files that hold manifests, or were meant to. */
  readonly files: number;
  readonly documents: number;
  readonly services: number;
  readonly count: Readonly<Record<Severity, number>>;
}

/** `portolan check`: what is wrong, where, and what to do about it. */
export async function check(call: Call): Promise<ExitStatus> {
  const format = formatOf(call, ["text", "json"]);
  const failOn = requireWord("fail-on", optionOf(call, "fail-on") ?? "error", [...severities, "never"]);
  const workspace = await openWorkspace(call, call.operands);
  const scope = scopeFolder(call, workspace) && optionOf(call, "scope");
  const checked = workspace.subjects.map((uri) => checkFile(workspace.cluster, uri));
  const findings = checked
    .flatMap(({ reports }) => reports)
    .filter((finding) => scope === undefined || scopeName(finding.scope) === scope);
  const result: CheckResult = { workspace, findings, summary: summarize(workspace, findings) };
  if (format === "json") printJson(call, checkDocument(call, result));
  else call.terminal.out.write(checkText(call, result));
  const [defect] = checked.flatMap(({ uri, defects }) => defects.map((found) => ({ uri, ...found })));
  if (defect) throw new Error(`${defect.rule} on ${workspace.pathOf(defect.uri)}`, { cause: defect.error });
  return findings.some(({ severity }) => failOn !== "never" && isAtLeast(severity, failOn)) ? 1 : 0;
}

const isAtLeast = (severity: Severity, threshold: Severity): boolean =>
  severities.indexOf(severity) >= severities.indexOf(threshold);

function summarize({ cluster, subjects }: Workspace, findings: readonly Report[]): CheckSummary {
  const files = subjects.flatMap((uri: DocumentUri) => cluster.snapshot.files.get(uri) ?? []);
  const manifests = files.filter(({ role }) => role === "manifests");
  const countOf = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  return {
    files: manifests.length,
    documents: manifests.flatMap(({ parts }) => parts.filter(({ empty }) => !empty)).length,
    services: manifests.flatMap((file) => file.manifests.filter(({ type }) => type === "Service")).length,
    count: {
      error: countOf("error"),
      warning: countOf("warning"),
      information: countOf("information"),
      hint: countOf("hint"),
    },
  };
}
