import type { Family } from "../../base/ip.ts";
import type * as netfilter from "../netfilter/flow.ts";
import { type FlowEnd, oddsAfter, type PacketState, shareOf } from "../netfilter/flow.ts";
import { type Fraction, one } from "../netfilter/fraction.ts";
import type { Action, StepFacts } from "../netfilter/walk.ts";
import { type FilteringNode, findElement, matchesPacket } from "./match-packet.ts";
import { ipOf } from "./print-rule.ts";
import type { Choice, NftChain, NftEffect, NftElement, NftRule, NftTarget } from "./table.ts";

/** All ways in which a base chain may treat a packet. Its end accepts, as its policy says. */
export function runBaseChain(node: FilteringNode, chain: NftChain, flow: Flow): readonly HookEnd[] {
  const ends = runChain({ node, base: chain, callers: [chain] }, chain, flow, 0);
  return ends.map(({ flow: left, fate }) => ({ flow: left, fate: fate === "return" ? "accept" : fate }));
}

/** A rule of nftables that matched; what it did is its action. */
export interface NftablesStep extends StepFacts {
  readonly tool: "nftables";
  readonly family: Family;
  readonly rule: NftRule;
  /** The element that it found in its map, or the choice that it made; else the rule. */
  readonly matched: NftRule | NftElement | Choice;
}

/** One way that things may go, up to here. */
export type Flow = netfilter.Flow<NftablesStep>;

/** What a base chain makes of a flow. */
export type HookEnd = FlowEnd<Flow, "accept" | "drop" | "reject">;

/** How a flow leaves a chain: it goes back to where it came from, or the base chain is done with it. */
type ChainEnd = FlowEnd<Flow, "return" | HookEnd["fate"]>;

interface Place {
  readonly node: FilteringNode;
  readonly base: NftChain;
  /** The chains that led here. The kernel refuses loops; where a table has one all the same, it is not entered. */
  readonly callers: readonly NftChain[];
}

/** A way in which a rule matches: what matched, how likely, and what it does. */
interface Hit {
  readonly matched: NftablesStep["matched"];
  readonly chance: Fraction;
  readonly target: PlainTarget;
}

/** What is left to do once maps are looked up and choices made. */
type PlainTarget = Exclude<NftTarget, { kind: "vmap" | "random" }>;

/** Follows a flow through the rules of a chain from a position on. */
function runChain(place: Place, chain: NftChain, flow: Flow, from: number): readonly ChainEnd[] {
  for (let position = from; position < chain.rules.length; position += 1) {
    const rule = chain.rules[position];
    if (rule === undefined || !matchesPacket(rule, flow.state, place.node)) continue;
    const hits = hitsOf(rule, flow.state, place.node);
    if (hits.length === 0) continue;
    return hits.flatMap((hit) =>
      applyTarget(place, takeStep(place, flow, rule, hit), hit).flatMap((end): readonly ChainEnd[] =>
        end.fate === "continue" ? runChain(place, chain, end.flow, position + 1) : [{ flow: end.flow, fate: end.fate }],
      ),
    );
  }
  return [{ flow, fate: "return" }];
}

/** All ways in which a rule whose matches hold may go on; none if its map has nothing for the packet. */
function hitsOf(rule: NftRule, packet: PacketState, node: FilteringNode): readonly Hit[] {
  const { target } = rule;
  switch (target.kind) {
    case "vmap": {
      const element = findElement(node, target.map, target.key, packet);
      return element?.verdict === undefined ? [] : [{ matched: element, chance: one, target: element.verdict }];
    }
    case "random": {
      const { choices } = target;
      const chance = shareOf(choices.length);
      return choices.map((choice) => ({ matched: choice, chance, target: choice.target }));
    }
    default:
      return [{ matched: rule, chance: one, target }];
  }
}

function takeStep({ node, base }: Place, flow: Flow, rule: NftRule, { matched, chance, target }: Hit): Flow {
  const { family } = node.table;
  const { port, endpoint, because } = matched;
  const step: NftablesStep = {
    tool: "nftables",
    family,
    rule,
    matched,
    hook: base.base?.hook ?? "PREROUTING",
    table: `${ipOf(family)} kube-proxy`,
    base: base.name,
    chain: rule.chain,
    action: actionOf(rule, target),
    chance,
    port,
    endpoint,
    because,
  };
  const odds = oddsAfter(flow.odds, chance);
  const state = rule.effects.reduce(applyEffect, flow.state);
  return { ...flow, odds, state, steps: { step, before: flow.steps } };
}

/** What a rule does, in the terms that all packet filters share. */
function actionOf({ effects }: NftRule, target: PlainTarget): Action {
  switch (target.kind) {
    case "goto":
      return { kind: "jump", chain: target.chain };
    case "none":
      return { kind: effects.some(({ kind }) => kind === "mark") ? "mark" : "none" };
    default:
      return target;
  }
}

function applyEffect(state: PacketState, effect: NftEffect): PacketState {
  // What sets remember of a connection counts for the next one only.
  if (effect.kind === "remember") return state;
  const mark = effect.how === "or" ? state.mark | effect.value : state.mark ^ effect.value;
  return { ...state, mark: mark >>> 0 };
}

function applyTarget(
  place: Place,
  flow: Flow,
  { target, matched }: Hit,
): readonly FlowEnd<Flow, "continue" | ChainEnd["fate"]>[] {
  switch (target.kind) {
    case "none":
      return [{ flow, fate: "continue" }];
    case "return":
    case "drop":
    case "reject":
      return [{ flow, fate: target.kind }];
    case "masquerade":
      return [{ flow: { ...flow, masqueraded: true }, fate: "accept" }];
    case "dnat": {
      const state = { ...flow.state, destination: target.ip, port: target.port, translated: true };
      return [{ flow: { ...flow, endpoint: matched.endpoint, state }, fate: "accept" }];
    }
    case "jump":
    case "goto": {
      const chain = place.node.table.chains.get(target.chain);
      const enters = chain !== undefined && !place.callers.includes(chain);
      const ends: readonly ChainEnd[] = enters
        ? runChain({ ...place, callers: [...place.callers, chain] }, chain, flow, 0)
        : [{ flow, fate: "return" }];
      // After a goto there is no way back into this chain.
      if (target.kind === "goto") return ends;
      return ends.map((end) => (end.fate === "return" ? { flow: end.flow, fate: "continue" } : end));
    }
  }
}
