import type { Family } from "../../base/ip.ts";
import { wholeBlock } from "../netfilter/addresses.ts";
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
  const lines = [headerLine(`*${table.name}`, table.name)];
  for (const { name, policy } of chains) lines.push(headerLine(`:${name} ${policy ?? "-"} [0:0]`, table.name, name));
  for (const { rules } of chains) {
    for (const rule of rules) lines.push(ruleLine(saveRule(family, rule), table.name, rule));
  }
  lines.push(headerLine("COMMIT", table.name));
  return lines;
}

/**
 * One rule as `iptables-save` and `iptables -S` print it: the options of no module come first and have their places,
 * wherever they stood in the input; modules keep its order.
 */
export function saveRule(family: Family, { chain, matches, target }: Rule): string {
  let [source, destination, inInterface, outInterface, protocol, fragment, modules] = ["", "", "", "", "", "", ""];
  for (const match of matches) {
    switch (match.kind) {
      case "source":
        source += ` ${bang(match)}-s ${wholeBlock(match.block)}`;
        break;
      case "destination":
        destination += ` ${bang(match)}-d ${wholeBlock(match.block)}`;
        break;
      case "in-interface":
        inInterface += ` ${plainMatchText(match)}`;
        break;
      case "out-interface":
        outInterface += ` ${foreignMatchText(match)}`;
        break;
      case "protocol":
        protocol += ` -p ${match.protocol}`;
        modules += ` -m ${match.protocol}${protocolOptions(matches)}`;
        break;
      case "protocol-only":
        protocol += ` ${plainMatchText(match)}`;
        break;
      case "fragment":
        fragment += ` ${foreignMatchText(match)}`;
        break;
      default:
        if (!isProtocolOption(match)) modules += ` ${moduleText(family, match)}`;
    }
  }
  const end = target.kind === "none" ? "" : ` ${targetText(family, target)}`;
  return `-A ${chain}${source}${destination}${inInterface}${outInterface}${protocol}${fragment}${modules}${end}`;
}

/** A match whose option belongs to the module of the protocol. */
type ProtocolOption = Extract<Match, { kind: "dport" | "proxy-port" | "port-range" | "tcp-flags" }>;

const isProtocolOption = (match: Match): match is ProtocolOption =>
  match.kind === "dport" || match.kind === "proxy-port" || match.kind === "port-range" || match.kind === "tcp-flags";

/** The options of a protocol's module, in the order in which it prints them. */
function protocolOptions(all: readonly Match[]): string {
  let [sourcePorts, port, destinationPorts, flags] = ["", "", "", ""];
  for (const match of all) {
    if (match.kind === "dport") port += ` --dport ${match.port}`;
    else if (match.kind === "proxy-port") port += ` --dport ${PROXY_PORT}`;
    else if (match.kind === "tcp-flags") flags += ` ${foreignMatchText(match)}`;
    else if (match.kind === "port-range") {
      if (match.side === "source") sourcePorts += ` ${foreignMatchText(match)}`;
      else destinationPorts += ` ${foreignMatchText(match)}`;
    }
  }
  return `${sourcePorts}${port}${destinationPorts}${flags}`;
}

type ModuleMatch = Exclude<
  Match,
  | ProtocolOption
  | {
      kind: "source" | "destination" | "in-interface" | "out-interface" | "protocol" | "protocol-only" | "fragment";
    }
>;

/** A match of a module of its own, `-m` and all. */
function moduleText(family: Family, match: ModuleMatch): string {
  switch (match.kind) {
    case "comment":
      return `-m comment --comment ${quoteComment(match.text)}`;
    case "mark":
      return `-m mark ${bang(match)}--mark ${markText(match)}`;
    case "statistic":
      return `-m statistic --mode random --probability ${echoedProbability(match.chance, match.decimals)}`;
    case "recent-set":
      return `-m recent --set --name ${match.list} --mask ${wholeMask[family]} --rsource`;
    case "recent-check":
      return `-m recent --rcheck --seconds ${match.seconds} --reap --name ${match.list} --mask ${wholeMask[family]} --rsource`;
    case "ipvs":
      return `-m ipvs --vproto ${protocolNumbers[match.protocol]} --vaddr ${match.address} --vport ${match.port}`;
    default:
      return plainMatchText(match);
  }
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
