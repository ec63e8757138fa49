import type { Endpoint } from "../kube-proxy/proxy-input.ts";
import { type Fraction, fraction, multiply, one } from "./fraction.ts";
import { type CtState, mayLeave, type Packet, type ProtocolToken } from "./packet.ts";
import type { StepFacts, Verdict } from "./walk.ts";

/** A packet at one moment of its walk. */
export interface PacketState {
  readonly protocol: ProtocolToken;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  /** `undefined` for what the node itself sends. */
  readonly inInterface: string | undefined;
  readonly ctState: CtState;
  readonly mark: number;
  /** Whether a rule has changed the destination of the connection. */
  readonly translated: boolean;
}

/** One way that things may go, up to here. */
export interface Flow<Step extends StepFacts, State extends PacketState = PacketState> {
  readonly odds: Fraction;
  readonly steps: StepList<Step> | undefined;
  readonly state: State;
  readonly masqueraded: boolean;
  /** The endpoint that a rule has put in place of the destination. */
  readonly endpoint: Endpoint | undefined;
}

/** The last step first, so that branches share their beginnings. */
export interface StepList<Step extends StepFacts> {
  readonly step: Step;
  readonly before: StepList<Step> | undefined;
}

/** What a chain, a table or a hook makes of a flow. */
export interface FlowEnd<AnyFlow, Fate extends string> {
  readonly flow: AnyFlow;
  readonly fate: Fate;
}

/** A packet as it reaches the first rule. */
export const firstState = (packet: Packet): PacketState => ({
  protocol: packet.protocol,
  source: packet.source,
  destination: packet.destination,
  port: packet.destinationPort,
  inInterface: packet.inInterface,
  ctState: packet.state ?? "NEW",
  mark: packet.mark ?? 0,
  translated: false,
});

/** A flow that has met no rule. */
export const firstFlow = <State extends PacketState>(state: State): Flow<never, State> => ({
  odds: one,
  steps: undefined,
  state,
  masqueraded: false,
  endpoint: undefined,
});

/** What a rule does to the odds of a flow that it matches by some chance. */
export const oddsAfter = (odds: Fraction, chance: Fraction): Fraction =>
  chance === one ? odds : multiply(odds, chance);

/** The chance of each of some things that are equally likely. */
export const shareOf = (count: number): Fraction => (count <= 1 ? one : fraction(1, count));

/** Hands what a chain, a table or a hook accepted to the next one. */
export const chainUp = <AnyFlow, Fate extends string>(
  ends: readonly FlowEnd<AnyFlow, Fate>[],
  next: (flow: AnyFlow) => readonly FlowEnd<AnyFlow, Fate>[],
): readonly FlowEnd<AnyFlow, Fate>[] => ends.flatMap((end) => (end.fate === "accept" ? next(end.flow) : [end]));

/** The rules that a flow met, in order. */
export function stepsOf<Step extends StepFacts>({ steps: last }: Pick<Flow<Step>, "steps">): readonly Step[] {
  const steps: Step[] = [];
  for (let rest = last; rest !== undefined; rest = rest.before) steps.push(rest.step);
  return steps.reverse();
}

/**
 * What has become of a packet when no hook is left.
 * @param here whether its destination is the node itself
 */
export function verdictOf<Step extends StepFacts>(
  { flow, fate }: FlowEnd<Flow<Step>, "accept" | "drop" | "reject">,
  here: boolean,
): Verdict {
  if (fate !== "accept") return { kind: fate === "drop" ? "dropped" : "rejected" };
  const { state, masqueraded, endpoint } = flow;
  if (!state.translated) return { kind: "unchanged", masqueraded, toThisNode: here };
  if (!here && !mayLeave(state.source, masqueraded)) return { kind: "dropped" };
  return { kind: "delivered", ip: state.destination, port: state.port, masqueraded, onThisNode: here, endpoint };
}
