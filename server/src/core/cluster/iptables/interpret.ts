import { type Fraction, one } from "./fraction.ts";
import { isLocalAddress, isLoopback, type PacketState } from "./match-packet.ts";
import type { Endpoint } from "./proxy-input.ts";
import type { CtState, ProtocolToken, RuleSet } from "./rule.ts";
import {
  type FilteringNode,
  type Flow,
  type Hook,
  type HookEnd,
  runHook,
  type Step,
  type StepList,
} from "./run-chain.ts";

export type { Hook, Step } from "./run-chain.ts";

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

/** One of the things that can happen. */
export interface Branch {
  readonly odds: Fraction;
  /** The rules that matched, in order. Branches share the objects of their common steps. */
  readonly steps: readonly Step[];
  readonly verdict: Verdict;
}

/** How it ends. */
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
