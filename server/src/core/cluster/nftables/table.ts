import type { Family } from "../../base/ip.ts";
import type { Message } from "../../base/message.ts";
import type { SourceRange } from "../../base/source.ts";
import type { Endpoint, ServicePort } from "../kube-proxy/proxy-input.ts";
import type { ProtocolToken } from "../netfilter/packet.ts";
import type { Hook } from "../netfilter/walk.ts";

/** The table `kube-proxy` of one node in one address family, which is all that kube-proxy writes in nftables mode. */
export interface NftTable {
  readonly family: Family;
  /** Sets and maps by name, in the order in which kube-proxy creates them. */
  readonly sets: ReadonlyMap<string, NftSet>;
  /** Chains by name, in the same order: base chains, those that every node has, those of Services. */
  readonly chains: ReadonlyMap<string, NftChain>;
  /** What a reader should know of the text, such as that it is that of a neighbouring release. */
  readonly notes: readonly Message[];
}

/** What stands behind a rule, an element or an endpoint to choose. */
export interface NftCause {
  /** The service port that it is written for; `undefined` for what every node has. */
  readonly port: ServicePort | undefined;
  readonly endpoint: Endpoint | undefined;
  /** The YAML behind it: that of the endpoint, else of the port. */
  readonly because: SourceRange | undefined;
}

/** A set of keys, or a map from keys to verdicts. */
export interface NftSet {
  readonly name: string;
  readonly kind: "set" | "map";
  readonly key: readonly KeyPart[];
  readonly comment: string | undefined;
  /** For how many seconds it keeps what rules add to it; `undefined` for sets that kube-proxy fills itself. */
  readonly timeout: number | undefined;
  /** By {@link keyText}. */
  readonly elements: ReadonlyMap<string, NftElement>;
  /** The service port that it belongs to. */
  readonly port: ServicePort | undefined;
}

/** What a part of a key holds. */
export type KeyPart = "address" | "protocol" | "port";

/** An element of a set, or an entry of a map. */
export interface NftElement extends NftCause {
  /** One text for each part of the key. */
  readonly key: readonly string[];
  /** Of maps alone. */
  readonly verdict: NftVerdict | undefined;
  readonly comment: string | undefined;
}

/** Where an entry of a map leads. */
export type NftVerdict = { readonly kind: "goto"; readonly chain: string } | { readonly kind: "drop" };

/** Rules that a packet is tried against in turn. */
export interface NftChain {
  readonly name: string;
  /** Where the kernel hands packets over; `undefined` for chains that only others lead to. */
  readonly base: BaseChain | undefined;
  readonly comment: string | undefined;
  readonly rules: readonly NftRule[];
  /** The service port that it belongs to; `undefined` for chains that every node has. */
  readonly port: ServicePort | undefined;
}

/** How the kernel comes to a chain. */
export interface BaseChain {
  readonly type: "filter" | "nat";
  readonly hook: Hook;
  /** Lower ones come first. */
  readonly priority: number;
}

/** One line of a chain: if all matches hold, the effects take place and then the target. */
export interface NftRule extends NftCause {
  readonly chain: string;
  readonly matches: readonly NftMatch[];
  readonly effects: readonly NftEffect[];
  readonly target: NftTarget;
  readonly comment: string | undefined;
}

/** An end of a packet. */
export type Side = "source" | "destination";

/** A part of a packet that keys are made of. */
export type Field = Side | "protocol" | "dport";

/** One condition of a rule. */
export type NftMatch =
  /** `ct state new` */
  | { readonly kind: "ct-new" }
  /** `ct status dnat` */
  | { readonly kind: "ct-dnat" }
  /** `ip saddr != 10.244.0.0/16`; `asSet` where kube-proxy writes braces: `ip saddr != { 10.0.0.0/8, 192.0.2.1 }`. */
  | {
      readonly kind: "address";
      readonly side: Side;
      readonly blocks: readonly string[];
      readonly asSet: boolean;
      readonly negated: boolean;
    }
  /** `ip daddr @cluster-ips` */
  | { readonly kind: "in-set"; readonly key: readonly Field[]; readonly set: string }
  /** `meta l4proto tcp` */
  | { readonly kind: "protocol"; readonly protocol: ProtocolToken }
  /** `tcp dport 80` */
  | { readonly kind: "dport"; readonly protocol: ProtocolToken; readonly port: number }
  /** `fib saddr type local` */
  | { readonly kind: "local"; readonly side: Side }
  /** `iifname != "cali*"`: a name, or a prefix that ends in `*`. */
  | {
      readonly kind: "in-interface";
      readonly by: "iif" | "iifname";
      readonly name: string;
      readonly negated: boolean;
    }
  /** `meta mark & 0x00004000 != 0x00000000` */
  | { readonly kind: "marked"; readonly mask: number; readonly negated: boolean };

/** What a rule does before its target, and goes on. */
export type NftEffect =
  /** `meta mark set meta mark | 0x00004000` */
  | { readonly kind: "mark"; readonly how: "or" | "xor"; readonly value: number }
  /** `update @affinity-… { ip saddr }`: remembers the source address. */
  | { readonly kind: "remember"; readonly set: string };

/** What a rule does last with a packet that it matches. */
export type NftTarget =
  /** Nothing but the effects. */
  | { readonly kind: "none" }
  | { readonly kind: "jump"; readonly chain: string }
  /** To a chain that does not come back here, but to where this one came from. */
  | { readonly kind: "goto"; readonly chain: string }
  | { readonly kind: "return" }
  | { readonly kind: "drop" }
  | { readonly kind: "reject" }
  | { readonly kind: "masquerade" }
  | { readonly kind: "dnat"; readonly ip: string; readonly port: number }
  /** `vmap @service-ips`: what the map says; a key that it does not have is no match. */
  | { readonly kind: "vmap"; readonly key: readonly Field[]; readonly map: string }
  /** `numgen random mod 3 …`: one of them, each as likely as another. */
  | { readonly kind: "random"; readonly choices: readonly Choice[] };

/** An endpoint that chance may choose. All choices of a rule are of one kind. */
export interface Choice extends NftCause {
  readonly target: Extract<NftTarget, { kind: "goto" | "dnat" }>;
}

/** `10.96.0.1 . tcp . 443`, as elements are written. */
export const keyText = (key: readonly string[]): string => key.join(" . ");
