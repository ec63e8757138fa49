import { list, type Message, message, quote } from "../../base/message.ts";
import { assertNever } from "../../base/source.ts";
import type { PortRange } from "../../cluster/iptables/foreign.ts";
import { hex } from "../../cluster/iptables/listing.ts";
import { foreignMatchText } from "../../cluster/iptables/print-foreign.ts";
import type { Match } from "../../cluster/iptables/rule.ts";
import { formatFraction } from "../../cluster/netfilter/fraction.ts";

/**
 * What a match asks of a packet, as it goes on after "packets"; `undefined` for one that asks nothing, such as a comment.
 */
export function describeMatch(match: Match): Message | undefined {
  switch (match.kind) {
    case "comment":
    case "nfacct":
      return undefined;
    case "protocol":
      return message`over ${match.protocol.toUpperCase()}`;
    case "protocol-only":
      return match.negated
        ? message`not over ${match.protocol.toUpperCase()}`
        : message`over ${match.protocol.toUpperCase()}`;
    case "source":
      return match.negated ? message`not from ${quote(match.block)}` : message`from ${quote(match.block)}`;
    case "destination":
      return match.negated ? message`not to ${quote(match.block)}` : message`to ${quote(match.block)}`;
    case "dport":
      return message`to port ${match.port}`;
    case "port-range":
      return describePorts(match.side, [[match.first, match.last]], match.negated);
    case "multiport":
      return describePorts(match.side, match.ranges, match.negated);
    case "in-interface":
      return describeInterface(match.name, match.negated, "in");
    case "out-interface":
      return describeInterface(match.name, match.negated, "out");
    case "mark":
      return describeMark(match);
    case "connmark":
      return match.negated
        ? message`of a connection whose mark is not ${quote(`${hex(match.value)}/${hex(match.mask)}`)}`
        : message`of a connection whose mark is ${quote(`${hex(match.value)}/${hex(match.mask)}`)}`;
    case "ctstate":
    case "state":
      return match.negated
        ? message`of a connection that is not ${list(match.states, "or")}`
        : message`of a connection that is ${list(match.states, "or")}`;
    case "addrtype-local":
      return describeLocal(match.side, match.negated);
    case "statistic":
      return message`by chance, ${formatFraction(match.chance)} of them`;
    case "statistic-nth":
      return message`in turn, one of every ${match.every}`;
    case "recent-set":
      return message`whose sender the list ${quote(match.list)} remembers from now on`;
    case "recent-check":
      return message`from a sender that the list ${quote(match.list)} has seen in the last ${match.seconds} seconds`;
    case "physdev-is-in":
      return match.negated
        ? message`that did not come in through a port of a bridge`
        : message`that came in through a port of a bridge`;
    case "set":
      return match.negated
        ? message`whose ${match.directions} is not in the ipset ${quote(match.set)}`
        : message`whose ${match.directions} is in the ipset ${quote(match.set)}`;
    case "limit":
      return message`as long as there are not more than ${match.rate}`;
    case "fragment":
      return match.negated ? message`that are no later fragments` : message`that are later fragments`;
    case "tcp-flags":
      return match.negated
        ? message`whose TCP flags ${list(match.mask, "comma")} are not just ${list(match.set, "comma")}`
        : message`whose TCP flags ${list(match.mask, "comma")} are just ${list(match.set, "comma")}`;
    case "icmp-type":
      return match.negated ? message`not of ICMP type ${match.type}` : message`of ICMP type ${match.type}`;
    case "proxy-port":
      return message`to the port at which kube-proxy listens`;
    case "ipvs":
      return message`that came to the virtual server ${match.address}, port ${match.port}`;
    case "other":
      return message`for which ${quote(foreignMatchText(match))} holds`;
    default:
      return assertNever(match);
  }
}

function describePorts(
  side: "source" | "destination" | "either",
  ranges: readonly PortRange[],
  negated: boolean,
): Message {
  const ports = list(
    ranges.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)),
    "or",
  );
  switch (side) {
    case "source":
      return negated ? message`not from port ${ports}` : message`from port ${ports}`;
    case "destination":
      return negated ? message`not to port ${ports}` : message`to port ${ports}`;
    case "either":
      return negated ? message`neither from nor to port ${ports}` : message`from or to port ${ports}`;
  }
}

/** A name that ends in `+` is the beginning of many. */
function describeInterface(name: string, negated: boolean, way: "in" | "out"): Message {
  const which = name.endsWith("+")
    ? message`an interface called ${quote(`${name.slice(0, -1)}…`)}`
    : message`interface ${quote(name)}`;
  if (way === "in") return negated ? message`not arriving by ${which}` : message`arriving by ${which}`;
  return negated ? message`not leaving by ${which}` : message`leaving by ${which}`;
}

function describeMark({ value, mask, negated }: Extract<Match, { kind: "mark" }>): Message {
  const bits = quote(hex(mask));
  if (value === mask) {
    return negated ? message`without the mark ${bits}` : message`with the mark ${bits}`;
  }
  if (value === 0) return negated ? message`with some of the mark ${bits}` : message`with none of the mark ${bits}`;
  const whole = quote(`${hex(value)}/${hex(mask)}`);
  return negated ? message`whose mark is not ${whole}` : message`whose mark is ${whole}`;
}

function describeLocal(side: "src" | "dst", negated: boolean): Message {
  if (side === "src") {
    return negated ? message`from an address that is not the node's own` : message`from an address of the node's own`;
  }
  return negated ? message`to an address that is not the node's own` : message`to an address of the node's own`;
}
