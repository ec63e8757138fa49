import { one } from "../netfilter/fraction.ts";
import { type HostFacts, isLocalAddress, type Packet } from "../netfilter/packet.ts";
import type { Hook } from "../netfilter/walk.ts";
import type { RuleSet } from "./rule.ts";
import { type FilteringNode, type Flow, type HookEnd, type IptablesStep, runHook, type StepList } from "./run-chain.ts";

/** A node whose rules packets are to pass. */
export const openNode = (ruleSet: RuleSet, host: HostFacts): FilteringNode => ({
  ruleSet,
  localAddresses: new Set(host.localAddresses),
  recent: host.recent ?? new Map(),
  sets: ruleSet.sets,
});

/** A packet before its first rule. */
export const startFlow = (packet: Packet): Flow => ({
  odds: one,
  steps: undefined,
  masqueraded: false,
  endpoint: undefined,
  state: {
    protocol: packet.protocol,
    source: packet.source,
    destination: packet.destination,
    port: packet.destinationPort,
    inInterface: packet.inInterface,
    throughBridgePort: packet.throughBridgePort ?? false,
    ctState: packet.state ?? "NEW",
    mark: packet.mark ?? 0,
    translated: false,
    toProxy: undefined,
    virtualServer: undefined,
  },
});

/** Hands what a hook accepted to the next one. */
export const chainUp = (ends: readonly HookEnd[], next: (flow: Flow) => readonly HookEnd[]): readonly HookEnd[] =>
  ends.flatMap((end) => (end.fate === "accept" ? next(end.flow) : [end]));

/** Only the first packet of a connection is looked up in nat. */
export const natHook = (node: FilteringNode, hook: Hook, flow: Flow): readonly HookEnd[] =>
  flow.state.ctState === "NEW" ? runHook(node, hook, "nat", flow) : [{ flow, fate: "accept" }];

/** What comes back to the node over loopback. */
export const overLoopback = (node: FilteringNode, flow: Flow): readonly HookEnd[] =>
  runHook(node, "INPUT", "filter", { ...flow, state: { ...flow.state, inInterface: "lo" } });

/** Whether an address is one of the node's own. */
export const isLocal = ({ localAddresses }: FilteringNode, address: string): boolean =>
  isLocalAddress(localAddresses, address);

/** The rules that a flow met, in order. */
export function stepsOf(flow: Flow): readonly IptablesStep[] {
  const steps: IptablesStep[] = [];
  for (let rest: StepList | undefined = flow.steps; rest !== undefined; rest = rest.before) steps.push(rest.step);
  return steps.reverse();
}
