import { hostPort } from "../../base/ip.ts";
import { assertNever } from "../../base/source.ts";
import type { ForeignMatch, ForeignTarget, PortRange } from "./foreign.ts";
import { bang, hex, markText } from "./listing.ts";

/**
 * The options of a match that Kubernetes does not write, as `iptables-save` prints them. Those that stand before all
 * modules (`-o`, `-p`, `-f`) and those that belong to the module of a protocol are printed in their place by others.
 */
export function foreignMatchText(match: ForeignMatch): string {
  switch (match.kind) {
    case "out-interface":
      return `${bang(match)}-o ${match.name}`;
    case "fragment":
      return `${bang(match)}-f`;
    case "port-range":
      return `${bang(match)}--${match.side === "source" ? "sport" : "dport"} ${rangeText([match.first, match.last])}`;
    case "multiport":
      return `-m multiport ${bang(match)}--${multiportOptions[match.side]} ${match.ranges.map(rangeText).join(",")}`;
    case "tcp-flags":
      return `${bang(match)}--tcp-flags ${match.mask.join(",") || "NONE"} ${match.set.join(",") || "NONE"}`;
    case "icmp-type":
      return `-m ${match.module} ${bang(match)}--${match.module === "icmp" ? "icmp" : "icmpv6"}-type ${match.type}`;
    case "connmark":
      return `-m connmark ${bang(match)}--mark ${markText(match)}`;
    case "limit":
      return `-m limit --limit ${match.rate}${match.burst === undefined ? "" : ` --limit-burst ${match.burst}`}`;
    case "statistic-nth":
      return `-m statistic --mode nth --every ${match.every} --packet ${match.packet}`;
    case "other":
      return [match.module && `-m ${match.module}`, match.text].filter((part) => part !== "").join(" ");
    default:
      return assertNever(match);
  }
}

/** A target that Kubernetes does not write, from `-j` or `-g` on, as `iptables-save` prints it. */
export function foreignTargetText(target: ForeignTarget): string {
  switch (target.kind) {
    case "goto":
      return `-g ${target.chain}`;
    case "reject-with":
      return `-j REJECT --reject-with ${target.answer}`;
    case "dnat-address":
      return `-j DNAT --to-destination ${target.ip}`;
    case "snat": {
      const to = target.port === undefined ? target.ip : hostPort(target.ip, target.port);
      return `-j SNAT --to-source ${to}${target.randomFully ? " --random-fully" : ""}`;
    }
    case "redirect":
      return target.port === undefined ? "-j REDIRECT" : `-j REDIRECT --to-ports ${target.port}`;
    case "netmap":
      return `-j NETMAP --to ${target.block}`;
    case "connmark-set":
      return `-j CONNMARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`;
    case "connmark-save":
    case "connmark-restore": {
      const how = target.kind === "connmark-save" ? "--save-mark" : "--restore-mark";
      return `-j CONNMARK ${how} --nfmask ${hex(target.packetMask)} --ctmask ${hex(target.connectionMask)}`;
    }
    case "notrack":
      return target.written === "CT" ? "-j CT --notrack" : "-j NOTRACK";
    case "other":
      return [`-j ${target.name}`, target.text].filter((part) => part !== "").join(" ");
    default:
      return assertNever(target);
  }
}

const multiportOptions = { source: "sports", destination: "dports", either: "ports" } as const;

const rangeText = ([first, last]: PortRange): string => (first === last ? `${first}` : `${first}:${last}`);
