import type { SourceRange } from "../../base/source.ts";
import type { Rule, TableName } from "./rule.ts";

/** One line of a printed rule set, which still knows what it shows. */
export interface PrintedLine {
  /** Without the line break. */
  readonly text: string;
  /** The table and chain that the line belongs to; `undefined` for lines about neither, such as `COMMIT`. */
  readonly table: TableName | undefined;
  readonly chain: string | undefined;
  readonly rule: Rule | undefined;
  /** The YAML behind the rule. */
  readonly because: SourceRange | undefined;
}

/** A line about a table or a chain. */
export const headerLine = (text: string, table?: TableName, chain?: string): PrintedLine => ({
  text,
  table,
  chain,
  rule: undefined,
  because: undefined,
});

/** A line that shows a rule. */
export const ruleLine = (text: string, table: TableName, rule: Rule): PrintedLine => ({
  text,
  table,
  chain: rule.chain,
  rule,
  because: rule.because,
});

/** A line of another tool's than iptables. */
export const textLine = (text: string, because?: SourceRange): PrintedLine => ({ ...headerLine(text), because });

/** The text of a document: every line ends with a line break. */
export const joinLines = (lines: readonly PrintedLine[]): string => lines.map(({ text }) => `${text}\n`).join("");
