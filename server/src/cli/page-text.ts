import type { SourceRange } from "../core/base/source.ts";
import { type Page, type PageSpan, renderPage, withPlaces } from "../core/features/page.ts";
import { type Call, paintOf } from "./call.ts";
import type { Workspace } from "./load.ts";
import { placeOf, sourceOf } from "./service-json.ts";
import { harmlessLines, type Paint } from "./terminal.ts";

/** Prints a page: plain, or in colours for what its pieces are. */
export function printPage(call: Call, page: Page): void {
  const { text, spans } = renderPage(page, call.bundle);
  call.terminal.out.write(paintSpans(paintOf(call), harmlessLines(text), spans));
}

/** Prints a page with the places that its lines come from, where an editor would have links. */
export function printPageWithPlaces(call: Call, workspace: Workspace, page: Page): void {
  const nameOf = (source: SourceRange): string => {
    const { file, line } = placeOf(workspace, source);
    return `${file}:${line}`;
  };
  printPage(call, withPlaces(page, nameOf));
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
