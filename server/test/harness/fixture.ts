/**
 * A fixture: some files in one text, with expectations in comments.
 *
 * - `#- /shop/service.yaml` begins a file; `crlf` and `bom` behind the path say how it is written. A path that comes
 *   again is a later text of the same file. Lines before the first one are the fixture's own description.
 * - `# ^^^^ text` marks the same columns of the nearest ordinary line above; `#<<<< text` marks columns from the first
 *   one on, and `#< text` the whole line.
 * - `# | text` continues the expectation above it.
 */
export interface Fixture {
  /** The lines before the first file. */
  readonly description: readonly string[];
  readonly files: readonly FixtureFile[];
}

export interface FixtureFile {
  readonly path: string;
  readonly flags: readonly Flag[];
  /** What the file holds: the ordinary lines, line ends and byte order mark as the flags say. */
  readonly text: string;
  readonly marks: readonly Mark[];
}

export type Flag = (typeof flagNames)[number];

/** An expectation about a place in a file. */
export interface Mark {
  /** Offsets in the file's text. */
  readonly start: number;
  readonly end: number;
  /** What is expected: the text behind the carets, and the lines that continue it. */
  readonly lines: readonly string[];
}

const flagNames = ["crlf", "bom"] as const;
const HEADING = /^#- (\/\S+)((?: \w+)*)$/;
const CARETS = /^(#\s*)(\^+) (.*)$/;
const WHOLE_LINE = /^#(<+) (.*)$/;
const CONTINUATION = /^#\s*\| (.*)$/;

/** The path of the only file of a fixture without headings. */
export const ONLY_PATH = "/manifest.yaml";

/** Reads a fixture. A mark without a line above it, and an unknown flag, are defects of the fixture. */
export function parseFixture(text: string): Fixture {
  const lines = text.replace(/\n$/, "").split("\n");
  const first = lines.findIndex((line) => HEADING.test(line));
  if (first < 0) return { description: [], files: [parseFile(ONLY_PATH, [], lines)] };
  const sections: { readonly heading: string; readonly lines: string[] }[] = [];
  for (const line of lines.slice(first)) {
    if (HEADING.test(line)) sections.push({ heading: line, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return { description: lines.slice(0, first), files: sections.map(parseSection) };
}

/** Prints a fixture in its one canonical form; marks of a line in the order of their columns. */
export function printFixture({ description, files }: Fixture): string {
  const hasHeadings = description.length > 0 || files.length !== 1 || files[0]?.path !== ONLY_PATH;
  const lines = [...description];
  for (const file of files) {
    if (hasHeadings) lines.push([`#- ${file.path}`, ...file.flags].join(" "));
    lines.push(...printFile(file));
  }
  return `${lines.join("\n")}\n`;
}

function parseSection(section: { readonly heading: string; readonly lines: readonly string[] }): FixtureFile {
  const [, path = "", words = ""] = HEADING.exec(section.heading) ?? [];
  const flags = words.trim().split(" ").filter(Boolean);
  const unknown = flags.find((flag) => !flagNames.some((name) => name === flag));
  if (unknown !== undefined) throw new Error(`${section.heading}: no flag is called ${unknown}`);
  return parseFile(
    path,
    flagNames.filter((name) => flags.includes(name)),
    section.lines,
  );
}

function parseFile(path: string, flags: readonly Flag[], lines: readonly string[]): FixtureFile {
  const eol = flags.includes("crlf") ? "\r\n" : "\n";
  let text = flags.includes("bom") ? "\ufeff" : "";
  let lineStart = -1;
  let lineLength = 0;
  const marks: { readonly start: number; readonly end: number; readonly lines: string[] }[] = [];
  for (const line of lines) {
    const columns = columnsOf(line, lineLength);
    const continued = CONTINUATION.exec(line)?.[1];
    if (columns !== undefined) {
      if (lineStart < 0) throw new Error(`${path}: no line stands above the mark ${line}`);
      marks.push({ start: lineStart + columns.start, end: lineStart + columns.end, lines: [columns.text] });
    } else if (continued !== undefined && marks.length > 0) {
      marks.at(-1)?.lines.push(continued);
    } else {
      lineStart = text.length;
      lineLength = line.length;
      text += line + eol;
    }
  }
  return { path, flags, text, marks };
}

function columnsOf(
  line: string,
  lineLength: number,
): { readonly start: number; readonly end: number; readonly text: string } | undefined {
  const [, before = "", carets = "", said = ""] = CARETS.exec(line) ?? [];
  if (carets !== "") return { start: before.length, end: before.length + carets.length, text: said };
  const [, brackets = "", whole = ""] = WHOLE_LINE.exec(line) ?? [];
  if (brackets === "") return undefined;
  return { start: 0, end: brackets.length === 1 ? lineLength : brackets.length, text: whole };
}

function printFile({ text, marks }: FixtureFile): readonly string[] {
  const printed: string[] = [];
  let offset = text.startsWith("\ufeff") ? 1 : 0;
  const lines = text
    .slice(offset)
    .replace(/\r?\n$/, "")
    .split("\n");
  for (const [index, line] of lines.entries()) {
    const content = line.replace(/\r$/, "");
    printed.push(content);
    // What stands behind the last line is said of that line: no mark gets lost.
    const next = index === lines.length - 1 ? Number.POSITIVE_INFINITY : offset + line.length + 1;
    const here = marks.filter(({ start }) => start < next && (start >= offset || index === 0));
    for (const mark of [...here].sort((a, b) => a.start - b.start)) printed.push(...printMark(mark, offset, content));
    offset += line.length + 1;
  }
  return printed;
}

function printMark({ start, end, lines }: Mark, lineStart: number, line: string): readonly string[] {
  const from = Math.max(0, Math.min(start - lineStart, line.length));
  const to = Math.max(from + 1, Math.min(end - lineStart, line.length));
  const [said = "", ...more] = lines;
  const pointer =
    from > 0
      ? `#${" ".repeat(from - 1)}${"^".repeat(to - from)}`
      : `#${"<".repeat(to === line.length || to === 1 ? 1 : to)}`;
  const indent = `#${" ".repeat(pointer.length)}`;
  return [`${pointer} ${said}`, ...more.map((continued) => `${indent}| ${continued}`)];
}
