import { type HostFacts, isLoopback, type Packet, type RecentLists } from "../netfilter/packet.ts";
import { type Branch, type Verdict, type Walk, walkOf } from "../netfilter/walk.ts";
import { chainUp, isLocal, natHook, openNode, overLoopback, startFlow, stepsOf } from "./hooks.ts";
import type { RuleSet } from "./rule.ts";
import { type FilteringNode, type Flow, type HookEnd, type IptablesStep, runHook } from "./run-chain.ts";

/**
 * Walks a packet through the rules of a node, past the hooks in the kernel's order. Chance becomes branches, so the
 * same packet always gives the same walk. Built-in chains end in ACCEPT; chains that are missing are passed over.
 */
export function walkPacket(ruleSet: RuleSet, host: HostFacts, packet: Packet): Walk<IptablesStep> {
  const node = openNode(ruleSet, host);
  const start = startFlow(packet);
  const ends = packet.origin === "arrives" ? receive(node, start) : send(node, start);
  return walkOf(
    ends.map((end) => ({
      odds: end.flow.odds,
      steps: stepsOf(end.flow),
      verdict: verdictOf(node, end),
    })),
  );
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

/** The routing decision falls after PREROUTING, so an endpoint's address decides between INPUT and FORWARD. */
function receive(node: FilteringNode, start: Flow): readonly HookEnd[] {
  return chainUp(natHook(node, "PREROUTING", start), (flow) =>
    isLocal(node, flow.state.destination) ? runHook(node, "INPUT", "filter", flow) : forward(node, flow),
  );
}

/** What the node sends on without being meant. */
export const forward = (node: FilteringNode, flow: Flow): readonly HookEnd[] =>
  chainUp(runHook(node, "FORWARD", "filter", flow), (forwarded) => natHook(node, "POSTROUTING", forwarded));

/** What a process sends passes OUTPUT and POSTROUTING; if it was meant for the node itself it comes back over loopback. */
const send = (node: FilteringNode, start: Flow): readonly HookEnd[] =>
  chainUp(natHook(node, "OUTPUT", start), (flow) => leave(node, flow));

/** What a process sends, once nat has seen where it goes. */
export function leave(node: FilteringNode, flow: Flow): readonly HookEnd[] {
  const sent = chainUp(runHook(node, "OUTPUT", "filter", flow), (passed) => natHook(node, "POSTROUTING", passed));
  return chainUp(sent, (left) =>
    isLocal(node, left.state.destination) ? overLoopback(node, left) : [{ flow: left, fate: "accept" }],
  );
}

/** What has become of a packet when no hook is left. */
export function verdictOf(node: FilteringNode, { flow, fate }: HookEnd): Verdict {
  if (fate !== "accept") return { kind: fate === "drop" ? "dropped" : "rejected" };
  const { state, masqueraded, endpoint } = flow;
  const here = isLocal(node, state.destination);
  if (!state.translated) return { kind: "unchanged", masqueraded, toThisNode: here };
  // Whoever gets a packet from a loopback address over a wire throws it away.
  if (isLoopback(state.source) && !masqueraded && !here) return { kind: "dropped" };
  return { kind: "delivered", ip: state.destination, port: state.port, masqueraded, onThisNode: here, endpoint };
}
