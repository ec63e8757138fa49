import type { ServicePort } from "../kube-proxy/proxy-input.ts";
import { type Assumption, answerUnder, excludes, type Literal } from "../netfilter/condition.ts";
import type * as netfilter from "../netfilter/flow.ts";
import { type Fraction, fraction, multiply, one } from "../netfilter/fraction.ts";
import type { IpSet } from "../netfilter/ip-set.ts";
import type { Bridge } from "../netfilter/packet.ts";
import { answerMatch } from "./answer-match.ts";
import type { Match, Rule } from "./rule.ts";

/** A packet at one moment of its walk, with all that rules of iptables ask for. */
export interface PacketState extends netfilter.PacketState {
  /** It came by an interface of which nobody knows the name; it is not loopback's. */
  readonly byUnknownInterface: boolean;
  readonly notByInterfaces: readonly string[];
  /** Where that is known. */
  readonly outInterface: string | undefined;
  readonly throughBridgePort: boolean;
  /** The mark of the connection. */
  readonly connmark: number;
  /** The service port for which kube-proxy itself takes it. */
  readonly toProxy: ServicePort | undefined;
  /** The virtual server that it came to, once IPVS has chosen a real one. */
  readonly virtualServer: { readonly address: string; readonly port: number } | undefined;
}

/** What matches look at besides the packet. */
export interface Surroundings {
  readonly localAddresses: ReadonlySet<string>;
  readonly recent: ReadonlyMap<string, ReadonlySet<string>>;
  /** `undefined` where nobody knows what sets hold. */
  readonly sets: ReadonlyMap<string, IpSet> | undefined;
  readonly mayBeLocal: (address: string) => boolean;
  readonly bridges: readonly Bridge[];
  readonly podInterfaces: readonly string[];
}

/** How a rule matches a packet that it does not rule out. */
export interface Fit {
  /** The constant {@link one}, but where a `statistic` draws lots. */
  readonly chance: Fraction;
  /** What must be so, and cannot be known. Empty for a rule that matches. */
  readonly open: readonly Literal[];
}

/** Whether and how a rule matches a packet, as far as that is known under some assumptions; `undefined` for never. */
export function matchRule(
  rule: Rule,
  packet: PacketState,
  around: Surroundings,
  assumptions: readonly Assumption[],
): Fit | undefined {
  let chance = one;
  let open: Literal[] | undefined;
  for (const match of rule.matches) {
    const lot = chanceOf(match);
    if (lot !== undefined) {
      chance = chance === one ? lot : multiply(chance, lot);
      continue;
    }
    const answer = answerMatch(match, packet, around);
    if (answer === false) return undefined;
    if (answer === true) continue;
    const known = answerUnder(assumptions, answer.condition);
    if (known === undefined) open = [...(open ?? []), answer];
    else if (known !== answer.is) return undefined;
  }
  if (open !== undefined && excludes(assumptions, open)) return undefined;
  return { chance: chance.numerator === chance.denominator ? one : chance, open: open ?? [] };
}

/** Lots that are drawn, or drawn in turn: over many connections the shares are the same. */
function chanceOf(match: Match): Fraction | undefined {
  if (match.kind === "statistic") return match.chance;
  return match.kind === "statistic-nth" ? fraction(1, match.every) : undefined;
}
