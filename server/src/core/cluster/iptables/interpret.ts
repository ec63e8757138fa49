import { familyOf } from "../../base/ip.ts";
import type { Undecided } from "../netfilter/condition.ts";
import * as netfilter from "../netfilter/flow.ts";
import { chainUp, stepsOf } from "../netfilter/flow.ts";
import { mergeBranches } from "../netfilter/merge-branches.ts";
import { type HostFacts, isLoopback, type Packet, type RecentLists } from "../netfilter/packet.ts";
import { type Branch, type Verdict, type Walk, walkOf } from "../netfilter/walk.ts";
import { isLocalIn, openNode, overLoopback, passTables, routeBy, startFlow } from "./hooks.ts";
import type { RuleSet } from "./rule.ts";
import type { FilteringNode, Flow, HookEnd, IptablesStep } from "./run-chain.ts";

/**
 * Walks a packet through the rules of a node, past the hooks in the kernel's order. Chance becomes branches, so the
 * same packet always gives the same walk, and so does what no rule tells: of it the walk says what it assumes. Built-in
 * chains end in their policy; a chain that is missing is passed over, unless the rules are known only in part.
 */
export function walkPacket(ruleSet: RuleSet, host: HostFacts, packet: Packet): Walk<IptablesStep> {
  const node = openNode(ruleSet, host);
  const start = startFlow(packet);
  const ends = packet.origin === "arrives" ? receive(node, start) : send(node, start);
  const branches = ends.map((end) => ({
    odds: end.flow.odds,
    steps: stepsOf(end.flow),
    verdict: verdictOf(node, end),
    ...(end.flow.assumptions.length === 0 ? {} : { assumptions: end.flow.assumptions }),
  }));
  return walkOf(mergeBranches(branches));
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
const receive = (node: FilteringNode, start: Flow): readonly HookEnd[] =>
  chainUp(passTables(node, "PREROUTING", ["raw", "mangle", "nat"], start), (flow) =>
    routeBy(
      node,
      flow,
      (meant) => passTables(node, "INPUT", ["mangle", "filter", "security", "nat"], meant),
      (passing) => forward(node, passing),
    ),
  );

/** What the node sends on without being meant. */
export const forward = (node: FilteringNode, flow: Flow): readonly HookEnd[] =>
  chainUp(passTables(node, "FORWARD", ["mangle", "filter", "security"], flow), (forwarded) =>
    passTables(node, "POSTROUTING", ["mangle", "nat"], forwarded),
  );

/** What a process sends passes OUTPUT and POSTROUTING; if it was meant for the node itself it comes back over loopback. */
const send = (node: FilteringNode, start: Flow): readonly HookEnd[] =>
  chainUp(passTables(node, "OUTPUT", ["raw", "mangle", "nat"], start), (flow) => leave(node, flow));

/** What a process sends, once nat has seen where it goes. */
export const leave = (node: FilteringNode, flow: Flow): readonly HookEnd[] =>
  routeBy(
    node,
    flow,
    (own) => {
      const state = { ...own.state, outInterface: "lo" };
      return chainUp(goOut(node, { ...own, state }), (left) => overLoopback(node, renamed(node, left)));
    },
    (other) => goOut(node, other),
  );

/** What comes back over loopback bears the address that it was given when it left. */
function renamed({ localAddresses }: FilteringNode, flow: Flow): Flow {
  const { state, masqueraded, from } = flow;
  if (!masqueraded) return flow;
  const isFit = (address: string): boolean => !isLoopback(address) && familyOf(address) === familyOf(state.source);
  return { ...flow, state: { ...state, source: from ?? [...localAddresses].find(isFit) ?? state.source } };
}

const goOut = (node: FilteringNode, flow: Flow): readonly HookEnd[] =>
  chainUp(passTables(node, "OUTPUT", ["filter", "security"], flow), (passed) =>
    passTables(node, "POSTROUTING", ["mangle", "nat"], passed),
  );

/** What has become of a packet when no hook is left. */
export function verdictOf(node: FilteringNode, { flow, fate }: HookEnd): Verdict {
  if (fate === "unknown") return { kind: "unknown", because: flow.undecided ?? nothingKnown };
  const verdict = netfilter.verdictOf({ flow, fate }, isLocalIn(node, flow, flow.state.destination) ?? false);
  return verdict.kind === "delivered" && flow.from !== undefined ? { ...verdict, from: flow.from } : verdict;
}

const nothingKnown: Undecided = { kind: "target", text: "" };
