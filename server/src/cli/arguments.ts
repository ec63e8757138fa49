import { parseArgs } from "node:util";
import { list, type Message, message, quote } from "../core/base/message.ts";
import { findNearest } from "../core/base/text.ts";
import { CallError } from "./call-error.ts";
import { commonOptions, type Option, type OptionName, options } from "./options.ts";

/** What was typed behind the name of the program, sorted out. */
export interface Arguments {
  /** Everything that is no option, in order; the first one names the command. */
  readonly operands: readonly string[];
  readonly given: ReadonlyMap<OptionName, readonly string[]>;
  /** What is wrong with the options, first things first; nothing is thrown yet, because the language may stand last. */
  readonly complaints: readonly Message[];
}

/** Sorts out a command line. Any option may stand anywhere; `--` ends them. */
export function parseArguments(args: readonly string[]): Arguments {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(optionNames.map((name) => [name, parserOption(options[name])])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const operands: string[] = [];
  const given = new Map<OptionName, readonly string[]>();
  const complaints: Message[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const name = optionNames.find((known) => known === token.name);
    const complaint = name === undefined ? unknownOption(token.rawName) : misused(name, token.value);
    if (complaint) complaints.push(complaint);
    else if (name !== undefined) given.set(name, [...(given.get(name) ?? []), token.value ?? ""]);
  }
  return { operands, given, complaints };
}

/** Complains of options that a command does not have. */
export function requireOptions(given: Arguments["given"], command: string, allowed: readonly OptionName[]): void {
  for (const name of given.keys()) {
    if (allowed.includes(name) || commonOptions.some((common) => common === name)) continue;
    throw new CallError(
      message`${quote(command)} has no option ${quote(`--${name}`)}; see ${`portolan ${command} --help`}`,
    );
  }
}

/** Complains of a value that is none of a few words. */
export function requireWord<Word extends string>(name: OptionName, value: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === value);
  if (word !== undefined) return word;
  throw new CallError(message`${`--${name}`} takes ${list(words, "or")}, not ${quote(value)}`);
}

const optionNames = Object.keys(options) as OptionName[]; // the table has these keys and no others

const parserOption = ({ value, multiple, short }: Option) => ({
  type: value === undefined ? ("boolean" as const) : ("string" as const),
  multiple: multiple ?? false,
  ...(short === undefined ? {} : { short }),
});

function misused(name: OptionName, value: string | undefined): Message | undefined {
  const option: Option = options[name];
  if (option.value === undefined) {
    return value === undefined ? undefined : message`${`--${name}`} takes no value; leave ${quote(`=${value}`)} out`;
  }
  const missing = value === undefined || value === "" || value.startsWith("--");
  return missing ? message`${`--${name}`} needs a value: ${option.value}` : undefined;
}

function unknownOption(written: string): Message {
  const nearest = findNearest(written.replace(/^-+/, ""), optionNames);
  return nearest === undefined
    ? message`there is no option ${quote(written)}; see ${"portolan --help"}`
    : message`there is no option ${quote(written)}; did you mean ${quote(`--${nearest}`)}?`;
}
