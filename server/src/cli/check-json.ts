import { type Message, render } from "../core/base/message.ts";
import type { SourceRange } from "../core/base/source.ts";
import { scopeName } from "../core/cluster/scope.ts";
import type { Manifest } from "../core/manifest/model.ts";
import { documentationOf } from "../core/rules/index.ts";
import type { Report } from "../core/rules/run.ts";
import type { Call } from "./call.ts";
import type { CheckResult } from "./check.ts";
import type { Workspace } from "./load.ts";

/** The findings as `docs/schemas/check.schema.json` describes them. */
export function checkDocument(call: Call, { workspace, findings, summary }: CheckResult): object {
  const { files, documents, services, count } = summary;
  return {
    version: 1,
    findings: findings.map((finding) => findingOf(call, workspace, finding)),
    summary: {
      files,
      documents,
      services,
      errors: count.error,
      warnings: count.warning,
      information: count.information,
      hints: count.hint,
    },
  };
}

function findingOf(call: Call, workspace: Workspace, finding: Report): object {
  const words = (said: Message): string => render(said, call.bundle);
  return {
    rule: finding.rule,
    severity: finding.severity,
    message: words(finding.message),
    scope: scopeName(finding.scope),
    object: finding.object === undefined ? null : objectOf(finding.object),
    ...rangeIn(workspace, finding.range),
    related: finding.related.map((related) => ({
      message: words(related.message),
      ...rangeIn(workspace, related.range),
    })),
    fixes: finding.fixes.map(({ title, edits }) => ({
      title: words(title),
      edits: edits.map(({ range, newText }) => ({ ...rangeIn(workspace, range), newText })),
    })),
    documentation: documentationOf(finding.rule),
  };
}

const objectOf = ({ apiVersion, kind, namespace, name }: Manifest): object => ({
  apiVersion: apiVersion.value,
  kind: kind.value,
  namespace: namespace.value,
  name: name.value,
});

const rangeIn = ({ pathOf, places }: Workspace, range: SourceRange): object => ({
  file: pathOf(range.uri),
  range: { start: places.startOf(range), end: places.endOf(range) },
});
