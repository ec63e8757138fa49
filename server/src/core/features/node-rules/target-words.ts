import { hostPort } from "../../base/ip.ts";
import { type Message, message, quote } from "../../base/message.ts";
import { assertNever } from "../../base/source.ts";
import { hex } from "../../cluster/iptables/listing.ts";
import { foreignTargetText } from "../../cluster/iptables/print-foreign.ts";
import { connectErrorOf } from "../../cluster/iptables/reject-answer.ts";
import type { TableName, Target } from "../../cluster/iptables/rule.ts";
import { connectErrorWords } from "./connect-error-words.ts";

/** What a rule does with the packets that it matches. */
export function describeTarget(target: Target, table: TableName): Message {
  switch (target.kind) {
    case "none":
      return message`nothing happens to them here: the rule only counts, or says something`;
    case "jump":
      return message`on to ${quote(target.chain)}, and back here if nothing decides there`;
    case "goto":
      return message`on to ${quote(target.chain)}, and from there back to where this chain was called`;
    case "return":
      return message`back to where this chain was called`;
    case "accept":
      return table === "filter"
        ? message`they pass`
        : message`the table ${table} is done with them and leaves them as they are`;
    case "drop":
      return message`dropped: whoever sent them waits until the time is out`;
    case "reject":
      return message`rejected: whoever sent them sees ${connectErrorWords["connection refused"]}`;
    case "reject-with":
      return describeRejection(target.answer);
    case "mark":
      return describeMarking(target);
    case "masquerade":
      return message`they leave with the node's own address as their source`;
    case "dnat":
      return message`sent to ${quote(hostPort(target.ip, target.port))} instead`;
    case "dnat-address":
      return message`sent to ${quote(target.ip)} instead, to the same port`;
    case "to-proxy":
      return message`sent to kube-proxy itself, at the port where it listens`;
    case "snat":
      return message`they leave with ${quote(target.ip)} as their source`;
    case "redirect":
      return target.port === undefined
        ? message`sent to the node itself instead`
        : message`sent to port ${target.port} of the node itself instead`;
    case "netmap":
      return message`their addresses are mapped to those of ${quote(target.block)}, one by one`;
    case "connmark-set":
      return message`their connection gets the mark ${quote(`${hex(target.value)}/${hex(target.mask)}`)}`;
    case "connmark-save":
      return message`their connection gets the mark that the packet has`;
    case "connmark-restore":
      return message`they get the mark that their connection has`;
    case "notrack":
      return message`their connection is not tracked, so the table nat never sees it`;
    case "other":
      if (loggers.has(target.name)) return message`written to a log, and on to the next rule`;
      return message`what ${quote(foreignTargetText(target).replace(/^-j /, ""))} does`;
    default:
      return assertNever(target);
  }
}

function describeRejection(answer: string): Message {
  const error = connectErrorOf(answer);
  return error === undefined
    ? message`rejected with ${quote(answer)}`
    : message`rejected with ${quote(answer)}: whoever sent them sees ${connectErrorWords[error]}`;
}

const loggers: ReadonlySet<string> = new Set(["LOG", "NFLOG", "ULOG", "AUDIT", "TRACE"]);

/** Bits outside of the mask stay; the value's bits turn over. */
function describeMarking({ how, value, mask }: Extract<Target, { kind: "mark" }>): Message {
  if (how === "or" || value === mask) return message`they get the mark ${quote(hex(value))}`;
  if (mask === 0) return message`they lose the mark ${quote(hex(value))}, or get it if they have it not`;
  if (value === 0) return message`they lose the mark ${quote(hex(mask))}`;
  return message`their mark becomes ${quote(hex(value))}, within ${quote(hex(mask))}`;
}
