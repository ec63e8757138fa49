import type { SourceRange } from "../core/base/source.ts";
import { displayWidth } from "../core/features/page.ts";
import type { Places } from "./places.ts";
import { harmless } from "./terminal.ts";

/** Longer lines are shown in part: JSON on one line would drown the words. */
const WIDEST = 120;

/**
 * The line on which a range begins, and carets below it.
 * @returns two lines; none for a range in an empty line
 */
export function excerpt(places: Places, range: SourceRange, paint: (text: string) => string): readonly string[] {
  const { line, column } = places.startOf(range);
  const end = places.endOf(range);
  const whole = places.lineAt(range.uri, line);
  if (whole.trim() === "") return [];
  const from = column - 1;
  const to = end.line > line ? whole.length : Math.min(end.column - 1, whole.length);
  const first = from < WIDEST * 0.75 ? 0 : from - WIDEST / 4;
  const shown = whole.slice(first, first + WIDEST);
  const before = harmless(whole.slice(first, from));
  const marked = harmless(whole.slice(from, Math.min(to, first + WIDEST)));
  const number = String(line);
  const ellipsis = first > 0 ? "…" : "";
  const carets = "^".repeat(Math.max(1, displayWidth(marked)));
  return [
    ` ${number} | ${ellipsis}${harmless(shown)}${first + WIDEST < whole.length ? "…" : ""}`,
    ` ${" ".repeat(number.length)} | ${" ".repeat(displayWidth(ellipsis + before))}${paint(carets)}`,
  ];
}
