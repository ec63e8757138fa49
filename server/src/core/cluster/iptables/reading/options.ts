import {
  coreNames,
  freeTexts,
  jumps,
  mostValues,
  protocolModules,
  protocolOptions,
  withoutMeaning,
} from "./option-names.ts";
import type { Token } from "./tokens.ts";

/** One option of a rule with its values. */
export interface Option {
  /** As it is written, with its dashes. */
  readonly name: string;
  /** Whether a `!` stands before it, or in old texts before its value. */
  readonly negated: boolean;
  readonly values: readonly Token[];
  readonly start: number;
  readonly end: number;
}

/** A match module, and the options that it is given. */
export interface Instance {
  readonly module: string;
  readonly options: readonly Option[];
  readonly start: number;
  /** Where the name of the module ends; the start, for a module that an option of its own loaded. */
  readonly head: number;
  readonly end: number;
}

/** `-j` or `-g` with the target's own options. */
export interface TargetOptions {
  readonly how: "jump" | "goto";
  /** `undefined` where the text ends before it. */
  readonly name: Token | undefined;
  readonly options: readonly Option[];
  readonly start: number;
  readonly end: number;
}

/** The options of a rule, by whom they belong to. */
export interface RuleOptions {
  /** `-s`, `-d`, `-p`, `-i`, `-o`, `-f`, by their short names, in order. */
  readonly core: readonly Option[];
  readonly instances: readonly Instance[];
  readonly target: TargetOptions | undefined;
  /** Packets and bytes of `-c`. */
  readonly counters: readonly Token[] | undefined;
  /** The table of `-t`. */
  readonly table: Token | undefined;
  /** Words that belong to nothing. */
  readonly stray: readonly Token[];
}

interface OpenInstance {
  module: string;
  options: Option[];
  start: number;
  head: number;
  end: number;
}

/** Sorts the words of a rule from a position on. Total: what cannot be sorted is stray. */
export function sortOptions(tokens: readonly Token[], from: number): RuleOptions {
  const core: Option[] = [];
  const instances: OpenInstance[] = [];
  const stray: Token[] = [];
  let target: (OpenInstance & Pick<TargetOptions, "how" | "name">) | undefined;
  let counters: readonly Token[] | undefined;
  let table: Token | undefined;
  let current: OpenInstance | undefined;
  let at = from;
  while (at < tokens.length) {
    const { option, next } = readOption(tokens, at);
    at = next;
    if (option === undefined) {
      const refusal = readRefusal(tokens, next - 1);
      if (refusal && current) current.options.push(refusal);
      else stray.push(...tokens.slice(next - 1, next));
      if (refusal) at += 1;
      continue;
    }
    const { name, start, values } = option;
    const [value] = values;
    const coreName = coreNames.get(name);
    if (coreName !== undefined) core.push(coreName === name ? option : { ...option, name: coreName });
    else if (name === "-m" || name === "--match") {
      current = { module: value?.text ?? "", options: [], start, head: option.end, end: option.end };
      instances.push(current);
    } else if (jumps.has(name)) {
      const how = name === "-g" || name === "--goto" ? "goto" : "jump";
      const { end } = option;
      target = { how, name: value, module: value?.text ?? "", options: [], start, head: end, end };
      current = target;
    } else if (name === "-c" || name === "--set-counters") counters = values;
    else if (name === "-t" || name === "--table") table = value;
    else if (withoutMeaning.has(name)) continue;
    else {
      const owner = ownerOf(name, current, instances) ?? implicitInstance(name, core, instances, start);
      if (owner === undefined) stray.push(...tokens.filter((token) => token.start >= start && token.end <= option.end));
      else {
        owner.options.push(option);
        owner.end = option.end;
      }
    }
  }
  return { core, instances, target, counters, table, stray };
}

/** Reads one option with its values; a word that is none gives none, and is passed. */
function readOption(tokens: readonly Token[], at: number): { option: Option | undefined; next: number } {
  const first = tokens[at];
  let negated = false;
  let position = at;
  if (first !== undefined && isBang(first)) {
    negated = true;
    position += 1;
  }
  const word = tokens[position];
  if (first === undefined || word === undefined || !isOption(word)) return { option: undefined, next: at + 1 };
  const equals = word.text.startsWith("--") ? word.text.indexOf("=") : -1;
  const name = equals < 0 ? word.text : word.text.slice(0, equals);
  const values: Token[] = [];
  if (equals >= 0) {
    const from = word.start + equals + 1;
    values.push({ text: word.text.slice(equals + 1), start: from, end: word.end, quoted: true });
  }
  position += 1;
  const most = mostValues.get(name) ?? Number.POSITIVE_INFINITY;
  while (position < tokens.length && values.length < most) {
    const token = tokens[position];
    if (token === undefined || (!freeTexts.has(name) && startsOption(tokens, position))) break;
    // Up to iptables 1.4.2 the sign stood between an option and its value.
    if (isBang(token) && values.length === 0) negated = true;
    else values.push(token);
    position += 1;
  }
  const end = tokens[position - 1]?.end ?? word.end;
  return { option: { name, negated, values, start: first.start, end }, next: position };
}

/** What a program prints of a match or target that is newer than itself: `[unsupported revision]`. */
function readRefusal(tokens: readonly Token[], at: number): Option | undefined {
  const [first, second] = [tokens[at], tokens[at + 1]];
  if (first?.text !== "[unsupported" || second?.text !== "revision]") return undefined;
  return { name: first.text, negated: false, values: [second], start: first.start, end: second.end };
}

const isBang = (token: Token): boolean => token.text === "!" && !token.quoted;

/** Negative numbers are values. */
const isOption = ({ text, quoted }: Token): boolean =>
  text.charCodeAt(0) === DASH && !quoted && /^-[-A-Za-z]/.test(text);

const DASH = 45;

function startsOption(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined) return false;
  const next = tokens[at + 1];
  return isOption(token) || (isBang(token) && next !== undefined && isOption(next));
}

/** An option belongs to the module that was named last, unless that one cannot have it. */
function ownerOf(
  name: string,
  current: OpenInstance | undefined,
  instances: readonly OpenInstance[],
): OpenInstance | undefined {
  if (!protocolOptions.has(name)) return current;
  if (current !== undefined && (protocolModules.has(current.module) || current.module === "multiport")) return current;
  return instances.findLast(({ module }) => protocolModules.has(module));
}

/**
 * A module that was not named. `-p tcp --dport 80` loads that of the protocol by itself; a comment says what it is, though
 * iptables would want to be told.
 */
function implicitInstance(
  name: string,
  core: readonly Option[],
  instances: OpenInstance[],
  start: number,
): OpenInstance | undefined {
  const protocol = core.find((option) => option.name === "-p")?.values[0]?.text;
  const module = name === "--comment" ? "comment" : protocolOptions.has(name) ? protocol : undefined;
  if (module === undefined || !(module === "comment" || protocolModules.has(module))) return undefined;
  const instance = { module, options: [], start, head: start, end: start };
  instances.push(instance);
  return instance;
}
