import type { Family } from "../../../base/ip.ts";
import { asTable, type Policy } from "../rule.ts";
import { readComment, readTyped } from "./comment-line.ts";
import { type Counters, type Place, type RuleLine, readRule } from "./rule-line.ts";
import { isBlank, splitWords, type Token } from "./tokens.ts";

/** One line of a text that rules stand in. */
export type Line =
  /** `*nat` */
  | { readonly kind: "table"; readonly name: string; readonly place: Place }
  | { readonly kind: "commit" }
  /** `:KUBE-SVC-… - [0:0]`, and `-N` and `-P` of `iptables -S`. */
  | {
      readonly kind: "chain";
      readonly form: "save" | "list-rules";
      readonly name: string;
      readonly place: Place;
      readonly policy: Policy | undefined;
      readonly counters: Counters | undefined;
    }
  /** A rule, and how it comes to its chain. */
  | {
      readonly kind: "rule";
      readonly command: "append" | "insert";
      readonly chain: Token;
      /** For `insert`, counted from 1. */
      readonly position: number;
      readonly place: Place;
      readonly rule: RuleLine;
      readonly open: boolean;
    }
  /** `-X` and `-F`: without a name, all chains of the table. */
  | { readonly kind: "delete" | "flush"; readonly chain: string | undefined }
  /** The comment above a table that says which program wrote it; no family for one that filters no IP packets. */
  | { readonly kind: "generated"; readonly family: Family | undefined; readonly place: Place; readonly by: string }
  /** A command that somebody typed, which tells whose output follows. */
  | { readonly kind: "typed"; readonly family: Family; readonly table: string | undefined }
  /** `Chain INPUT (policy ACCEPT)`, the head of a list of `iptables -L`. */
  | { readonly kind: "listed"; readonly name: string; readonly place: Place }
  /** `table ip nat {`, the head of what `nft list ruleset` prints. */
  | { readonly kind: "nft"; readonly place: Place }
  /** Blank, a comment, the fence of a quotation. */
  | { readonly kind: "nothing" }
  | { readonly kind: "unreadable"; readonly place: Place };

/** The part of a text that one line takes, without what stands before its rule when it was quoted. */
interface Span extends Place {
  readonly text: string;
  /** Whether its quotes have a backslash before them. */
  readonly escaped: boolean;
}

/**
 * Reads one line. What quotations and logs put before a rule is passed over: blanks, `>`, a time and a program.
 * @param escaped see {@link splitWords}
 */
export function readLine(text: string, lineStart: number, lineEnd: number, escaped = false): Line {
  const span = trim({ text, start: lineStart, end: lineEnd, escaped });
  if (span.start === span.end) return nothing;
  return readBare(span) ?? readBehindPrefix(span) ?? { kind: "unreadable", place: span };
}

const nothing: Line = { kind: "nothing" };

