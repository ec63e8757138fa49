import type { Protocol } from "../kube-proxy/proxy-input.ts";
import type { Fraction } from "../netfilter/fraction.ts";
import { type CtState, protocolToken } from "../netfilter/packet.ts";
import type { Match, Target } from "./rule.ts";

// Builders of matches and targets, each for the option of iptables that it is documented with.

/** `--comment` */
export const comment = (text: string): Match => ({ kind: "comment", text });

/** `-m tcp -p tcp` */
export const protocol = (name: Protocol): Match => protocols[name];

const ofProtocol = (name: Protocol): Match => ({ kind: "protocol", protocol: protocolToken(name) });

/** One match for each, which all rules share: there are tens of thousands. */
const protocols: Readonly<Record<Protocol, Match>> = {
  TCP: ofProtocol("TCP"),
  UDP: ofProtocol("UDP"),
  SCTP: ofProtocol("SCTP"),
};

/** `-s` */
export const source = (block: string): NegatableMatch => ({ kind: "source", block, negated: false });

/** `-d` */
export const destination = (block: string): NegatableMatch => ({ kind: "destination", block, negated: false });

/** `--dport` */
export const dport = (port: number): Match => ({ kind: "dport", port });

/** `-m mark --mark value/value` */
export const mark = (value: number): NegatableMatch => ({ kind: "mark", value, mask: value, negated: false });

/** `-m conntrack --ctstate` */
export const ctstate = (...states: readonly CtState[]): NegatableMatch => ({ kind: "ctstate", states, negated: false });

/** `-m addrtype --src-type LOCAL` */
export const sourceIsLocal: NegatableMatch = { kind: "addrtype-local", side: "src", negated: false };

/** `-m addrtype --dst-type LOCAL` */
export const destinationIsLocal: NegatableMatch = { kind: "addrtype-local", side: "dst", negated: false };

/** `-m statistic --mode random --probability` */
export const statistic = (chance: Fraction, decimals: 5 | 10): Match => ({ kind: "statistic", chance, decimals });

/** The same match with the other answer. */
export const not = (match: NegatableMatch): NegatableMatch => ({ ...match, negated: !match.negated });

/** The matches that iptables lets negate with `!`. */
export type NegatableMatch = Extract<Match, { readonly negated: boolean }>;

/** `-j CHAIN` */
export const jump = (chain: string): Target => ({ kind: "jump", chain });

/** `-j KUBE-MARK-MASQ` */
export const markForMasquerade = jump("KUBE-MARK-MASQ");

/** `-j KUBE-MARK-DROP`: nat may not drop, so up to 1.24 it marked what the filter was to drop. */
export const markForDrop = jump("KUBE-MARK-DROP");

/** `-j DNAT --to-destination` */
export const dnat = (ip: string, port: number): Target => ({ kind: "dnat", ip, port });

/** `-j RETURN`: back to where the chain was called. */
export const back: Target = { kind: "return" };

/** `-j ACCEPT` */
export const accept: Target = { kind: "accept" };

/** `-j DROP` */
export const drop: Target = { kind: "drop" };

/** `-j REJECT`, with the ICMP error that it sends unless told otherwise. */
export const reject: Target = { kind: "reject" };

/** No `-j` at all: the rule only says something. */
export const noTarget: Target = { kind: "none" };
