import { asTable, type Policy, type TableName } from "../rule.ts";
import { inferFromPolicies, inferTable, tableOfChain } from "./infer-table.ts";
import type { Line } from "./line.ts";
import type { Place } from "./rule-line.ts";

/** A rule or a chain outside of any `*table`. */
export interface LooseLine {
  readonly line: Extract<Line, { kind: "chain" | "rule" }>;
  readonly place: Place;
}

/** Loose lines that are taken for those of one table. */
export interface LooseSection {
  readonly table: TableName;
  readonly lines: readonly LooseLine[];
  /** Whether they are a whole `iptables -S`, which begins with policies. */
  readonly isList: boolean;
  /** Whether the text tells the table, or only what such rules are usually for. */
  readonly isSure: boolean;
}

/**
 * Sorts lines without a table into tables. `iptables -S` prints one table, with the policies of its built-in chains
 * first; anything else is an excerpt, such as what `grep` found.
 * @param hint the table that a command above the lines names
 */
export function sortLoose(lines: readonly LooseLine[], hint: TableName | undefined): readonly LooseSection[] {
  const lists = splitLists(lines);
  return lists.flatMap((list, index) => {
    const named = index === 0 ? hint : undefined;
    const policies = policiesOf(list);
    if (policies.size === 0) return sortExcerpt(list, named);
    const told = named ?? inferFromPolicies(policies);
    const table = told ?? tablesOf(list).find((found) => found !== undefined) ?? "filter";
    return [{ table, lines: list, isList: true, isSure: told !== undefined }];
  });
}

/** Policies come first in a list, in the order of the hooks; one that is out of that order begins another list. */
function splitLists(lines: readonly LooseLine[]): readonly (readonly LooseLine[])[] {
  const lists: LooseLine[][] = [];
  let hook = hooks.length;
  for (const loose of lines) {
    const { line } = loose;
    const next = line.kind === "chain" && line.policy !== undefined ? hooks.indexOf(line.name) : undefined;
    if (lists.length === 0 || (next !== undefined && next <= hook)) lists.push([]);
    hook = next ?? hooks.length;
    lists.at(-1)?.push(loose);
  }
  return lists;
}

const hooks: readonly string[] = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];

function policiesOf(lines: readonly LooseLine[]): ReadonlyMap<string, Policy> {
  const policies = new Map<string, Policy>();
  for (const { line } of lines) if (line.kind === "chain" && line.policy) policies.set(line.name, line.policy);
  return policies;
}

function sortExcerpt(lines: readonly LooseLine[], hint: TableName | undefined): readonly LooseSection[] {
  const tables = hint === undefined ? fill(tablesOf(lines)) : lines.map(() => hint);
  const sections = new Map<TableName, LooseLine[]>();
  for (const [index, loose] of lines.entries()) {
    const table = tables[index] ?? "filter";
    const section = sections.get(table);
    if (section) section.push(loose);
    else sections.set(table, [loose]);
  }
  return [...sections].map(([table, section]) => ({
    table,
    lines: section,
    isList: false,
    isSure: hint !== undefined,
  }));
}

const tablesOf = (lines: readonly LooseLine[]): readonly (TableName | undefined)[] =>
  lines.map(({ line }) =>
    line.kind === "chain"
      ? tableOfChain(line.name)
      : (asTable(line.rule.table) ??
        inferTable(
          line.chain.text,
          line.rule.matches.map(({ match }) => match),
          line.rule.target,
        )),
  );

/** A rule that tells nothing is taken to belong with the one before it, the first ones with the one after them. */
function fill(tables: readonly (TableName | undefined)[]): readonly (TableName | undefined)[] {
  let current = tables.find((table) => table !== undefined);
  return tables.map((table) => {
    current = table ?? current;
    return current;
  });
}
