import { one } from "../netfilter/fraction.ts";
import { type HostFacts, isLocalAddress, isLoopback, type Packet, type RecentLists } from "../netfilter/packet.ts";
import { type Branch, type Hook, type Verdict, type Walk, walkOf } from "../netfilter/walk.ts";
import type { PacketState } from "./match-packet.ts";
import type { RuleSet } from "./rule.ts";
import { type FilteringNode, type Flow, type HookEnd, type IptablesStep, runHook, type StepList } from "./run-chain.ts";

/**
 * Walks a packet through the rules of a node, past the hooks in the kernel's order. Chance becomes branches, so the
 * same packet always gives the same walk. Built-in chains end in ACCEPT; chains that are missing are passed over.
 */
export function walkPacket(ruleSet: RuleSet, host: HostFacts, packet: Packet): Walk<IptablesStep> {
  const node: FilteringNode = {
    ruleSet,
    localAddresses: new Set(host.localAddresses),
    recent: host.recent ?? new Map(),
    sets: ruleSet.sets,
  };
  const start: Flow = {
    odds: one,
    steps: undefined,
    masqueraded: false,
    endpoint: undefined,
    state: firstState(packet),
  };
  const ends = packet.origin === "arrives" ? receive(node, start) : send(node, start);
  const branches = ends.map(({ flow, fate }) => ({
    odds: flow.odds,
    steps: toArray(flow.steps),
    verdict: fate === "accept" ? verdictOf(node, flow) : ({ kind: fate === "drop" ? "dropped" : "rejected" } as const),
  }));
  return walkOf(branches);
}

/** The lists after a connection that took a branch: what session affinity will remember of it. */
export function recentAfter(lists: RecentLists, packet: Packet, branch: Branch<IptablesStep>): RecentLists {
  const after = new Map(lists);
  for (const { matched } of branch.steps) {
    for (const match of matched.matches) {
      if (match.kind === "recent-set")
        after.set(match.list, new Set([...(after.get(match.list) ?? []), packet.source]));
    }
  }
  return after;
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
function receive(node: FilteringNode, start: Flow): readonly HookEnd[] {
  return chainUp(natHook(node, "PREROUTING", start), (flow) =>
    isLocal(node, flow.state.destination)
      ? runHook(node, "INPUT", "filter", flow)
      : chainUp(runHook(node, "FORWARD", "filter", flow), (forwarded) => natHook(node, "POSTROUTING", forwarded)),
  );
}

/** What a process sends passes OUTPUT and POSTROUTING; if it was meant for the node itself it comes back over loopback. */
function send(node: FilteringNode, start: Flow): readonly HookEnd[] {
  const sent = chainUp(natHook(node, "OUTPUT", start), (flow) => runHook(node, "OUTPUT", "filter", flow));
  return chainUp(
    chainUp(sent, (flow) => natHook(node, "POSTROUTING", flow)),
    (flow) =>
      isLocal(node, flow.state.destination)
        ? runHook(node, "INPUT", "filter", { ...flow, state: { ...flow.state, inInterface: "lo" } })
        : [{ flow, fate: "accept" }],
  );
}

/** Hands what a hook accepted to the next one. */
const chainUp = (ends: readonly HookEnd[], next: (flow: Flow) => readonly HookEnd[]): readonly HookEnd[] =>
  ends.flatMap((end) => (end.fate === "accept" ? next(end.flow) : [end]));

/** Only the first packet of a connection is looked up in nat. */
const natHook = (node: FilteringNode, hook: Hook, flow: Flow): readonly HookEnd[] =>
  flow.state.ctState === "NEW" ? runHook(node, hook, "nat", flow) : [{ flow, fate: "accept" }];

function verdictOf(node: FilteringNode, { state, masqueraded, endpoint }: Flow): Verdict {
  const here = isLocal(node, state.destination);
  if (!state.translated) return { kind: "unchanged", masqueraded, toThisNode: here };
  // Whoever gets a packet from a loopback address over a wire throws it away.
  if (isLoopback(state.source) && !masqueraded && !here) return { kind: "dropped" };
  return { kind: "delivered", ip: state.destination, port: state.port, masqueraded, onThisNode: here, endpoint };
}

const isLocal = ({ localAddresses }: FilteringNode, address: string): boolean =>
  isLocalAddress(localAddresses, address);

function toArray(list: StepList | undefined): readonly IptablesStep[] {
  const steps: IptablesStep[] = [];
  for (let rest = list; rest !== undefined; rest = rest.before) steps.push(rest.step);
  return steps.reverse();
}
