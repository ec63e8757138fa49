import { list, type Message, message, plural } from "../core/base/message.ts";
import type { SourceRange } from "../core/base/source.ts";
import type { Report } from "../core/rules/run.ts";
import type { Severity } from "../core/settings/severity.ts";
import { type Call, paintOf, say } from "./call.ts";
import type { CheckResult, CheckSummary } from "./check.ts";
import { excerpt } from "./excerpt.ts";
import type { Workspace } from "./load.ts";
import { harmless, type Look, type Paint } from "./terminal.ts";

/** The findings as a compiler would print them: place, severity, words, the line itself, and the other half below. */
export function checkText(call: Call, { workspace, findings, summary }: CheckResult): string {
  const paint = paintOf(call);
  const blocks = findings.map((finding) => blockOf(call, paint, workspace, finding));
  return `${blocks.join("")}${summaryLine(call, paint, summary)}\n`;
}

function blockOf(call: Call, paint: Paint, workspace: Workspace, finding: Report): string {
  const severity = paint(looks[finding.severity], say(call, severityWords[finding.severity]));
  const place = paint("title", placeOf(workspace, finding.range));
  const words = harmless(say(call, finding.message));
  return [
    `${place}: ${severity}: ${words} ${paint("faint", `[${finding.rule}]`)}`,
    ...excerpt(workspace.places, finding.range, (text) => paint(looks[finding.severity], text)),
    ...finding.related.map(
      (related) => `    ${placeOf(workspace, related.range)}: ${harmless(say(call, related.message))}`,
    ),
    ...finding.fixes.slice(0, 1).map(({ title }) => `    ${harmless(say(call, message`fix: ${title}`))}`),
    "",
    "",
  ].join("\n");
}

function placeOf({ pathOf, places }: Workspace, range: SourceRange): string {
  const { line, column } = places.startOf(range);
  return harmless(`${pathOf(range.uri)}:${line}:${column}`);
}

function summaryLine(call: Call, paint: Paint, { files, services, count }: CheckSummary): string {
  if (files === 0) return say(call, message`no manifests found`);
  const found = [
    count.error > 0 ? plural(count.error, message`1 error`, message`${count.error} errors`) : undefined,
    count.warning > 0 ? plural(count.warning, message`1 warning`, message`${count.warning} warnings`) : undefined,
    count.information > 0 ? message`${count.information} for information` : undefined,
    count.hint > 0 ? plural(count.hint, message`1 hint`, message`${count.hint} hints`) : undefined,
  ].filter((said) => said !== undefined);
  const read: Message = message`${plural(services, message`1 Service`, message`${services} Services`)} in ${plural(files, message`1 file`, message`${files} files`)}`;
  const look: Look = count.error > 0 ? "bad" : count.warning > 0 ? "caution" : "good";
  const outcome = found.length === 0 ? message`nothing to report` : list(found, "comma");
  return say(call, message`${read}: ${paint(look, say(call, message`${outcome}`))}`);
}

const looks = {
  error: "bad",
  warning: "caution",
  information: "note",
  hint: "faint",
} as const satisfies Record<Severity, Look>;

const severityWords = {
  error: message`error`,
  warning: message`warning`,
  information: message`information`,
  hint: message`hint`,
} as const satisfies Record<Severity, Message>;
