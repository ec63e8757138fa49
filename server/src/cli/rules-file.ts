import { readFileSync } from "node:fs";
import * as path from "node:path";
import { resolve } from "node:path";
import { message, plural, quote } from "../core/base/message.ts";
import type { RulesProblem } from "../core/cluster/iptables/reading/problem.ts";
import { type RulesText, readRules } from "../core/cluster/iptables/reading/read-rules.ts";
import { decodeText } from "../shell/decode-text.ts";
import { type Call, notice } from "./call.ts";
import { CallError } from "./call-error.ts";
import { openWorkspace, type Workspace } from "./load.ts";
import { displayPath, STANDARD_INPUT, uriOf } from "./paths.ts";
import { placesOf } from "./places.ts";

/** The rules of a real node, and the manifests beside them. */
export interface RulesWorkspace {
  readonly rules: RulesText;
  /** As the user wrote it. */
  readonly shown: string;
  /** Knows the places of the rules as well. */
  readonly workspace: Workspace;
}

/**
 * Reads a file of rules, and the manifests that PATHs name. Lines that are no rules are told on standard error, all
 * together.
 * @param file `-` for standard input
 */
export async function openRules(call: Call, file: string, operands: readonly string[]): Promise<RulesWorkspace> {
  if (file === STANDARD_INPUT && operands.includes(STANDARD_INPUT)) {
    throw new CallError(message`standard input cannot be rules and manifests at once`);
  }
  const { cwd } = call.terminal;
  const text = await readFile(call, file);
  const uri = uriOf(path, file === STANDARD_INPUT ? path.join(cwd, STANDARD_INPUT) : resolve(cwd, file));
  const rules = readRules(uri, text);
  const shown = file === STANDARD_INPUT ? file : displayPath(path, cwd, uri);
  if (rules.captures.length === 0) {
    const [form] = rules.problems.filter(({ code }) => code === "other-form");
    if (form !== undefined)
      throw new CallError(message`${quote(shown)} holds no rules that can be read: ${form.message}`);
    throw new CallError(message`${quote(shown)} holds no rules of iptables; ${"iptables-save"} on a node prints them`);
  }
  const workspace = await openWorkspace(call, operands);
  const textOf = (one: string): string =>
    one === uri ? text : (workspace.cluster.snapshot.files.get(one as typeof uri)?.text ?? "");
  const places = placesOf(textOf);
  tellUnread(call, rules, shown, places);
  return { rules, shown, workspace: { ...workspace, places } };
}

async function readFile(call: Call, file: string): Promise<string> {
  if (file === STANDARD_INPUT) {
    const text = await call.terminal.readInput();
    if (text === undefined) throw new CallError(message`${quote(file)} cannot be read`);
    return text;
  }
  try {
    return decodeText(readFileSync(resolve(call.terminal.cwd, file)));
  } catch {
    throw new CallError(message`${quote(file)} cannot be read`);
  }
}

const unreadCodes = [
  "unreadable-lines",
  "unreadable-rule",
  "other-form",
] as const satisfies readonly RulesProblem["code"][];

function tellUnread(call: Call, { problems }: RulesText, shown: string, places: Workspace["places"]): void {
  const unread = problems.filter(({ code }) => unreadCodes.some((one) => one === code));
  const [first] = unread;
  if (first === undefined) return;
  const where = `${shown}:${places.startOf(first.range).line}`;
  notice(
    call,
    plural(
      unread.length,
      message`one place of ${shown} cannot be read as rules: ${where}`,
      message`${unread.length} places of ${shown} cannot be read as rules, the first at ${where}`,
    ),
  );
}
