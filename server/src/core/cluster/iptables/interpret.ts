import { complement, type Fraction, multiply, one } from "./fraction.ts";
import { findCandidates, isLocalAddress, isLoopback, matchRule, type PacketState } from "./match-packet.ts";
import type { Endpoint } from "./proxy-input.ts";
import {
  type Chain,
  type CtState,
  findChain,
  type ProtocolToken,
  type Rule,
  type RuleSet,
  type TableName,
} from "./rule.ts";

/** The first packet of a connection, as it reaches the packet filter of a node. */
export interface Packet {
  readonly protocol: ProtocolToken;
  readonly source: string;
  readonly destination: string;
  readonly destinationPort: number;
  /** `arrives` from a pod or from outside; `sent` by a process on the node itself, host-network pods included. */
  readonly origin: "arrives" | "sent";
  /** The interface it arrives by; matters only where pods are told by interface. */
  readonly inInterface?: string;
  /** Whether it entered through a port of a bridge; matters only to rules for external IPs up to 1.18. */
  readonly throughBridgePort?: boolean;
  /** `NEW` unless given. Packets of known connections do not see the nat table. */
  readonly state?: CtState;
  /** 0 unless given. */
  readonly mark?: number;
}

/** What a walk needs to know of the node besides its rules. */
export interface HostFacts {
  /** The addresses of its interfaces; loopback is understood. */
  readonly localAddresses: readonly string[];
  /** Session affinity: which sources each list has seen within its time. A fresh client is in none. */
  readonly recent?: RecentLists;
}

/** Source addresses by the name of a list, which is the name of an endpoint's chain. */
export type RecentLists = ReadonlyMap<string, ReadonlySet<string>>;

/** All that can happen to a packet. The odds of the branches add up to exactly one. */
export interface Walk {
  readonly branches: readonly Branch[];
  /** How many leading steps all branches have in common. */
  readonly shared: number;
}

export interface Branch {
  readonly odds: Fraction;
  /** The rules that matched, in order. Branches share the objects of their common steps. */
  readonly steps: readonly Step[];
  readonly verdict: Verdict;
}

export type Hook = "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING";

/** A rule that matched; what it did is its target. */
export interface Step {
  readonly hook: Hook;
  readonly table: TableName;
  readonly chain: string;
  /** The place of the rule in its chain, from 0. */
  readonly position: number;
  readonly rule: Rule;
  /** The chance that the rule matched, given that it was reached. */
  readonly chance: Fraction;
}

export type Verdict =
  /** Sent on to an endpoint. `masqueraded`: it sees an address of the node, not that of the client. */
  | {
      readonly kind: "delivered";
      readonly ip: string;
      readonly port: number;
      readonly masqueraded: boolean;
      /** Whether the endpoint's address is one of the node's own. */
      readonly onThisNode: boolean;
      readonly endpoint: Endpoint | undefined;
    }
  /** No Service took it: it goes on to where it was sent. */
  | { readonly kind: "unchanged"; readonly masqueraded: boolean; readonly toThisNode: boolean }
  /** Answered with an ICMP error: the client sees "connection refused". */
  | { readonly kind: "rejected" }
  /** Never answered: the client waits until its time-out. Also what has left the node with a loopback address. */
  | { readonly kind: "dropped" };

/**
 * Walks a packet through the rules of a node, past the hooks in the kernel's order. Chance becomes branches, so the
 * same packet always gives the same walk. Built-in chains end in ACCEPT; chains that are missing are passed over.
 */
export function walkPacket(ruleSet: RuleSet, host: HostFacts, packet: Packet): Walk {
  const walker: Walker = { ruleSet, localAddresses: new Set(host.localAddresses), recent: host.recent ?? new Map() };
  const start: Flow = {
    odds: one,
    steps: undefined,
    masqueraded: false,
    endpoint: undefined,
    state: firstState(packet),
  };
  const ends = packet.origin === "arrives" ? receive(walker, start) : send(walker, start);
  const branches = ends.map(({ flow, fate }) => ({
    odds: flow.odds,
    steps: toArray(flow.steps),
    verdict:
      fate === "accept" ? verdictOf(walker, flow) : ({ kind: fate === "drop" ? "dropped" : "rejected" } as const),
  }));
  return { branches, shared: countShared(branches) };
}

/** The lists after a connection that took a branch: what session affinity will remember of it. */
export function recentAfter(lists: RecentLists, packet: Packet, branch: Branch): RecentLists {
  const after = new Map(lists);
  for (const { rule } of branch.steps) {
    for (const match of rule.matches) {
      if (match.kind === "recent-set")
        after.set(match.list, new Set([...(after.get(match.list) ?? []), packet.source]));
    }
  }
  return after;
}

interface Walker {
  readonly ruleSet: RuleSet;
  readonly localAddresses: ReadonlySet<string>;
  readonly recent: RecentLists;
}

/** One way that things may go, up to here. */
interface Flow {
  readonly odds: Fraction;
  readonly steps: StepList | undefined;
  readonly state: PacketState;
  readonly masqueraded: boolean;
  readonly endpoint: Endpoint | undefined;
}

/** The last step first, so that branches share their beginnings. */
interface StepList {
  readonly step: Step;
  readonly before: StepList | undefined;
}

/** How a flow leaves a chain: it returns to the caller, or the hook is done with it. */
interface End {
  readonly flow: Flow;
  readonly fate: "return" | "accept" | "drop" | "reject";
}

