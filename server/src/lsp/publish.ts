import type { Connection, Diagnostic } from "vscode-languageserver";
import type { DocumentUri } from "../core/base/source.ts";
import type { ParsedFile, ProblemCode } from "../core/manifest/model.ts";
import type { FileReport } from "../core/rules/run.ts";
import { parseSettings } from "../core/settings/settings.ts";
import type { Severity } from "../core/settings/severity.ts";
import { type Converter, complaintOf, diagnosticOf } from "./convert.ts";
import { ruleIds } from "./editor-settings.ts";

/**
 * Sends what is wrong with a file to the editor, unless the editor knows it already.
 * @param versionOf the version of an open text
 */
export function createPublisher(
  connection: Connection,
  converter: () => Converter,
  versionOf: (uri: DocumentUri) => number | undefined,
): (report: FileReport) => void {
  const published = new Map<DocumentUri, string>();
  return (report) => {
    const { uri } = report;
    const version = versionOf(uri);
    const diagnostics = diagnosticsOf(converter(), report);
    const isEmpty = diagnostics.length === 0 && version === undefined;
    const now = isEmpty ? undefined : JSON.stringify([version, diagnostics]);
    if (published.get(uri) === now) return;
    if (now === undefined) published.delete(uri);
    else published.set(uri, now);
    const { client, uriOf } = converter();
    const versioned = version !== undefined && client.versions ? { version } : {};
    // It fails where the editor has gone, and then nobody misses it.
    connection.sendDiagnostics({ uri: uriOf(uri), diagnostics, ...versioned }).catch(() => undefined);
  };
}

/** All that is wrong with a file: complaints about the text itself, then findings. */
function diagnosticsOf(converter: Converter, report: FileReport): Diagnostic[] {
  const file = converter.snapshot.files.get(report.uri);
  if (file === undefined) return [];
  return [
    ...complaintsOf(converter, file),
    ...report.reports.flatMap((finding) => diagnosticOf(converter, finding) ?? []),
  ];
}

function complaintsOf(converter: Converter, file: ParsedFile): readonly Diagnostic[] {
  if (file.role === "settings") {
    const { problems } = parseSettings(file.uri, file.text, ruleIds);
    return problems.flatMap((problem) => complaintOf(converter, problem, "warning") ?? []);
  }
  // Where a rule looks after a problem, it has the better words and a fix.
  const unruled = file.problems.filter(({ code }) => !ruleIds.includes(code));
  return unruled.flatMap((problem) => complaintOf(converter, problem, graveness[problem.code]) ?? []);
}

const graveness: Readonly<Record<ProblemCode, Severity>> = {
  "yaml-syntax": "error",
  "tab-indentation": "error",
  "unreadable-file": "information",
};
