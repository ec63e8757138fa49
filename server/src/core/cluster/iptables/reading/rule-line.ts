import { type Message, message, quote } from "../../../base/message.ts";
import type { Match, Target } from "../rule.ts";
import { allOf, type MatchPart } from "./match-part.ts";
import { readInstance } from "./match-readers.ts";
import { type Option, type RuleOptions, sortOptions } from "./options.ts";
import { readTarget } from "./target-readers.ts";
import type { Token } from "./tokens.ts";
import { readBlock, readCount } from "./values.ts";

/** A rule as its line says it, part by part. */
export interface RuleLine {
  /** In the order of the text. */
  readonly matches: readonly MatchPart[];
  readonly target: Target;
  /** From `-j` or `-g` on; `undefined` for a rule without a target. */
  readonly targetPlace: Place | undefined;
  /** The name behind `-j` or `-g`. */
  readonly targetName: Place | undefined;
  readonly counters: Counters | undefined;
  /** The table that `-t` names. */
  readonly table: string | undefined;
  readonly complaints: readonly Complaint[];
}

/** Offsets in a text, half-open. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** What a rule has counted since it was written. */
export interface Counters {
  readonly packets: number;
  readonly bytes: number;
}

/** What could not be understood, and where. */
export interface Complaint extends Place {
  readonly said: Message;
}

/**
 * Reads what stands behind the name of the chain.
 * @param text the text that the offsets are of
 */
export function readRule(text: string, tokens: readonly Token[], from: number): RuleLine {
  const options = sortOptions(tokens, from);
  const { target, counters, table } = options;
  return {
    matches: readMatches(text, options),
    target: target === undefined ? { kind: "none" } : readTarget(text, target),
    targetPlace: target && { start: target.start, end: target.end },
    targetName: target?.name && { start: target.name.start, end: target.name.end },
    counters: counters && countersOf(counters),
    table: table?.text,
    complaints: complaintsOf(options),
  };
}

function countersOf(tokens: readonly Token[]): Counters | undefined {
  const [packets, bytes] = tokens.map(({ text }) => readCount(text));
  return packets === undefined || bytes === undefined ? undefined : { packets, bytes };
}

/** The rules of a line: several addresses behind one `-s` or `-d` are as many rules, as iptables itself writes them. */
export function spreadMatches(matches: readonly Match[]): readonly (readonly Match[])[] {
  const several = matches.findIndex(
    (match) => (match.kind === "source" || match.kind === "destination") && match.block.includes(","),
  );
  const match = matches[several];
  if (match === undefined || !("block" in match)) return [matches];
  return match.block
    .split(",")
    .flatMap((block) => spreadMatches(matches.map((other) => (other === match ? { ...match, block } : other))));
}

function readMatches(text: string, { core, instances, stray }: RuleOptions): readonly MatchPart[] {
  const parts: MatchPart[] = [];
  for (const instance of instances) parts.push(...readInstance(text, instance));
  for (const option of core) {
    const match = readCore(text, option, parts);
    if (match !== undefined) parts.push({ match, start: option.start, end: option.end });
  }
  for (const { start, end } of stray) {
    parts.push({ match: { kind: "other", module: "", text: text.slice(start, end) }, start, end });
  }
  return parts.sort((a, b) => a.start - b.start);
}

/** One of the options that need no module. */
function readCore(text: string, option: Option, parts: readonly MatchPart[]): Match | undefined {
  const { name, negated, values, start, end } = option;
  const value = values[0]?.text ?? "";
  const unknown = { kind: "other", module: "", text: text.slice(start, end) } as const satisfies Match;
  switch (name) {
    case "-s":
    case "-d": {
      const block = value.includes(",") ? allOf(value.split(","), readBlock)?.join() : readBlock(value);
      return block === undefined ? unknown : { kind: name === "-s" ? "source" : "destination", block, negated };
    }
    case "-i":
    case "-o":
      if (value === "") return unknown;
      return { kind: name === "-i" ? "in-interface" : "out-interface", name: value, negated };
    case "-f":
      return { kind: "fragment", negated };
    case "-p": {
      const protocol = value.toLowerCase();
      if ((protocol === "all" || protocol === "0") && !negated) return undefined;
      const isSaid = parts.some(({ match }) => match.kind === "protocol" && match.protocol === nameOf(protocol));
      if (isSaid && !negated) return undefined;
      return protocol === "" ? unknown : { kind: "protocol-only", protocol, negated };
    }
    default:
      return unknown;
  }
}

/** The name of a protocol that has a module of its own. */
const nameOf = (protocol: string): string => protocolNames.get(protocol) ?? protocol;

const protocolNames: ReadonlyMap<string, string> = new Map([
  ["6", "tcp"],
  ["17", "udp"],
  ["132", "sctp"],
]);

function complaintsOf({ stray, target, instances }: RuleOptions): readonly Complaint[] {
  const isWhole = stray.length === 0 && target?.name !== undefined;
  if (isWhole && instances.every(({ module }) => module !== "")) return [];
  const [first] = stray;
  const last = stray.at(-1);
  return [
    ...(first !== undefined && last !== undefined
      ? [{ said: message`${quote(first.text)} belongs to no option`, start: first.start, end: last.end }]
      : []),
    ...(target !== undefined && target.name === undefined
      ? [{ said: message`the target is missing`, start: target.start, end: target.end }]
      : []),
    ...instances
      .filter(({ module }) => module === "")
      .map(({ start, end }) => ({ said: message`the name of the match is missing`, start, end })),
  ];
}
