import { list, message, quote } from "../core/base/message.ts";
import { findNearest } from "../core/base/text.ts";
import type { SettingsLayer } from "../core/settings/settings.ts";
import { severities } from "../core/settings/severity.ts";
import { CallError } from "./call-error.ts";

/** What `--severity RULE=…` says, by rule; of a rule that is given twice the last word counts. */
export const severitiesOf = (values: readonly string[], knownRules: readonly string[]): SettingsLayer["rules"] =>
  new Map(values.map((value) => readSeverity(value, knownRules)));

function readSeverity(value: string, knownRules: readonly string[]): [string, (typeof chosen)[number]] {
  const equals = value.indexOf("=");
  const rule = equals < 0 ? value : value.slice(0, equals);
  const severity = chosen.find((word) => word === value.slice(equals + 1));
  if (!knownRules.includes(rule)) {
    const nearest = findNearest(rule, knownRules);
    throw new CallError(
      nearest === undefined
        ? message`there is no rule ${quote(rule)}; ${"portolan explain"} lists them all`
        : message`there is no rule ${quote(rule)}; did you mean ${quote(nearest)}?`,
    );
  }
  if (equals < 0 || severity === undefined) {
    throw new CallError(
      message`${"--severity"} takes a rule and a severity, such as ${quote(`${rule}=hint`)}; the severities are ${list(chosen, "and")}`,
    );
  }
  return [rule, severity];
}

const chosen = ["off", ...severities] as const;
