import { oncePer } from "../../base/once.ts";
import { chainUp, firstFlow, firstState, stepsOf, verdictOf } from "../netfilter/flow.ts";
import { type HostFacts, isLocalAddress, type Packet, type RecentLists } from "../netfilter/packet.ts";
import { type Branch, type Hook, type Walk, walkOf } from "../netfilter/walk.ts";
import type { FilteringNode } from "./match-packet.ts";
import { type Flow, type HookEnd, type NftablesStep, runBaseChain } from "./run-chain.ts";
import type { BaseChain, NftChain, NftTable } from "./table.ts";

/**
 * Walks a packet through kube-proxy's table, past its base chains in the order of hooks and priorities. Chance becomes
 * branches, so the same packet always gives the same walk. Chains that are missing are passed over.
 */
export function walkTable(table: NftTable, host: HostFacts, packet: Packet): Walk<NftablesStep> {
  const node: FilteringNode = {
    table,
    localAddresses: new Set(host.localAddresses),
    recent: host.recent ?? new Map(),
  };
  const start = firstFlow(firstState(packet));
  const ends = packet.origin === "arrives" ? receive(node, start) : send(node, start);
  const branches = ends.map((end) => {
    const verdict = verdictOf(end, isLocal(node, end.flow.state.destination));
    return { odds: end.flow.odds, steps: stepsOf(end.flow), verdict };
  });
  return walkOf(branches);
}

/** The sets after a connection that took a branch: what session affinity will remember of it. */
export function setsAfter(sets: RecentLists, packet: Packet, { steps }: Branch<NftablesStep>): RecentLists {
  const after = new Map(sets);
  for (const { effects } of steps.map(({ rule }) => rule)) {
    for (const effect of effects) {
      if (effect.kind === "remember") {
        after.set(effect.set, new Set([...(after.get(effect.set) ?? []), packet.source]));
      }
    }
  }
  return after;
}

/** The routing decision falls after prerouting, so an endpoint's address decides between input and forward. */
const receive = (node: FilteringNode, start: Flow): readonly HookEnd[] =>
  chainUp(runHook(node, "PREROUTING", start), (flow) =>
    isLocal(node, flow.state.destination)
      ? runHook(node, "INPUT", flow)
      : chainUp(runHook(node, "FORWARD", flow), (forwarded) => runHook(node, "POSTROUTING", forwarded)),
  );

/** What a process sends passes output and postrouting; if it was meant for the node itself it comes back over loopback. */
function send(node: FilteringNode, start: Flow): readonly HookEnd[] {
  const sent = chainUp(runHook(node, "OUTPUT", start), (flow) => runHook(node, "POSTROUTING", flow));
  return chainUp(sent, (flow) => {
    if (!isLocal(node, flow.state.destination)) return [{ flow, fate: "accept" }];
    const back: Flow = { ...flow, state: { ...flow.state, inInterface: "lo" } };
    return chainUp(runHook(node, "PREROUTING", back, "filter"), (again) => runHook(node, "INPUT", again));
  });
}

/**
 * All base chains of a hook. Only the first packet of a connection meets those that translate, and only once.
 * @param type the only type of chains that a packet meets
 */
function runHook(node: FilteringNode, hook: Hook, flow: Flow, type?: BaseChain["type"]): readonly HookEnd[] {
  const chains = basedIn(node.table)
    .filter(({ base }) => base.hook === hook && (type ?? base.type) === base.type)
    .filter(({ base }) => base.type === "filter" || flow.state.ctState === "NEW");
  return chains.reduce<readonly HookEnd[]>(
    (ends, { chain }) => chainUp(ends, (passed) => runBaseChain(node, chain, passed)),
    [{ flow, fate: "accept" }],
  );
}

/** The chains where the kernel hands packets over, by priority. */
const basedIn: (table: NftTable) => readonly Based[] = oncePer(({ chains }) => {
  const based: Based[] = [];
  for (const chain of chains.values()) if (chain.base) based.push({ chain, base: chain.base });
  return based.sort((a, b) => a.base.priority - b.base.priority);
});

interface Based {
  readonly chain: NftChain;
  readonly base: BaseChain;
}

const isLocal = ({ localAddresses }: FilteringNode, address: string): boolean =>
  isLocalAddress(localAddresses, address);
