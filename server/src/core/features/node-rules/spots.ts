import { oncePer } from "../../base/once.ts";
import type { SourceRange } from "../../base/source.ts";
import type { Capture } from "../../cluster/iptables/reading/capture.ts";
import { type Line, readLine } from "../../cluster/iptables/reading/line.ts";
import type { ListedChain, RulesText } from "../../cluster/iptables/reading/read-rules.ts";
import type { Place } from "../../cluster/iptables/reading/rule-line.ts";
import type { Rule, Table, TableName } from "../../cluster/iptables/rule.ts";

/** What stands at a place of a text of rules. */
export type Spot =
  /** The name of a chain: where it is declared, before its rules, or behind `-j`. */
  | {
      readonly kind: "chain";
      readonly capture: Capture;
      readonly table: TableName;
      readonly chain: string;
      readonly range: SourceRange;
      readonly isDeclaration: boolean;
    }
  | {
      readonly kind: "rule";
      readonly capture: Capture;
      readonly table: TableName;
      readonly rule: Rule;
      /** Its place in the chain, from 0. */
      readonly position: number;
      readonly line: RuleText;
      /** The match or target at the place, else the whole rule. */
      readonly range: SourceRange;
    }
  /** The head of a chain in a list of `iptables -L`, or a word that names it. */
  | { readonly kind: "listed"; readonly chain: ListedChain; readonly range: SourceRange };

/** The line of a rule, taken apart. */
export type RuleText = Extract<Line, { kind: "rule" }>;

/** Something of a capture that has a place in the text. */
type Item = SourceRange & { readonly capture: Capture; readonly table: TableName } & (
    | { readonly rule: Rule; readonly position: number }
    | { readonly declared: string }
  );

/** Finds what stands at an offset. */
export function findSpot(text: RulesText, offset: number): Spot | undefined {
  const item = itemAt(text, offset);
  if (item === undefined) return listedAt(text, offset);
  const { capture, table } = item;
  if ("declared" in item) {
    return { kind: "chain", capture, table, chain: item.declared, range: item, isDeclaration: true };
  }
  const { rule, position } = item;
  const line = readRuleText(text, rule);
  if (line === undefined) return undefined;
  const rangeOf = ({ start, end }: Place): SourceRange => ({ uri: text.uri, start, end });
  const holds = (place: Place | undefined): place is Place =>
    place !== undefined && place.start <= offset && offset <= place.end;
  const target = rule.target.kind === "jump" || rule.target.kind === "goto" ? rule.target.chain : undefined;
  const chainSpot = (chain: string, place: Place): Spot => ({
    kind: "chain",
    capture,
    table,
    chain,
    range: rangeOf(place),
    isDeclaration: false,
  });
  if (holds(line.chain)) return chainSpot(rule.chain, line.chain);
  if (target !== undefined && holds(line.rule.targetName)) return chainSpot(target, line.rule.targetName);
  const part = [line.rule.targetPlace, ...line.rule.matches].find(holds);
  return { kind: "rule", capture, table, rule, position, line, range: rangeOf(part ?? line.place) };
}

/** Takes the line of a rule apart again. */
export function readRuleText({ text }: RulesText, { because }: Rule): RuleText | undefined {
  if (because === undefined) return undefined;
  const { start, end } = because;
  const isEscaped = text.startsWith("\\n", end) && text.slice(start, end).includes('\\"');
  const line = readLine(text, start, end, isEscaped);
  return line.kind === "rule" ? line : undefined;
}

/** Where the line of a rule names its chain. */
export function chainPlace(text: RulesText, rule: Rule): SourceRange | undefined {
  const start = (rule.because?.start ?? 0) + "-A ".length;
  const end = start + rule.chain.length;
  // As iptables-save writes it: nothing needs to be taken apart.
  if (text.text.startsWith(`-A ${rule.chain} `, rule.because?.start)) return { uri: text.uri, start, end };
  const line = readRuleText(text, rule);
  return line && placeIn(text, line.chain);
}

/** Every place of a table where a chain is named. */
export function findMentions(
  text: RulesText,
  capture: Capture,
  table: TableName,
  chain: string,
): readonly SourceRange[] {
  const declared = capture.tables.get(table)?.declarations.get(chain);
  const places: SourceRange[] = declared ? [declared] : [];
  for (const { rules } of capture.ruleSet.tables.get(table)?.chains.values() ?? []) {
    for (const rule of rules) {
      const jumps = "chain" in rule.target && rule.target.chain === chain;
      const line = jumps || rule.chain === chain ? readRuleText(text, rule) : undefined;
      if (line === undefined) continue;
      if (rule.chain === chain) places.push(placeIn(text, line.chain));
      if (jumps && line.rule.targetName) places.push(placeIn(text, line.rule.targetName));
    }
  }
  return places.sort((a, b) => a.start - b.start);
}

/** Every place in lists of `iptables -L` where a chain is named. */
export function findListedMentions(text: RulesText, chain: string): readonly SourceRange[] {
  const places: SourceRange[] = [];
  for (let at = text.text.indexOf(chain); at >= 0; at = text.text.indexOf(chain, at + chain.length)) {
    const word = wordAt(text.text, at);
    if (word.start === at && word.end === at + chain.length) places.push(placeIn(text, word));
  }
  return places;
}

const placeIn = ({ uri }: RulesText, { start, end }: Place): SourceRange => ({ uri, start, end });

function listedAt(text: RulesText, offset: number): Spot | undefined {
  if (text.listed.length === 0) return undefined;
  const place = wordAt(text.text, offset);
  const word = text.text.slice(place.start, place.end);
  const chain = text.listed.find(({ name }) => name === word);
  return chain && { kind: "listed", chain, range: placeIn(text, place) };
}

function wordAt(text: string, offset: number): Place {
  const isPart = (at: number): boolean => /[\w-]/.test(text.charAt(at));
  let start = offset;
  while (start > 0 && isPart(start - 1)) start -= 1;
  let end = offset;
  while (end < text.length && isPart(end)) end += 1;
  return { start, end };
}

/** Finds the rule or declaration at an offset. */
function itemAt({ captures }: RulesText, offset: number): Item | undefined {
  for (const capture of captures) {
    if (offset < capture.range.start || offset > capture.range.end) continue;
    for (const [table, { declarations }] of capture.tables) {
      const found = lastAt(inOrder(declarations), ([, range]) => range, offset);
      if (found !== undefined) return { ...found[1], capture, table, declared: found[0] };
      const { restored, chains } = capture.ruleSet.tables.get(table) ?? noTable;
      const rule = lastAt(restored, ({ because }) => because, offset);
      const position = rule && chains.get(rule.chain)?.rules.indexOf(rule);
      if (rule?.because && position !== undefined) return { ...rule.because, capture, table, rule, position };
    }
  }
  return undefined;
}

const noTable: Pick<Table, "restored" | "chains"> = { restored: [], chains: new Map() };

/** Declarations by their places. A chain may be declared again further down. */
const inOrder: (declarations: ReadonlyMap<string, SourceRange>) => readonly (readonly [string, SourceRange])[] =
  oncePer((declarations) => [...declarations].sort(([, a], [, b]) => a.start - b.start));

/** The last item that begins at or before an offset, if it reaches there. */
function lastAt<Item>(
  items: readonly Item[],
  rangeOf: (item: Item) => SourceRange | undefined,
  offset: number,
): Item | undefined {
  let low = 0;
  for (let high = items.length; low < high; ) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (((item && rangeOf(item)?.start) ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const item = items[low - 1];
  return item !== undefined && offset <= (rangeOf(item)?.end ?? -1) ? item : undefined;
}
