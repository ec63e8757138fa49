import { answerUnder, forkOn } from "../netfilter/condition.ts";
import { chainUp, firstFlow, firstState } from "../netfilter/flow.ts";
import { type HostFacts, isLocalAddress, type Packet } from "../netfilter/packet.ts";
import type { Hook } from "../netfilter/walk.ts";
import type { PacketState } from "./match-packet.ts";
import type { RuleSet, TableName } from "./rule.ts";
import { type FilteringNode, type Flow, type HookEnd, runHook } from "./run-chain.ts";

/** A node whose rules packets are to pass. */
export const openNode = (ruleSet: RuleSet, host: HostFacts): FilteringNode => ({
  ruleSet,
  localAddresses: new Set(host.localAddresses),
  recent: host.recent ?? new Map(),
  sets: ruleSet.sets,
  mayBeLocal: host.mayBeLocal ?? (() => false),
  bridges: host.bridges ?? [],
  podInterfaces: host.podInterfaces ?? [],
});

/** A packet before its first rule. */
export const startFlow = (packet: Packet): Flow => ({
  ...firstFlow({
    ...firstState(packet),
    byUnknownInterface: packet.byUnknownInterface ?? false,
    notByInterfaces: packet.notByInterfaces ?? [],
    outInterface: undefined,
    throughBridgePort: packet.throughBridgePort ?? false,
    connmark: 0,
    toProxy: undefined,
    virtualServer: undefined,
  }),
  from: undefined,
  assumptions: [],
  undecided: undefined,
});

/** Only the first packet of a connection is looked up in nat. */
export const natHook = (node: FilteringNode, hook: Hook, flow: Flow): readonly HookEnd[] =>
  flow.state.ctState === "NEW" ? runHook(node, hook, "nat", flow) : [{ flow, fate: "accept" }];

/** Passes the tables of a hook, in the kernel's order. */
export const passTables = (
  node: FilteringNode,
  hook: Hook,
  tables: readonly TableName[],
  flow: Flow,
): readonly HookEnd[] =>
  tables.reduce<readonly HookEnd[]>(
    (ends, table) =>
      chainUp(ends, (passed) => (table === "nat" ? natHook(node, hook, passed) : runHook(node, hook, table, passed))),
    [{ flow, fate: "accept" }],
  );

/** What comes back to the node over loopback: nat has looked at its connection before. */
export const overLoopback = (node: FilteringNode, flow: Flow): readonly HookEnd[] =>
  chainUp(passTables(node, "PREROUTING", ["raw", "mangle"], { ...flow, state: cameBack(flow.state) }), (arrived) =>
    passTables(node, "INPUT", ["mangle", "filter", "security"], arrived),
  );

const cameBack = (state: PacketState): PacketState => ({ ...state, inInterface: "lo", byUnknownInterface: false });

/** Whether an address is one of the node's own, as far as that is known. */
export const isLocal = ({ localAddresses }: FilteringNode, address: string): boolean =>
  isLocalAddress(localAddresses, address);

/** Goes one way where the packet is for the node itself, and another where it is not; both, where nobody knows. */
export function routeBy(
  node: FilteringNode,
  flow: Flow,
  here: (flow: Flow) => readonly HookEnd[],
  elsewhere: (flow: Flow) => readonly HookEnd[],
): readonly HookEnd[] {
  const address = flow.state.destination;
  const known = isLocalIn(node, flow, address);
  if (known !== undefined) return known ? here(flow) : elsewhere(flow);
  const { yes, no } = forkOn([{ condition: { kind: "local-address", address }, is: true }]);
  return [
    ...here({ ...flow, assumptions: [...flow.assumptions, yes] }),
    ...elsewhere({ ...flow, assumptions: [...flow.assumptions, no] }),
  ];
}

/** Whether a flow takes an address for one of the node's own; `undefined` where that is still open. */
export function isLocalIn(node: FilteringNode, flow: Flow, address: string): boolean | undefined {
  if (isLocal(node, address)) return true;
  return node.mayBeLocal(address) ? answerUnder(flow.assumptions, { kind: "local-address", address }) : false;
}
