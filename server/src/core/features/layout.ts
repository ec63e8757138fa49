import { hostPort } from "../base/ip.ts";
import { type Message, message, render } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";
import type { AllocatedPort } from "../cluster/node-ports.ts";
import type { Address } from "../cluster/resolution.ts";
import { displayWidth, type Line, type Piece, type PieceRole } from "./page.ts";

/** An empty line. */
export const blank: Line = [];

/** A line that tools read over: a comment to iptables-restore and nft alike. */
export const comment = (text: Message): Line => [{ text: message`# ${text}`, role: "faint" }];

/** A line that stands further in, by two columns for each level. */
export const indented = (level: number, ...pieces: readonly Piece[]): Line => [{ text: "  ".repeat(level) }, ...pieces];

/** A line that names a property of something. */
export const fact = (label: Message, ...values: readonly Piece[]): Line =>
  indented(1, { text: label, role: "label", width: LABEL_WIDTH }, ...values);

/** Wide enough for the labels in every language that is spoken here. */
const LABEL_WIDTH = 16;

/** A heading. */
export const title = (text: Message | string): Piece => ({ text, role: "title" });

/** A cell of a table: names and numbers only, because the width of words depends on the language. */
export interface Cell extends Piece {
  readonly text: string;
}

/** Lines whose cells stand in columns, as kubectl prints them. A row may be shorter than the others. */
export function table(level: number, rows: readonly (readonly Cell[])[]): readonly Line[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, { text }] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, displayWidth(text));
  }
  return rows.map((row) => {
    const last = row.findLastIndex(({ text }) => text !== "");
    const cells = row.slice(0, last + 1).map((cell, column) => ({ ...cell, width: (widths[column] ?? 0) + GAP }));
    return indented(level, ...cells);
  });
}

/** The titles of columns. They stay in English, as those of kubectl do. */
export const header = (...texts: readonly string[]): readonly Cell[] => texts.map((text) => ({ text, role: "label" }));

/** kubectl's. */
const GAP = 3;

/** Stands before every address and port that only a cluster could hand out. */
export const SIMULATED = "~";

/** An address, marked if it is simulated. */
export const addressText = ({ ip, origin }: Address): string => `${markOf(origin)}${ip}`;

/** `10.0.0.1:80` or `[fd00::1]:80`, marked if the address is simulated. */
export const addressPortText = ({ ip, origin }: Address, port: number): string =>
  `${markOf(origin)}${hostPort(ip, port)}`;

/** A node port, marked if it is simulated. */
export const allocatedText = ({ port, origin }: AllocatedPort): string => `${markOf(origin)}${port}`;

/** The mark of a value that a cluster would hand out; nothing for all others. */
export const markOf = (origin: Address["origin"]): string => (origin === "simulated" ? SIMULATED : "");

/** The lines with what the mark means below them, if any of them bears it. */
export function withLegend(lines: readonly Line[]): readonly Line[] {
  const isMarked = lines.some((line) =>
    line.some(({ text }) => bearsMark(typeof text === "string" ? text : render(text))),
  );
  return isMarked ? [...lines, blank, [{ text: legend, role: "faint" }]] : lines;
}

/** Whether something in a text is marked as simulated. */
export const bearsMark = (text: string): boolean => /~[[\d]|~[\da-f]+:/.test(text);

/** What the mark means. */
export const legend = message`~ simulated: an address or port that only a cluster can hand out; pods that a controller makes have stand-in names`;

/** A piece that leads to the YAML it speaks of, where there is any. */
export const linked = <Text extends Message | string>(
  text: Text,
  source: SourceRange | undefined,
  role?: PieceRole,
): Piece & { readonly text: Text } => ({ text, ...(source && { source }), ...(role && { role }) });
