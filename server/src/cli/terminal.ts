/** What a run of the program sees of the world. */
export interface Terminal {
  /** The working directory, absolute, as the system writes it. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard input, to its end. */
  readonly readInput: () => Promise<string>;
  readonly out: Output;
  readonly err: Output;
}

export interface Output {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
}

/** How a piece of text looks. */
export type Look = "title" | "label" | "good" | "bad" | "caution" | "note" | "faint";

/** Gives a text a look, or leaves it as it is where there are no colours. */
export type Paint = (look: Look, text: string) => string;

/** Colours for a terminal, none for anything else, nor where the reader wants none. */
export function paintFor({ env }: Terminal, output: Output, noColor: boolean): Paint {
  const wanted = output.isTerminal && !noColor && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  if (!wanted) return (_look, text) => text;
  return (look, text) => (text === "" ? "" : `\u001b[${codes[look][0]}m${text}\u001b[${codes[look][1]}m`);
}

/**
 * One line of text without the characters that a terminal obeys: what stands in a manifest must not move the cursor. Tabs
 * and line breaks become blanks, so that columns can be counted.
 */
export const harmless = (text: string): string => harmlessLines(text.replace(/[\t\r\n]/g, " "));

/** The same for a text of several lines, which may begin with tabs. Every character stays in its place. */
export const harmlessLines = (text: string): string =>
  text.replace(/(?<!^\t*)\t/gm, " ").replace(/(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "\ufffd");

/** Select Graphic Rendition: what switches a look on, and off again. */
const codes: Readonly<Record<Look, readonly [number, number]>> = {
  title: [1, 22],
  label: [36, 39],
  good: [32, 39],
  bad: [31, 39],
  caution: [33, 39],
  note: [34, 39],
  faint: [2, 22],
};
