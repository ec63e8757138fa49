import type { Family } from "../../base/ip.ts";
import { wholeBlock } from "../netfilter/addresses.ts";
import type { PortSide } from "./foreign.ts";
import { bang, hex, listChains, markText, protocolNumbers, rejectWith, wholeMask } from "./listing.ts";
import { foreignMatchText, foreignTargetText } from "./print-foreign.ts";
import { natTargetText, plainMatchText } from "./print-plain.ts";
import { headerLine, type RulesLine, ruleLine } from "./printed-line.ts";
import { echoedProbability } from "./probability.ts";
import { type Match, PROXY_PORT, type Rule, type RuleSet, type Table, type TableName, type Target } from "./rule.ts";

/**
 * What `iptables-save` (or `ip6tables-save`) prints once the kernel has the rules: parsed and written back, so in
 * another order and spelling than kube-proxy's input. Counters are zero; the comment lines with dates are left out.
 */
export function printSave(ruleSet: RuleSet, tables?: readonly TableName[]): readonly RulesLine[] {
  return (tables ?? [...ruleSet.tables.keys()]).flatMap((name) => {
    const table = ruleSet.tables.get(name);
    return table === undefined ? [] : saveTable(ruleSet.family, table);
  });
}

function saveTable(family: Family, table: Table): readonly RulesLine[] {
  const chains = listChains(table);
  return [
    headerLine(`*${table.name}`, table.name),
    ...chains.map(({ name, policy }) => headerLine(`:${name} ${policy ?? "-"} [0:0]`, table.name, name)),
    ...chains.flatMap(({ rules }) => rules.map((rule) => ruleLine(saveRule(family, rule), table.name, rule))),
    headerLine("COMMIT", table.name),
  ];
}

/** One rule as `iptables-save` and `iptables -S` print it. */
export function saveRule(family: Family, { chain, matches, target }: Rule): string {
  const words = [
    `-A ${chain}`,
    ...wordsOf(matches, "source", (match) => `${bang(match)}-s ${wholeBlock(match.block)}`),
    ...wordsOf(matches, "destination", (match) => `${bang(match)}-d ${wholeBlock(match.block)}`),
    ...wordsOf(matches, "in-interface", plainMatchText),
    ...wordsOf(matches, "out-interface", foreignMatchText),
    ...wordsOf(matches, "protocol", (match) => `-p ${match.protocol}`),
    ...wordsOf(matches, "protocol-only", plainMatchText),
    ...wordsOf(matches, "fragment", foreignMatchText),
    ...matches.flatMap((match) => moduleWords(family, match, matches)),
    ...(target.kind === "none" ? [] : [targetText(family, target)]),
  ];
  return words.join(" ");
}

/** The options that come first in the echo, wherever they stood in the input. */
function wordsOf<K extends Match["kind"]>(
  matches: readonly Match[],
  kind: K,
  write: (match: Extract<Match, { kind: K }>) => string,
): readonly string[] {
  return matches.filter((match): match is Extract<Match, { kind: K }> => match.kind === kind).map(write);
}

/** The `-m` options, which keep the order of the input. The port belongs to the module of the protocol. */
function moduleWords(family: Family, match: Match, all: readonly Match[]): readonly string[] {
  switch (match.kind) {
    case "source":
    case "destination":
    case "in-interface":
    case "dport":
    case "protocol-only":
    case "proxy-port":
    case "out-interface":
    case "fragment":
    case "port-range":
    case "tcp-flags":
      return [];
    case "protocol":
      return [`-m ${match.protocol}`, ...protocolWords(all)];
    case "comment":
      return [`-m comment --comment ${quoteComment(match.text)}`];
    case "mark":
      return [`-m mark ${bang(match)}--mark ${markText(match)}`];
    case "statistic":
      return [`-m statistic --mode random --probability ${echoedProbability(match.chance, match.decimals)}`];
    case "recent-set":
      return [`-m recent --set --name ${match.list} --mask ${wholeMask[family]} --rsource`];
    case "recent-check":
      return [
        `-m recent --rcheck --seconds ${match.seconds} --reap --name ${match.list} --mask ${wholeMask[family]} --rsource`,
      ];
    case "ipvs":
      return [`-m ipvs --vproto ${protocolNumbers[match.protocol]} --vaddr ${match.address} --vport ${match.port}`];
    default:
      return [plainMatchText(match)];
  }
}

/** The options of a protocol's module, in the order in which it prints them. */
function protocolWords(all: readonly Match[]): readonly string[] {
  const ranges = (side: PortSide): readonly string[] =>
    wordsOf(all, "port-range", (range) => (range.side === side ? foreignMatchText(range) : ""));
  const ports = [
    ...wordsOf(all, "dport", ({ port }) => `--dport ${port}`),
    ...wordsOf(all, "proxy-port", () => `--dport ${PROXY_PORT}`),
  ];
  const flags = wordsOf(all, "tcp-flags", foreignMatchText);
  return [...ranges("source"), ...ports, ...ranges("destination"), ...flags].filter((words) => words !== "");
}

function targetText(family: Family, target: Exclude<Target, { kind: "none" }>): string {
  switch (target.kind) {
    case "jump":
      return `-j ${target.chain}`;
    case "return":
    case "accept":
    case "drop":
      return `-j ${target.kind.toUpperCase()}`;
    case "reject":
      return `-j REJECT --reject-with ${rejectWith[family]}`;
    case "mark":
      return `-j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`;
    case "masquerade":
    case "dnat":
    case "to-proxy":
      return natTargetText(target);
    default:
      return foreignTargetText(target);
  }
}

/** Bare only if iptables deems every character harmless. */
const quoteComment = (text: string): string =>
  /^[A-Za-z0-9_-]+$/.test(text) ? text : `"${text.replace(/["'\\]/g, "\\$&")}"`;
