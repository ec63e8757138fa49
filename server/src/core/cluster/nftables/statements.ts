import type { Protocol } from "../kube-proxy/proxy-input.ts";
import { protocolToken } from "../netfilter/packet.ts";
import type { Field, NftEffect, NftMatch, NftTarget, Side } from "./table.ts";

// Builders of what rules consist of, each for the words of nft that it is documented with.

/** `ct state new` */
export const ctNew: NftMatch = { kind: "ct-new" };

/** `ip daddr 10.96.0.1` */
export const address = (side: Side, block: string): NegatableMatch => ({
  kind: "address",
  side,
  blocks: [block],
  asSet: false,
  negated: false,
});

/** `ip saddr { 10.0.0.0/8, 192.0.2.1 }` */
export const addressIn = (side: Side, blocks: readonly string[]): NegatableMatch => ({
  kind: "address",
  side,
  blocks,
  asSet: true,
  negated: false,
});

/** `ip daddr @cluster-ips`, `ip saddr . ip daddr @…` */
export const inSet = (set: string, ...key: readonly Field[]): NftMatch => ({ kind: "in-set", key, set });

/** `meta l4proto tcp` */
export const protocol = (name: Protocol): NftMatch => ({ kind: "protocol", protocol: protocolToken(name) });

/** `tcp dport 80` */
export const dport = (name: Protocol, port: number): NftMatch => ({
  kind: "dport",
  protocol: protocolToken(name),
  port,
});

/** `fib saddr type local` */
export const isLocal = (side: Side): NftMatch => ({ kind: "local", side });

/** The matches that nft lets negate with `!=`. */
export type NegatableMatch = Extract<NftMatch, { readonly negated: boolean }>;

/** The same match with the other answer. */
export const not = (match: NegatableMatch): NegatableMatch => ({ ...match, negated: !match.negated });

/** `mark set mark or 0x4000` */
export const setMark = (value: number): NftEffect => ({ kind: "mark", how: "or", value });

/** `mark set mark xor 0x4000` */
export const flipMark = (value: number): NftEffect => ({ kind: "mark", how: "xor", value });

/** `jump CHAIN` */
export const jump = (chain: string): NftTarget => ({ kind: "jump", chain });

/** `goto CHAIN` */
export const goto = (chain: string): Extract<NftTarget, { kind: "goto" }> => ({ kind: "goto", chain });

/** `dnat to 10.244.0.5:8080` */
export const dnat = (ip: string, port: number): Extract<NftTarget, { kind: "dnat" }> => ({ kind: "dnat", ip, port });

/** `ip daddr . meta l4proto . th dport vmap @service-ips` */
export const lookUp = (map: string, ...key: readonly Field[]): NftTarget => ({ kind: "vmap", key, map });

/** Nothing but the effects of the rule. */
export const noTarget: NftTarget = { kind: "none" };

/** `drop` */
export const drop: Extract<NftTarget, { kind: "drop" }> = { kind: "drop" };
/** `reject`, with the ICMP error that it sends unless told otherwise. */
export const reject: NftTarget = { kind: "reject" };
/** `masquerade fully-random` */
export const masquerade: NftTarget = { kind: "masquerade" };
