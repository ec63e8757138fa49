import type { SourceRange } from "../../base/source.ts";
import type { Capture } from "../../cluster/iptables/reading/capture.ts";
import type { RulesText } from "../../cluster/iptables/reading/read-rules.ts";
import type { Chain, TableName } from "../../cluster/iptables/rule.ts";
import { type NodeRules, nodeRulesOf } from "../../cluster/node-rules/node-rules.ts";
import type { SymbolEntry } from "../symbols.ts";
import { readRuleText } from "./spots.ts";

/** The tables of a text with their chains; those of kube-proxy with the service port that they stand for. */
export function outlineRules(text: RulesText): readonly SymbolEntry[] {
  const tables = text.captures.flatMap((capture) =>
    [...capture.tables.keys()].map((table) => tableEntry(text, capture, table)),
  );
  const listed = text.listed.map(({ name, range }, index): SymbolEntry => {
    const end = text.listed[index + 1]?.range.start ?? text.text.length;
    const whole = { ...range, end: endOfBlock(text.text, range.end, end) };
    return { kind: "chain", name, detail: "", range: whole, selection: range, children: [] };
  });
  return [...tables, ...listed].sort(byPlace);
}

/** The lines of text that belong together: the rules of each chain, and the lists of `iptables -L`. */
export const foldRules = (text: RulesText): readonly SourceRange[] =>
  outlineRules(text)
    .flatMap((entry) => (entry.kind === "table" ? entry.children : [entry]))
    .flatMap(({ range }) => (text.text.slice(range.start, range.end).includes("\n") ? [range] : []));

const byPlace = (a: { readonly range: SourceRange }, b: { readonly range: SourceRange }): number =>
  a.range.start - b.range.start;

function tableEntry(text: RulesText, capture: Capture, name: TableName): SymbolEntry {
  const rules = nodeRulesOf(capture.ruleSet);
  const { header, declarations } = capture.tables.get(name) ?? { header: undefined, declarations: new Map() };
  const children = [...(capture.ruleSet.tables.get(name)?.chains.values() ?? [])]
    .flatMap((chain) => chainEntry(text, rules, chain, declarations.get(chain.name)) ?? [])
    .sort(byPlace);
  const first = header ?? children[0]?.range ?? capture.range;
  const end = Math.max(first.end, ...children.map(({ range }) => range.end));
  const detail = capture.ruleSet.family === "IPv6" ? "ip6tables" : "iptables";
  const range = { ...first, start: Math.min(first.start, children[0]?.range.start ?? first.start), end };
  return { kind: "table", name, detail, range, selection: header ?? { ...range, end: range.start }, children };
}

/** A chain stands where its rules do; one without rules, where it is declared. */
function chainEntry(
  text: RulesText,
  rules: NodeRules,
  chain: Chain,
  declared: SourceRange | undefined,
): SymbolEntry | undefined {
  const run = firstRun(text, chain);
  const first = chain.rules[0] && readRuleText(text, chain.rules[0]);
  const named = first && { uri: text.uri, start: first.chain.start, end: first.chain.end };
  const range = run ?? declared;
  if (range === undefined) return undefined;
  const detail = rules.portOf(chain.name)?.name.text ?? chain.policy ?? "";
  return { kind: "chain", name: chain.name, detail, range, selection: named ?? range, children: [] };
}

/** The first rules of a chain that stand line by line. What iptables-save prints has all of them so. */
function firstRun({ text }: RulesText, { rules }: Chain): SourceRange | undefined {
  let run: SourceRange | undefined;
  for (const { because } of rules) {
    if (because === undefined) continue;
    if (run === undefined) run = because;
    else if (because.start >= run.end && isNextLine(text, run.end, because.start)) run = { ...run, end: because.end };
    else if (because.start !== run.start) break;
  }
  return run;
}

function isNextLine(text: string, end: number, start: number): boolean {
  const first = text.indexOf("\n", end);
  return first >= 0 && first < start && text.lastIndexOf("\n", start - 1) === first;
}

/** Where the lines without an empty one between them end. */
function endOfBlock(text: string, from: number, limit: number): number {
  const empty = /\n[ \t\r]*\n/g;
  empty.lastIndex = from;
  const found = empty.exec(text);
  return found && found.index < limit ? found.index : Math.min(limit, text.trimEnd().length);
}
