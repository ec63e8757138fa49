import { message, plural, quote } from "../../../base/message.ts";
import type { DocumentUri, SourceRange } from "../../../base/source.ts";
import { asTable, type Rule } from "../rule.ts";
import type { Capture } from "./capture.ts";
import { listCaptures } from "./capture-list.ts";
import { type Line, readLine } from "./line.ts";
import { findLines } from "./lines.ts";
import { type LooseLine, sortLoose } from "./loose.ts";
import type { RulesProblem } from "./problem.ts";
import { type Place, spreadMatches } from "./rule-line.ts";
import type { TableReader } from "./table-reader.ts";

/** A text of rules, read. */
export interface RulesText {
  readonly uri: DocumentUri;
  readonly text: string;
  /** One for each node and family that the text shows, in order. */
  readonly captures: readonly Capture[];
  /** Chains of `iptables -L`, by the lines that head them. Their rules are not read. */
  readonly listed: readonly ListedChain[];
  readonly problems: readonly RulesProblem[];
}

/** The head of a list of rules, `Chain KUBE-SERVICES (2 references)`. */
export interface ListedChain {
  readonly name: string;
  readonly range: SourceRange;
}

/**
 * Reads what `iptables-save`, `ip6tables-save` and `iptables -S` print, and what `iptables-restore` takes, also as it is
 * found in bug reports: quoted, indented, behind the time of a log, cut off, several in a row. Everything that can be
 * read is used, and the rest is told once, where it stands. Total, in one pass.
 */
export function readRules(uri: DocumentUri, text: string): RulesText {
  const reading = startReading(uri);
  for (const { start, end, escaped } of findLines(text))
    reading.take(readLine(text, start, end, escaped), { start, end });
  return { uri, text, ...reading.finish() };
}

type Result = Pick<RulesText, "captures" | "listed" | "problems">;

