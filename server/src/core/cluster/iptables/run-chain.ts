import type { Family } from "../../base/ip.ts";
import { findInSet } from "../ipvs/ip-set.ts";
import type { Endpoint } from "../kube-proxy/proxy-input.ts";
import { complement, type Fraction, multiply, one } from "../netfilter/fraction.ts";
import type { Action, Hook, StepFacts } from "../netfilter/walk.ts";
import { findCandidates, matchRule, type PacketState, type Surroundings } from "./match-packet.ts";
import { type Chain, findChain, type Rule, type RuleSet, type TableName, type Target } from "./rule.ts";

/**
 * All ways in which one hook of one table may treat a packet. A rule that matches by chance splits the flow in two.
 * A hook without rules accepts, and so does the end of its chain.
 */
export function runHook(node: FilteringNode, hook: Hook, table: TableName, flow: Flow): readonly HookEnd[] {
  const chain = findChain(node.ruleSet, table, hook);
  if (chain === undefined) return [{ flow, fate: "accept" }];
  const ends = runChain({ node, hook, table, callers: [] }, chain, flow, 0);
  return ends.map(({ flow: left, fate }) => ({ flow: left, fate: fate === "return" ? "accept" : fate }));
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
  /** The place of the rule in its chain, from 0. */
  readonly position: number;
}

/** One way that things may go, up to here. */
export interface Flow {
  readonly odds: Fraction;
  readonly steps: StepList | undefined;
  readonly state: PacketState;
  readonly masqueraded: boolean;
  /** The endpoint that a rule has put in place of the destination. */
  readonly endpoint: Endpoint | undefined;
}

/** The last step first, so that branches share their beginnings. */
export interface StepList {
  readonly step: IptablesStep;
  readonly before: StepList | undefined;
}

/** What a hook makes of a flow. */
export interface HookEnd {
  readonly flow: Flow;
  readonly fate: "accept" | "drop" | "reject";
}

/** How a flow leaves a chain: it returns to the caller, or the hook is done with it. */
interface ChainEnd {
  readonly flow: Flow;
  readonly fate: "return" | HookEnd["fate"];
}

/** How a rule leaves a flow. */
interface Effect {
  readonly flow: Flow;
  readonly fate: "continue" | ChainEnd["fate"];
}

interface Place {
  readonly node: FilteringNode;
  readonly hook: Hook;
  readonly table: TableName;
  /** The chains that led here. The kernel refuses loops; where a rule set has one all the same, it is not entered. */
  readonly callers: readonly Chain[];
}

/** Follows a flow through the rules of a chain from a position on. */
function runChain(place: Place, chain: Chain, flow: Flow, from: number): readonly ChainEnd[] {
  const ends: ChainEnd[] = [];
  let current = flow;
  for (const position of findCandidates(chain, current.state, from)) {
    const rule = chain.rules[position];
    const chance = rule && matchRule(rule, current.state, place.node);
    if (rule === undefined || chance === undefined) continue;
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

function takeStep(place: Place, flow: Flow, rule: Rule, position: number, chance: Fraction): Flow {
  const { chain, target } = rule;
  const { hook, table, node } = place;
  const { port, endpoint, because } = causeOf(rule, flow.state, node);
  const facts = { hook, table, base: hook, chain, action: actionOf(target), chance, port, endpoint, because };
  const step: IptablesStep = { tool: "iptables", family: node.ruleSet.family, matched: rule, position, ...facts };
  const odds = chance === one ? flow.odds : multiply(flow.odds, chance);
  return { ...flow, odds, steps: { step, before: flow.steps } };
}

/** A target in the terms that all packet filters share. */
function actionOf(target: Target): Action {
  switch (target.kind) {
    case "goto":
      return { kind: "jump", chain: target.chain };
    case "reject-with":
      return { kind: "reject" };
    case "dnat-address":
    case "snat":
    case "redirect":
    case "netmap":
    case "connmark-set":
    case "connmark-save":
    case "connmark-restore":
    case "notrack":
    case "other":
      return { kind: "none" };
    default:
      return target;
  }
}

/** What a rule is there for: if it looks the packet up in a set, that of the entry. */
function causeOf(rule: Rule, state: PacketState, { sets }: FilteringNode): Pick<Rule, "port" | "endpoint" | "because"> {
  if (rule.port !== undefined || sets === undefined) return rule;
  for (const match of rule.matches) {
    const found = match.kind === "set" && findInSet(sets.get(match.set), match.directions, state);
    if (found) return { port: found.cause.port, endpoint: found.cause.endpoint, because: found.cause.because };
  }
  return rule;
}

function applyTarget(place: Place, flow: Flow, { target, endpoint, port: servicePort }: Rule): readonly Effect[] {
  switch (target.kind) {
    case "none":
      return [{ flow, fate: "continue" }];
    case "return":
    case "accept":
    case "drop":
    case "reject":
      return [{ flow, fate: target.kind }];
    case "mark": {
      const kept = flow.state.mark & ~target.mask;
      const mark = (target.how === "or" ? kept | target.value : kept ^ target.value) >>> 0;
      return [{ flow: { ...flow, state: { ...flow.state, mark } }, fate: "continue" }];
    }
    case "masquerade":
      return [{ flow: { ...flow, masqueraded: true }, fate: "accept" }];
    case "dnat": {
      const state = { ...flow.state, destination: target.ip, port: target.port, translated: true };
      return [{ flow: { ...flow, endpoint, state }, fate: "accept" }];
    }
    case "to-proxy": {
      const [own = "127.0.0.1"] = place.node.localAddresses;
      const state = { ...flow.state, destination: target.ip ?? own, port: 0, translated: true, toProxy: servicePort };
      return [{ flow: { ...flow, state }, fate: "accept" }];
    }
    case "jump": {
      const chain = findChain(place.node.ruleSet, place.table, target.chain);
      if (chain === undefined || place.callers.includes(chain)) return [{ flow, fate: "continue" }];
      return runChain({ ...place, callers: [...place.callers, chain] }, chain, flow, 0).map((end) =>
        end.fate === "return" ? { flow: end.flow, fate: "continue" } : end,
      );
    }
    default:
      return [{ flow, fate: "continue" }];
  }
}
