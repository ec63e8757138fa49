/** How wide a tab counts where it stands for indentation: what the document looks like in most editors. */
const TAB_STOP = 2;

/** White space and dashes at the beginning of a line, with a tab among them. */
const BEGINNING = /^[ -]*\t[ \t-]*/gm;
/** A dash that begins no list item. */
const DASH_OF_TEXT = /-(?![ \t])/;

/** One line's indentation, and the same in spaces. */
export interface TabbedIndentation {
  readonly start: number;
  readonly end: number;
  readonly spaces: string;
}

/** Every indentation of a text that holds a tab, with its width in spaces. */
export function tabbedIndentations(text: string): readonly TabbedIndentation[] {
  const found: TabbedIndentation[] = [];
  for (const { 0: beginning, index: start } of text.matchAll(BEGINNING)) {
    const dash = beginning.search(DASH_OF_TEXT);
    const indentation = dash < 0 ? beginning : beginning.slice(0, dash);
    if (!indentation.includes("\t")) continue;
    found.push({ start, end: start + indentation.length, spaces: expand(indentation) });
  }
  return found;
}

/** The text with spaces for tabs, and the way back: an offset in it as an offset in the original. */
export function withoutTabs(text: string): { readonly text: string; readonly at: (offset: number) => number } {
  let result = "";
  let from = 0;
  const shifts: { readonly offset: number; readonly original: number }[] = [{ offset: 0, original: 0 }];
  for (const { start, end, spaces } of tabbedIndentations(text)) {
    result += text.slice(from, start) + spaces;
    from = end;
    shifts.push({ offset: result.length, original: end });
  }
  result += text.slice(from);
  const at = (offset: number): number => {
    let low = 0;
    for (let high = shifts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((shifts[middle]?.offset ?? 0) <= offset) low = middle;
      else high = middle;
    }
    const shift = shifts[low];
    const next = shifts[low + 1];
    const original = offset + (shift ? shift.original - shift.offset : 0);
    return next ? Math.min(original, next.original) : original;
  };
  return { text: result, at };
}

function expand(indentation: string): string {
  let spaces = "";
  for (const [run] of indentation.matchAll(/\t+|[^\t]+/g)) {
    spaces += run.startsWith("\t") ? " ".repeat(TAB_STOP * run.length - (spaces.length % TAB_STOP)) : run;
  }
  return spaces;
}