/** A line that begins with what it is. `undefined` if it begins with something else. */
function readBare(span: Span): Line | undefined {
  const { text, start, end } = span;
  switch (text[start]) {
    case "#":
      return readComment(text.slice(start, Math.min(end, start + 400)), span);
    case "*":
      return readTableName(span);
    case ":":
      return readDeclaration(span);
    case "-":
      return readCommand(span, undefined);
    case "[":
      return readCounted(span);
    case "C":
      if (text.slice(start, end) === "COMMIT") return { kind: "commit" };
      return readListed(span);
    case "t":
      return readNftTable(span);
    case "`":
    case "~":
      if (/^(?:```|~~~)/.test(text.slice(start, start + 3))) return nothing;
      // Some put all of a dump between two signs that are meant for a word.
      return text[start] === "`" ? readBare(trim({ ...span, start: start + 1 })) : undefined;
    default:
      return undefined;
  }
}

function readTableName({ text, start, end }: Span): Line | undefined {
  const name = text.slice(start + 1, end).trimStart();
  return /^[a-z]+$/.test(name) ? { kind: "table", name, place: { start, end } } : undefined;
}

const policies: ReadonlyMap<string, Policy> = new Map([
  ["ACCEPT", "ACCEPT"],
  ["DROP", "DROP"],
]);

function readDeclaration({ text, start, end, escaped }: Span): Line | undefined {
  const [name, policy, counters, ...others] = splitWords(text, start + 1, end, escaped).tokens;
  const isWhole = policy !== undefined && (policy.text === "-" || policies.has(policy.text));
  if (name === undefined || name.start !== start + 1 || !isWhole || others.length > 0) return undefined;
  const place = { start: name.start, end: name.end };
  const counted = counters && readCounters(counters.text);
  if (counters !== undefined && counted === undefined) return undefined;
  return { kind: "chain", form: "save", name: name.text, place, policy: policies.get(policy.text), counters: counted };
}

/** Two numbers of twenty digits, and what stands around them. */
const LONGEST_COUNTERS = 43;

/** `[12:345]`, packets and bytes. */
function readCounters(text: string): Counters | undefined {
  const found = /^\[(\d{1,20}):(\d{1,20})\]$/.exec(text);
  return found ? { packets: Number(found[1]), bytes: Number(found[2]) } : undefined;
}

/** A rule with its counters before it. */
function readCounted(span: Span): Line | undefined {
  const { text, start, end } = span;
  const length = text.slice(start, Math.min(end, start + LONGEST_COUNTERS)).indexOf("]") + 1;
  const counters = readCounters(text.slice(start, start + length));
  const line = counters && readCommand(trim({ ...span, start: start + length }), counters);
  return line?.kind === "rule" ? { ...line, place: { start, end } } : line;
}

/** A command of iptables-restore, or a line of `iptables -S`. */
function readCommand(span: Span, counted: Counters | undefined): Line | undefined {
  const { text, start, end, escaped } = span;
  const { tokens, open } = splitWords(text, start, end, escaped);
  const [command, chain, third] = tokens;
  if (command === undefined || command.quoted) return undefined;
  const kind = commands.get(command.text);
  if (kind === "delete" || kind === "flush") {
    return tokens.length > 2 ? undefined : { kind, chain: chain?.text };
  }
  if (kind === undefined || chain === undefined || chain.text.startsWith("-")) return undefined;
  const place = { start: chain.start, end: chain.end };
  if (kind === "policy" || kind === "new") {
    const policy = kind === "policy" ? policies.get(third?.text ?? "") : undefined;
    if ((kind === "policy") !== (policy !== undefined)) return undefined;
    const { counters } = readRule(text, tokens, kind === "policy" ? 3 : 2);
    return { kind: "chain", form: "list-rules", name: chain.text, place, policy, counters };
  }
  const given =
    kind === "insert" && third !== undefined && /^\d{1,9}$/.test(third.text) ? Number(third.text) : undefined;
  const rule = readRule(text, tokens, given === undefined ? 2 : 3);
  return {
    kind: "rule",
    command: kind,
    chain,
    position: given ?? 1,
    place: { start, end },
    rule: counted === undefined ? rule : { ...rule, counters: counted },
    open,
  };
}

const commands: ReadonlyMap<string, "append" | "insert" | "new" | "policy" | "delete" | "flush"> = new Map([
  ["-A", "append"],
  ["--append", "append"],
  ["-I", "insert"],
  ["--insert", "insert"],
  ["-N", "new"],
  ["--new-chain", "new"],
  ["-P", "policy"],
  ["--policy", "policy"],
  ["-X", "delete"],
  ["--delete-chain", "delete"],
  ["-F", "flush"],
  ["--flush", "flush"],
]);

function readListed({ text, start, end }: Span): Line | undefined {
  const found = /^Chain (\S+) \(/.exec(text.slice(start, Math.min(end, start + 200)));
  if (found?.[1] === undefined) return undefined;
  const from = start + "Chain ".length;
  return { kind: "listed", name: found[1], place: { start: from, end: from + found[1].length } };
}

function readNftTable({ text, start, end }: Span): Line | undefined {
  const isHead = end - start < 200 && /^table (?:ip6?|inet|arp|bridge|netdev) \S+ \{/.test(text.slice(start, end));
  return isHead ? { kind: "nft", place: { start, end } } : undefined;
}

/**
 * What stands behind the time and program of a log, or behind a prompt. A rule counts only if all of it is understood:
 * people write sentences about rules, too.
 */
function readBehindPrefix(span: Span): Line | undefined {
  const { text, start, end } = span;
  const typed = readTyped(text.slice(start, Math.min(end, start + 400)));
  const rule = find(text, "-A ", start, end);
  if (typed !== undefined) return typed;
  if (rule >= 0) {
    const from = countersBefore(text, start, rule) ?? rule;
    const line = readBare({ ...span, start: from });
    return line?.kind === "rule" && line.rule.complaints.length === 0 && !line.open ? line : undefined;
  }
  const last = lastWordStart(text, start, end);
  if (text.slice(last, end) === "COMMIT") return { kind: "commit" };
  if (text[last] === "*") {
    const table = readTableName({ ...span, start: last });
    return table?.kind === "table" && asTable(table.name) !== undefined ? table : undefined;
  }
  const colon = find(text, ":", start, end);
  return colon < 0 ? undefined : readDeclaration({ ...span, start: colon });
}

/** The first place of a text at the beginning of a word, behind the first one; -1 if there is none. */
function find(text: string, wanted: string, start: number, end: number): number {
  const found = text.slice(start, end).indexOf(` ${wanted}`);
  return found < 0 ? -1 : start + found + 1;
}

function lastWordStart(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && !isBlank(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

/** Where the counters of a rule begin that stands behind something else. */
function countersBefore(text: string, start: number, rule: number): number | undefined {
  const before = text.slice(Math.max(start, rule - LONGEST_COUNTERS - 1), rule);
  const open = before.lastIndexOf("[");
  return readCounters(before.slice(open).trimEnd()) && rule - before.length + open;
}

/** A line without the blanks around it, and without the signs of a quotation. */
function trim(span: Span): Span {
  const { text, escaped } = span;
  let { start, end } = span;
  while (start < end && (isBlank(text.charCodeAt(start)) || quotation.has(text[start] ?? ""))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  // The end of a dump between two signs that are meant for a word.
  if (end - start > 1 && text[end - 1] === "`" && text.indexOf("`", start) === end - 1) end -= 1;
  return { text, start, end, escaped };
}

/** What mails and tables put before each line; the last two are marks of order and of no width. */
const quotation: ReadonlySet<string> = new Set([">", "|", "\ufeff", "\u200b"]);
