import { hostPort } from "../../base/ip.ts";
import type { ForeignMatch } from "./foreign.ts";
import { bang } from "./listing.ts";
import { foreignMatchText } from "./print-foreign.ts";
import { type Match, PROXY_PORT, type Target } from "./rule.ts";

/** The matches whose options `iptables-save` prints as `iptables-restore` took them. */
export type PlainMatch = MatchOf<PlainKind> | ForeignMatch;

type PlainKind =
  | "in-interface"
  | "protocol-only"
  | "ctstate"
  | "state"
  | "addrtype-local"
  | "nfacct"
  | "physdev-is-in"
  | "set";

type MatchOf<Kind extends Match["kind"]> = Extract<Match, { readonly kind: Kind }>;

/** The options of such a match. */
export function plainMatchText(match: PlainMatch): string {
  switch (match.kind) {
    case "in-interface":
      return `${bang(match)}-i ${match.name}`;
    case "protocol-only":
      return `${bang(match)}-p ${match.protocol}`;
    case "ctstate":
      return `-m conntrack ${bang(match)}--ctstate ${match.states.join(",")}`;
    case "state":
      return `-m state ${bang(match)}--state ${match.states.join(",")}`;
    case "addrtype-local":
      return `-m addrtype ${bang(match)}--${match.side}-type LOCAL`;
    case "nfacct":
      return `-m nfacct --nfacct-name ${match.name}`;
    case "physdev-is-in":
      return `-m physdev ${bang(match)}--physdev-is-in`;
    case "set":
      return `-m set ${bang(match)}--match-set ${match.set} ${match.directions}`;
    default:
      return foreignMatchText(match);
  }
}

/** A target of nat, which `iptables-save` prints as `iptables-restore` took it. */
export function natTargetText(target: Extract<Target, { readonly kind: "masquerade" | "dnat" | "to-proxy" }>): string {
  switch (target.kind) {
    case "masquerade":
      return target.randomFully ? "-j MASQUERADE --random-fully" : "-j MASQUERADE";
    case "dnat":
      return `-j DNAT --to-destination ${hostPort(target.ip, target.port)}`;
    case "to-proxy":
      return target.ip === undefined
        ? `-j REDIRECT --to-ports ${PROXY_PORT}`
        : `-j DNAT --to-destination ${target.ip}:${PROXY_PORT}`;
  }
}