const firstState = (packet: Packet): PacketState => ({
  protocol: packet.protocol,
  source: packet.source,
  destination: packet.destination,
  port: packet.destinationPort,
  inInterface: packet.inInterface,
  throughBridgePort: packet.throughBridgePort ?? false,
  ctState: packet.state ?? "NEW",
  mark: packet.mark ?? 0,
  translated: false,
});

/** The routing decision falls after PREROUTING, so an endpoint's address decides between INPUT and FORWARD. */
function receive(walker: Walker, start: Flow): readonly End[] {
  return chainUp(natHook(walker, "PREROUTING", start), (flow) =>
    isLocal(walker, flow.state.destination)
      ? runHook(walker, "INPUT", "filter", flow)
      : chainUp(runHook(walker, "FORWARD", "filter", flow), (forwarded) => natHook(walker, "POSTROUTING", forwarded)),
  );
}

/** What a process sends passes OUTPUT and POSTROUTING; if it was meant for the node itself it comes back over loopback. */
function send(walker: Walker, start: Flow): readonly End[] {
  const sent = chainUp(natHook(walker, "OUTPUT", start), (flow) => runHook(walker, "OUTPUT", "filter", flow));
  return chainUp(
    chainUp(sent, (flow) => natHook(walker, "POSTROUTING", flow)),
    (flow) =>
      isLocal(walker, flow.state.destination)
        ? runHook(walker, "INPUT", "filter", { ...flow, state: { ...flow.state, inInterface: "lo" } })
        : [{ flow, fate: "accept" }],
  );
}

/** Hands what a hook accepted to the next one. */
const chainUp = (ends: readonly End[], next: (flow: Flow) => readonly End[]): readonly End[] =>
  ends.flatMap((end) => (end.fate === "accept" ? next(end.flow) : [end]));

/** Only the first packet of a connection is looked up in nat. */
const natHook = (walker: Walker, hook: Hook, flow: Flow): readonly End[] =>
  flow.state.ctState === "NEW" ? runHook(walker, hook, "nat", flow) : [{ flow, fate: "accept" }];

function runHook(walker: Walker, hook: Hook, table: TableName, flow: Flow): readonly End[] {
  const chain = findChain(walker.ruleSet, table, hook);
  if (chain === undefined) return [{ flow, fate: "accept" }];
  const ends = runChain({ walker, hook, table, depth: 0 }, chain, flow, 0);
  return ends.map((end) => (end.fate === "return" ? { flow: end.flow, fate: "accept" } : end));
}

interface Place {
  readonly walker: Walker;
  readonly hook: Hook;
  readonly table: TableName;
  readonly depth: number;
}

/** The kernel refuses loops of jumps; a rule set that has one all the same is followed this far. */
const DEEPEST = 32;

/** Follows a flow through the rules of a chain from a position on. */
function runChain(place: Place, chain: Chain, flow: Flow, from: number): readonly End[] {
  if (place.depth > DEEPEST) return [{ flow, fate: "return" }];
  const ends: End[] = [];
  let current = flow;
  for (const position of findCandidates(chain, current.state, from)) {
    const rule = chain.rules[position];
    const chance = rule && matchRule(rule, current.state, place.walker);
    if (rule === undefined || chance === undefined) continue;
    const going: Flow[] = [];
    const taken = takeStep(place, current, { rule, position, chance });
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

function takeStep(
  place: Place,
  flow: Flow,
  { rule, position, chance }: Pick<Step, "rule" | "position" | "chance">,
): Flow {
  const step: Step = { hook: place.hook, table: place.table, chain: rule.chain, position, rule, chance };
  const odds = chance === one ? flow.odds : multiply(flow.odds, chance);
  return { ...flow, odds, steps: { step, before: flow.steps } };
}

interface Effect {
  readonly flow: Flow;
  readonly fate: "continue" | "return" | "accept" | "drop" | "reject";
}

function applyTarget(place: Place, flow: Flow, { target, endpoint }: Rule): readonly Effect[] {
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
    case "jump": {
      const chain = findChain(place.walker.ruleSet, place.table, target.chain);
      if (chain === undefined) return [{ flow, fate: "continue" }];
      return runChain({ ...place, depth: place.depth + 1 }, chain, flow, 0).map((end) =>
        end.fate === "return" ? { flow: end.flow, fate: "continue" } : end,
      );
    }
  }
}

function verdictOf(walker: Walker, { state, masqueraded, endpoint }: Flow): Verdict {
  const here = isLocal(walker, state.destination);
  if (!state.translated) return { kind: "unchanged", masqueraded, toThisNode: here };
  // Whoever gets a packet from a loopback address over a wire throws it away.
  if (isLoopback(state.source) && !masqueraded && !here) return { kind: "dropped" };
  return { kind: "delivered", ip: state.destination, port: state.port, masqueraded, onThisNode: here, endpoint };
}

const isLocal = ({ localAddresses }: Walker, address: string): boolean => isLocalAddress(localAddresses, address);

function toArray(list: StepList | undefined): readonly Step[] {
  const steps: Step[] = [];
  for (let rest = list; rest !== undefined; rest = rest.before) steps.push(rest.step);
  return steps.reverse();
}

function countShared([first, ...others]: readonly Branch[]): number {
  if (first === undefined) return 0;
  const differs = first.steps.findIndex((step, index) => others.some(({ steps }) => steps[index] !== step));
  return differs < 0 ? first.steps.length : differs;
}
