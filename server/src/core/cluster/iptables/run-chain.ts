import type { Family } from "../../base/ip.ts";
import { type Assumption, forkOn, type Literal, type Undecided } from "../netfilter/condition.ts";
import type * as netfilter from "../netfilter/flow.ts";
import { type FlowEnd, oddsAfter } from "../netfilter/flow.ts";
import { complement, type Fraction, multiply, one } from "../netfilter/fraction.ts";
import { findInSet } from "../netfilter/ip-set.ts";
import type { Hook, StepFacts } from "../netfilter/walk.ts";
import { actionOf, applyTarget, matters } from "./apply-target.ts";
import { findCandidates } from "./chain-index.ts";
import { matchRule, type PacketState, type Surroundings } from "./match-packet.ts";
import { type Chain, findChain, type Rule, type RuleSet, type TableName } from "./rule.ts";

/**
 * All ways in which one hook of one table may treat a packet. A rule that matches by chance splits the flow in two, and
 * so does one that asks for what cannot be known. A hook without rules accepts; at the end of its chain its policy holds.
 */
export function runHook(node: FilteringNode, hook: Hook, table: TableName, flow: Flow): readonly HookEnd[] {
  const chain = findChain(node.ruleSet, table, hook);
  if (chain === undefined) return [{ flow, fate: "accept" }];
  const place = { node, hook, table, callers: [] };
  return runChain(place, chain, flow, 0).map((end): HookEnd => {
    if (end.fate !== "return") return { flow: end.flow, fate: end.fate };
    return chain.policy === "DROP"
      ? { flow: takePolicy(place, end.flow, chain), fate: "drop" }
      : { flow: end.flow, fate: "accept" };
  });
}

/** A node as packets meet it. */
export interface FilteringNode extends Surroundings {
  readonly ruleSet: RuleSet;
}

/** A rule of iptables that matched; what it did is its target. */
export interface IptablesStep extends StepFacts {
  readonly tool: "iptables";
  readonly family: Family;
  readonly table: TableName;
  readonly matched: Rule;
  /** The place of the rule in its chain, from 0; of a policy, behind all of them. */
  readonly position: number;
  /** It is no rule: what holds where no rule of a built-in chain decides. */
  readonly isPolicy?: true;
}

/** One way that things may go, up to here. */
export interface Flow extends netfilter.Flow<IptablesStep, PacketState> {
  /** The address that a rule has put in the place of the client's, where the rule names one. */
  readonly from: string | undefined;
  /** What is taken to be so, in the order in which it was asked. */
  readonly assumptions: readonly Assumption[];
  /** Why nobody can tell how it goes on. */
  readonly undecided: Undecided | undefined;
}

/** What a hook makes of a flow. */
export type HookEnd = FlowEnd<Flow, "accept" | "drop" | "reject" | "unknown">;

/** How a flow leaves a chain: it returns to the caller, or the hook is done with it. */
export type ChainEnd = FlowEnd<Flow, "return" | HookEnd["fate"]>;

/** How a rule leaves a flow. */
export type Effect = FlowEnd<Flow, "continue" | ChainEnd["fate"]>;

/** Where a flow meets a rule. */
export interface Place {
  readonly node: FilteringNode;
  readonly hook: Hook;
  readonly table: TableName;
  /** The chains that led here. The kernel refuses loops; where a rule set has one all the same, it is not entered. */
  readonly callers: readonly Chain[];
}

/** Follows a flow through the rules of a chain from a position on. */
export function runChain(place: Place, chain: Chain, flow: Flow, from: number): readonly ChainEnd[] {
  const ends: ChainEnd[] = [];
  let current = flow;
  for (const position of findCandidates(chain, current.state, from)) {
    const rule = chain.rules[position];
    const fit = rule && matchRule(rule, current.state, place.node, current.assumptions);
    if (rule === undefined || fit === undefined) continue;
    if (fit.open.length > 0) {
      if (!matters(place, rule.target, current.state)) continue;
      return [...ends, ...forkAt(place, chain, current, position, fit.open)];
    }
    const { chance } = fit;
    const going: Flow[] = [];
    const taken = takeStep(place, current, rule, position, chance);
    for (const end of applyTarget(place, taken, rule)) {
      if (end.fate === "continue") going.push(end.flow);
      else ends.push({ flow: end.flow, fate: end.fate });
    }
    if (chance !== one) going.push({ ...current, odds: multiply(current.odds, complement(chance)) });
    const [only, ...others] = going;
    if (only === undefined) return ends;
    if (others.length > 0) return [...ends, ...going.flatMap((next) => runChain(place, chain, next, position + 1))];
    current = only;
  }
  ends.push({ flow: current, fate: "return" });
  return ends;
}

/** More questions than this nobody wants to read: each of them doubles the ways. */
const MOST_ASSUMPTIONS = 6;

/** Goes both ways where a rule asks for what cannot be known. */
function forkAt(
  place: Place,
  chain: Chain,
  flow: Flow,
  position: number,
  open: readonly Literal[],
): readonly ChainEnd[] {
  const [first] = open;
  if (first !== undefined && flow.assumptions.length >= MOST_ASSUMPTIONS) {
    return [giveUp(flow, { kind: "condition", condition: first.condition })];
  }
  const { yes, no } = forkOn(open);
  return [
    ...runChain(place, chain, { ...flow, assumptions: [...flow.assumptions, yes] }, position),
    ...runChain(place, chain, { ...flow, assumptions: [...flow.assumptions, no] }, position + 1),
  ];
}

/** Ends a flow of which nobody can tell how it goes on. */
export const giveUp = (flow: Flow, undecided: Undecided): { readonly flow: Flow; readonly fate: "unknown" } => ({
  flow: { ...flow, undecided },
  fate: "unknown",
});

function takeStep(place: Place, flow: Flow, rule: Rule, position: number, chance: Fraction): Flow {
  const { chain, target } = rule;
  const { hook, table, node } = place;
  const { port, endpoint, because } = causeOf(rule, flow.state, node);
  const action = actionOf(target, flow.state, place);
  const facts = { hook, table, base: hook, chain, action, chance, port, endpoint, because };
  const step: IptablesStep = { tool: "iptables", family: node.ruleSet.family, matched: rule, position, ...facts };
  return { ...flow, odds: oddsAfter(flow.odds, chance), steps: { step, before: flow.steps } };
}

/** The policy of a built-in chain stands in a walk as a rule behind all others would. */
function takePolicy(place: Place, flow: Flow, chain: Chain): Flow {
  const matched: Rule = { ...policyRule, chain: chain.name, because: chain.declared };
  const taken = takeStep(place, flow, matched, chain.rules.length, one);
  return taken.steps ? { ...taken, steps: { ...taken.steps, step: { ...taken.steps.step, isPolicy: true } } } : taken;
}

const policyRule = { matches: [], target: { kind: "drop" }, port: undefined, endpoint: undefined } as const;

/** What a rule is there for: if it looks the packet up in a set, that of the entry. */
function causeOf(rule: Rule, state: PacketState, { sets }: FilteringNode): Pick<Rule, "port" | "endpoint" | "because"> {
  if (rule.port !== undefined || sets === undefined) return rule;
  for (const match of rule.matches) {
    const found = match.kind === "set" && findInSet(sets.get(match.set), match.directions, state);
    if (found) return { port: found.cause.port, endpoint: found.cause.endpoint, because: found.cause.because };
  }
  return rule;
}
