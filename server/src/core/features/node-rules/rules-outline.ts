import type { SourceRange } from "../../base/source.ts";
import type { Capture } from "../../cluster/iptables/reading/capture.ts";
import type { ListedChain, RulesText } from "../../cluster/iptables/reading/read-rules.ts";
import type { Chain, TableName } from "../../cluster/iptables/rule.ts";
import { type NodeRules, nodeRulesOf } from "../../cluster/node-rules/node-rules.ts";
import type { SymbolEntry } from "../symbols.ts";
import { chainPlace } from "./spots.ts";

/** The tables of a text with their chains; those of kube-proxy with the service port that they stand for. */
export function outlineRules(text: RulesText): readonly SymbolEntry[] {
  const tables = text.captures.flatMap((capture) =>
    [...capture.tables.keys()].map((table) => tableEntry(text, capture, table)),
  );
  const listed = text.listed.map((chain, index): SymbolEntry => {
    const { name, range: selection } = chain;
    return { kind: "chain", name, detail: "", range: listedRange(text, chain, index), selection, children: [] };
  });
  return [...tables, ...listed].sort(byPlace);
}

/** The lines of text that belong together: the rules of each chain, and the lists of `iptables -L`. */
export function foldRules(text: RulesText): readonly SourceRange[] {
  const blocks = text.listed.map((chain, index) => listedRange(text, chain, index));
  for (const { ruleSet } of text.captures) {
    for (const { chains } of ruleSet.tables.values()) {
      for (const chain of chains.values()) {
        const run = firstRun(text, chain);
        if (run !== undefined) blocks.push(run);
      }
    }
  }
  return blocks
    .filter(({ start, end }) => text.text.slice(start, end).includes("\n"))
    .sort((a, b) => a.start - b.start);
}

/** A list of `iptables -L` goes up to the next one, or to an empty line. */
function listedRange({ text, listed }: RulesText, { range }: ListedChain, index: number): SourceRange {
  const end = listed[index + 1]?.range.start ?? text.length;
  return { ...range, end: endOfBlock(text, range.end, end) };
}

const byPlace = (a: { readonly range: SourceRange }, b: { readonly range: SourceRange }): number =>
  a.range.start - b.range.start;

function tableEntry(text: RulesText, capture: Capture, name: TableName): SymbolEntry {
  const rules = nodeRulesOf(capture.ruleSet);
  const { header, declarations } = capture.tables.get(name) ?? { header: undefined, declarations: new Map() };
  const children = [...(capture.ruleSet.tables.get(name)?.chains.values() ?? [])]
    .flatMap((chain) => chainEntry(text, rules, chain, declarations.get(chain.name)) ?? [])
    .sort(byPlace);
  const first = header ?? children[0]?.range ?? capture.range;
  const end = children.reduce((last, { range }) => Math.max(last, range.end), first.end);
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
  const named = chain.rules[0] && chainPlace(text, chain.rules[0]);
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
