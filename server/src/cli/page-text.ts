import { type Line, type Page, type PageSpan, renderPage } from "../core/features/page.ts";
import { type Call, paintOf } from "./call.ts";
import type { Workspace } from "./load.ts";
import { sourceOf } from "./service-json.ts";
import { harmlessLines, type Paint } from "./terminal.ts";

/** Prints a page: plain, or in colours for what its pieces are. */
export function printPage(call: Call, page: Page): void {
  const { text, spans } = renderPage(page, call.bundle);
  call.terminal.out.write(paintSpans(paintOf(call), harmlessLines(text), spans));
}

/** Prints a page with the place that a line comes from, where an editor would have a link. */
export function printPageWithPlaces(call: Call, workspace: Workspace, { lines }: Page): void {
  printPage(call, { lines: lines.map((line) => withPlace(workspace, line)) });
}

/** Lines that name a property of something say so of themselves; the thing itself has its place above them. */
function withPlace(workspace: Workspace, line: Line): Line {
  const place = sourceOf(workspace, line.findLast(({ source }) => source)?.source);
  if (place === null || line.some(({ role }) => role === "label")) return line;
  // The end of a line needs no blanks to fill its column.
  const ended = line.map((piece, index) => (index === line.length - 1 ? { ...piece, width: 0 } : piece));
  return [...ended, { text: `  (${place.file}:${place.line})`, role: "faint" }];
}

/** Prints pages one below the other. */
export const printPages = (call: Call, pages: readonly Page[]): void =>
  printPage(call, { lines: pages.flatMap(({ lines }, index) => (index === 0 ? lines : [[], ...lines])) });

/** A page for programs: its lines, and the first place that each comes from. */
export const pageDocument = (call: Call, workspace: Workspace, { lines }: Page) =>
  lines.map((line) => ({
    text: renderPage({ lines: [line] }, call.bundle).text.slice(0, -1),
    source: sourceOf(workspace, line.find(({ source }) => source)?.source),
  }));

function paintSpans(paint: Paint, text: string, spans: readonly PageSpan[]): string {
  let painted = "";
  let from = 0;
  for (const { start, end, role } of spans) {
    if (role === undefined) continue;
    painted += text.slice(from, start) + paint(role, text.slice(start, end));
    from = end;
  }
  return painted + text.slice(from);
}