function startReading(uri: DocumentUri): { take: (line: Line, place: Place) => void; finish: () => Result } {
  const captures = listCaptures(uri);
  const listed: ListedChain[] = [];
  const problems: RulesProblem[] = [];
  let table: TableReader | undefined;
  /** In what a program printed that filters no IP packets. */
  let isOthers = false;
  /** The last line of the table. */
  let last: Place | undefined;
  let typed: Extract<Line, { kind: "typed" }> | undefined;
  let loose: LooseLine[] = [];
  /** Whether the loose lines are those of a table whose name has been complained about. */
  let isUnnamed = false;
  /** In the output of a command that prints rules in another form. */
  let listing: "list" | "nft" | undefined;
  /** Whether the lines are those of a list: a blank one ends each chain of `iptables -L`. */
  let isListed = false;
  let unreadable: { readonly first: Place; readonly count: number } | undefined;

  const rangeOf = ({ start, end }: Place): SourceRange => ({ uri, start, end });
  const note = (code: RulesProblem["code"], place: Place, said: RulesProblem["message"]): void => {
    problems.push({ code, range: rangeOf(place), message: said });
  };

  const endTable = (): void => {
    if (table && !table.isClosed() && last) {
      note("cut-off", last, message`table ${table.name} has no ${"COMMIT"}: the text may be cut off here`);
    }
    table = undefined;
  };

  const apply = (into: TableReader, { line, place }: LooseLine): void => {
    last = place;
    captures.extend(place);
    if (line.kind === "chain") {
      into.declare(line.name, line.policy, rangeOf(line.place));
      return;
    }
    const { rule } = line;
    const chain = line.chain.text;
    const because = rangeOf(line.place);
    spreadMatches(rule.matches.map(({ match }) => match)).forEach((matches, index) => {
      const added: Rule = { chain, matches, target: rule.target, port: undefined, endpoint: undefined, because };
      if (line.command === "append") into.append(added);
      else into.insert(added, line.position + index);
    });
    for (const { said, start, end } of rule.complaints) note("unreadable-rule", { start, end }, said);
    if (line.open) note("unreadable-rule", line.place, message`the quotation is not closed`);
  };

  const endLoose = (): void => {
    const lines = loose;
    const isTold = isUnnamed;
    loose = [];
    isUnnamed = false;
    for (const { table: name, lines: section, isList, isSure } of sortLoose(lines, asTable(typed?.table))) {
      const [first] = section;
      if (first === undefined) continue;
      const begin = { name, place: first.place, header: undefined, isExcerpt: !isList, typed: typed?.family };
      const opened = captures.open(begin);
      for (const line of section) apply(opened, line);
      opened.close();
      if (isSure || isTold) continue;
      note(
        "table-assumed",
        first.place,
        message`no line says which table this is; the rules look like those of ${name}`,
      );
    }
  };

  const endUnreadable = (): void => {
    if (unreadable === undefined) return;
    const { first, count } = unreadable;
    const said = plural(
      count,
      message`this line is none of iptables-save's; it is passed over`,
      message`${count} lines from here on are none of iptables-save's; they are passed over`,
    );
    note("unreadable-lines", first, said);
    unreadable = undefined;
  };

  const takeListing = (line: Line): void => {
    const next = line.kind === "listed" ? "list" : line.kind === "nft" ? "nft" : undefined;
    if (next !== undefined && next !== listing && "place" in line) note("other-form", line.place, otherForms[next]);
    listing = next;
    isListed = next !== undefined;
  };

  const take = (line: Line, place: Place): void => {
    if (isOthers && line.kind !== "generated") return;
    if (line.kind === "unreadable") {
      if (!isListed) unreadable = { first: unreadable?.first ?? line.place, count: (unreadable?.count ?? 0) + 1 };
      return;
    }
    if (line.kind === "nothing") {
      isListed &&= listing === "nft";
      return;
    }
    endUnreadable();
    takeListing(line);
    switch (line.kind) {
      case "generated":
        endLoose();
        endTable();
        isOthers = line.family === undefined;
        if (line.family === undefined) break;
        captures.head(line.family, line.by, line.place);
        typed = undefined;
        break;
      case "typed":
        // A comment in the middle of a table may mention a program, too.
        if (table !== undefined) break;
        endLoose();
        typed = line;
        break;
      case "table": {
        endLoose();
        endTable();
        const name = asTable(line.name);
        if (name === undefined) {
          const none = message`iptables has no table ${quote(line.name)}; which one is meant is told from its rules`;
          note("table-unknown", line.place, none);
          isUnnamed = true;
          break;
        }
        const { place: header } = line;
        const typedFamily = typed?.family;
        table = captures.open({ name, place: header, header: rangeOf(header), isExcerpt: false, typed: typedFamily });
        last = header;
        captures.extend(header);
        break;
      }
      case "commit":
        if (table !== undefined) {
          table.close();
          captures.extend(place);
          table = undefined;
        }
        endLoose();
        break;
      case "chain":
      case "rule":
        if (line.kind === "chain" && table?.isPast(line.name)) endTable();
        if (table === undefined) loose.push({ line, place: line.kind === "rule" ? line.place : place });
        else apply(table, { line, place });
        break;
      case "delete":
        table?.remove(line.chain);
        break;
      case "flush":
        table?.flush(line.chain);
        break;
      case "nft":
        break;
      case "listed":
        listed.push({ name: line.name, range: rangeOf(line.place) });
        break;
    }
  };

  return {
    take,
    finish() {
      endUnreadable();
      endLoose();
      endTable();
      return { captures: captures.finish(), listed, problems: problems.sort(byPlace) };
    },
  };
}

const otherForms = {
  list: message`${"iptables -L"} leaves out parts of rules, so what it prints is not read; ${"iptables-save"} prints them whole`,
  nft: message`rules as ${"nft"} prints them are not read here; ${"iptables-save"} prints those that ${"iptables"} has made`,
} as const;

const byPlace = (a: RulesProblem, b: RulesProblem): number => a.range.start - b.range.start;
