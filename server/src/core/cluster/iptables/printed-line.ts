import type { PrintedLine } from "../netfilter/printed-line.ts";
import type { Rule, TableName } from "./rule.ts";

/** One line of a printed rule set, which still knows what it shows. */
export interface RulesLine extends PrintedLine {
  /** The table and chain that the line belongs to; `undefined` for lines about neither, such as `COMMIT`. */
  readonly table: TableName | undefined;
  readonly chain: string | undefined;
  readonly rule: Rule | undefined;
}

/** A line about a table or a chain. */
export const headerLine = (text: string, table?: TableName, chain?: string): RulesLine => ({
  text,
  table,
  chain,
  rule: undefined,
  because: undefined,
});

/** A line that shows a rule. */
export const ruleLine = (text: string, table: TableName, rule: Rule): RulesLine => ({
  text,
  table,
  chain: rule.chain,
  rule,
  because: rule.because,
});
