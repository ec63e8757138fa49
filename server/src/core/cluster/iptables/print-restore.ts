import { PROXY_CANARY } from "./canaries.ts";
import { bang } from "./listing.ts";
import { foreignTargetText } from "./print-foreign.ts";
import { natTargetText, plainMatchText } from "./print-plain.ts";
import { headerLine, type RulesLine, ruleLine } from "./printed-line.ts";
import { probabilityText } from "./probability.ts";
import { type Match, PROXY_PORT, type Rule, type RuleSet, type Target } from "./rule.ts";

/**
 * What kube-proxy feeds to `iptables-restore --noflush` (or `ip6tables-restore`) in a full sync, byte for byte:
 * its own chains and rules, without the jumps from built-in chains, which it inserts one by one.
 */
export function printRestore(ruleSet: RuleSet): readonly RulesLine[] {
  const lines: RulesLine[] = [];
  for (const table of ruleSet.tables.values()) {
    lines.push(headerLine(`*${table.name}`, table.name));
    for (const { name, owner } of table.chains.values()) {
      if (owner === "kube-proxy" && name !== PROXY_CANARY) lines.push(headerLine(`:${name} - [0:0]`, table.name, name));
    }
    for (const rule of table.restored) lines.push(ruleLine(restoreRule(rule), table.name, rule));
    lines.push(headerLine("COMMIT", table.name));
  }
  return lines;
}

/** One rule as a line of input to iptables-restore. */
export function restoreRule({ chain, matches, target }: Rule): string {
  let text = `-A ${chain}`;
  for (const match of matches) text += ` ${matchText(match)}`;
  return target.kind === "none" ? text : `${text} ${targetText(target)}`;
}

function matchText(match: Match): string {
  switch (match.kind) {
    case "comment":
      return `-m comment --comment ${match.text.includes(" ") ? `"${match.text}"` : match.text}`;
    case "protocol":
      return `-m ${match.protocol} -p ${match.protocol}`;
    case "source":
      return `${bang(match)}-s ${match.block}`;
    case "destination":
      return `${bang(match)}-d ${match.block}`;
    case "dport":
      return `--dport ${match.port}`;
    case "mark":
      return `-m mark ${bang(match)}--mark ${hex8(match.value)}/${hex8(match.mask)}`;
    case "statistic":
      return `-m statistic --mode random --probability ${probabilityText(match.chance, match.decimals)}`;
    case "recent-set":
      return `-m recent --name ${match.list} --set`;
    case "recent-check":
      return `-m recent --name ${match.list} --rcheck --seconds ${match.seconds} --reap`;
    case "proxy-port":
      return `--dport ${PROXY_PORT}`;
    case "ipvs":
      return `-m ipvs --vaddr ${match.address} --vproto ${match.protocol} --vport ${match.port}`;
    default:
      return plainMatchText(match);
  }
}

function targetText(target: Exclude<Target, { kind: "none" }>): string {
  switch (target.kind) {
    case "jump":
      return `-j ${target.chain}`;
    case "return":
    case "accept":
    case "drop":
    case "reject":
      return `-j ${target.kind.toUpperCase()}`;
    case "mark":
      return `-j MARK ${markOption(target)}`;
    case "masquerade":
    case "dnat":
    case "to-proxy":
      return natTargetText(target);
    default:
      return foreignTargetText(target);
  }
}

const markOption = ({ how, value, mask }: Extract<Target, { kind: "mark" }>): string =>
  how === "set" ? `--set-xmark ${hex8(value)}/${hex8(mask)}` : `--${how}-mark ${hex8(value)}`;

/** Marks have eight digits in kube-proxy's text and no leading zeros in the kernel's. */
const hex8 = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
