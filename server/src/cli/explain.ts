import { type Message, message, quote } from "../core/base/message.ts";
import { findNearest } from "../core/base/text.ts";
import { documentationOf, rules } from "../core/rules/index.ts";
import type { Rule } from "../core/rules/rule.ts";
import { type Call, type ExitStatus, formatOf, paintOf, printJson, say } from "./call.ts";
import { CallError } from "./call-error.ts";

/** `portolan explain`: what a rule reports, why it matters and what to do; without a rule, the list of them. */
export async function explain(call: Call): Promise<ExitStatus> {
  const format = formatOf(call, ["text", "json"]);
  const [id, surplus] = call.operands;
  if (surplus !== undefined) throw new CallError(message`one rule at a time: leave ${quote(surplus)} out`);
  const chosen = id === undefined ? rules : [findRule(id)];
  if (format === "json") printJson(call, { version: 1, rules: chosen.map((rule) => ruleDocument(call, rule)) });
  else
    call.terminal.out.write(id === undefined ? listText(call) : chosen.map((rule) => ruleText(call, rule)).join("\n"));
  return 0;
}

type KnownRule = (typeof rules)[number];

function findRule(id: string): KnownRule {
  const found = rules.find((rule) => rule.id === id);
  if (found) return found;
  const nearest = findNearest(
    id,
    rules.map((rule) => rule.id),
  );
  throw new CallError(
    nearest === undefined
      ? message`there is no rule ${quote(id)}; ${"portolan explain"} lists them all`
      : message`there is no rule ${quote(id)}; did you mean ${quote(nearest)}?`,
  );
}

function listText(call: Call): string {
  const paint = paintOf(call);
  const width = Math.max(...rules.map(({ id }) => id.length));
  return rules
    .map(
      ({ id, severity, title }) => `${paint("title", id.padEnd(width))}  ${severity.padEnd(11)}  ${say(call, title)}\n`,
    )
    .join("");
}

function ruleText(call: Call, rule: KnownRule): string {
  const paint = paintOf(call);
  const sentence = (said: Message): string => say(call, message`${said}.`);
  const { details }: Rule = rule as Rule;
  return [
    `${paint("title", rule.id)}  ${say(call, rule.title)} (${rule.severity})`,
    "",
    sentence(rule.why),
    sentence(rule.remedy),
    ...(details === "" ? [] : ["", details.trim()]),
    "",
    `${paint("faint", rule.source)}`,
    `${paint("faint", documentationOf(rule.id))}`,
    "",
  ].join("\n");
}

const ruleDocument = (call: Call, rule: KnownRule): object => ({
  id: rule.id,
  severity: rule.severity,
  on: rule.on,
  title: say(call, rule.title),
  why: say(call, rule.why),
  remedy: say(call, rule.remedy),
  details: rule.details,
  source: rule.source,
  documentation: documentationOf(rule.id),
});
