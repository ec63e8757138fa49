import { groupBy } from "../../base/group-by.ts";
import type { Family } from "../../base/ip.ts";
import { oncePer } from "../../base/once.ts";
import { isLocal, natHook, openNode, startFlow } from "../iptables/hooks.ts";
import { forward, leave, verdictOf } from "../iptables/interpret.ts";
import { type FilteringNode, type Flow, type HookEnd, type IptablesStep, runHook } from "../iptables/run-chain.ts";
import type { Endpoint } from "../kube-proxy/proxy-input.ts";
import { chainUp, oddsAfter, shareOf, stepsOf } from "../netfilter/flow.ts";
import { type Fraction, one } from "../netfilter/fraction.ts";
import type { HostFacts, Packet } from "../netfilter/packet.ts";
import {
  type Action,
  type Branch,
  type Hook,
  type StepFacts,
  type Verdict,
  type Walk,
  walkOf,
} from "../netfilter/walk.ts";
import type { IpvsState, RealServer, VirtualServer } from "./ipvs-state.ts";
import { serverName } from "./print-ipvsadm.ts";

/** A virtual server that took a packet, or the real server that it chose. */
export interface IpvsStep extends StepFacts {
  readonly tool: "ipvs";
  readonly family: Family;
  readonly table: "ipvs";
  readonly matched: VirtualServer | RealServer;
}

/**
 * Walks a packet past the rules and through the virtual servers of a node. IPVS takes what arrives behind the rules of
 * INPUT, and what the node itself sends behind nat's of OUTPUT; what it has translated passes OUTPUT and POSTROUTING.
 * Every real server of a virtual one is as likely as the others: what a scheduler goes by, none of them knows here.
 * @see https://github.com/torvalds/linux/blob/master/net/netfilter/ipvs/ip_vs_core.c `ip_vs_ops4`
 */
export function walkIpvs(state: IpvsState, host: HostFacts, packet: Packet): Walk<IptablesStep | IpvsStep> {
  const bound = state.addresses.map(({ ip }) => ip);
  const node = openNode(state.rules, { ...host, localAddresses: [...host.localAddresses, ...bound] });
  const fromService = packet.origin === "sent" && bound.includes(packet.destination);
  // To an address of its own a node speaks from that address, and it calls the addresses of Services its own.
  const start = startFlow(fromService ? { ...packet, source: packet.destination } : packet);
  const scene: Scene = { state, node, hook: packet.origin === "arrives" ? "INPUT" : "OUTPUT", fromService };
  const branches = packet.origin === "arrives" ? receive(scene, start) : send(scene, start);
  return walkOf(branches);
}

type IpvsBranch = Branch<IptablesStep | IpvsStep>;

interface Scene {
  readonly state: IpvsState;
  readonly node: FilteringNode;
  /** Where IPVS meets the packet. */
  readonly hook: Hook;
  /** Whether the packet carries the address of the Service on both ends. */
  readonly fromService: boolean;
}

function receive(scene: Scene, start: Flow): readonly IpvsBranch[] {
  const { node } = scene;
  return natHook(node, "PREROUTING", start).flatMap((end) => {
    if (end.fate !== "accept") return [ended(scene, end)];
    const { flow } = end;
    if (!isLocal(node, flow.state.destination)) return forward(node, flow).map((left) => ended(scene, left));
    return runHook(node, "INPUT", "filter", flow).flatMap((input) =>
      input.fate === "accept" ? meet(scene, input.flow) : [ended(scene, input)],
    );
  });
}

const send = (scene: Scene, start: Flow): readonly IpvsBranch[] =>
  natHook(scene.node, "OUTPUT", start).flatMap((end) =>
    end.fate === "accept" ? meet(scene, end.flow) : [ended(scene, end)],
  );

/** A flow comes to IPVS, which has a virtual server for it or lets it pass. */
function meet(scene: Scene, flow: Flow): readonly IpvsBranch[] {
  const { state, node, hook } = scene;
  const { destination, port, protocol } = flow.state;
  const server = serversAt(state)
    .get(destination)
    ?.find((candidate) => candidate.portNumber === port && candidate.port.protocol.toLowerCase() === protocol);
  if (server === undefined) {
    return (hook === "INPUT" ? [{ flow, fate: "accept" } as const] : leave(node, flow)).map((end) => ended(scene, end));
  }
  const before = stepsOf(flow);
  const { realServers } = server;
  if (realServers.length === 0) {
    const refusal = stepOf(scene, { matched: server, server, chain: "IPVS", action: { kind: "reject" } });
    return [{ odds: flow.odds, steps: [...before, refusal], verdict: { kind: "rejected" } }];
  }
  const chain = serverName(server);
  const chosen = stepOf(scene, { matched: server, server, chain: "IPVS", action: { kind: "jump", chain } });
  const share = shareOf(realServers.length);
  return realServers.flatMap((real) => {
    const { ip, port: number } = real.endpoint;
    const action: Action = { kind: "dnat", ip, port: number };
    const taken = stepOf(scene, { matched: real, server, chain, action, endpoint: real.endpoint, chance: share });
    const translated: Flow = {
      ...flow,
      odds: oddsAfter(flow.odds, share),
      steps: undefined,
      endpoint: real.endpoint,
      state: {
        ...flow.state,
        destination: ip,
        port: number,
        virtualServer: { address: server.address, port: server.portNumber },
      },
    };
    return goOn(scene, translated).map((end) => {
      const branch = ended(scene, { ...end, flow: { ...end.flow, state: { ...end.flow.state, translated: true } } });
      return { ...branch, steps: [...before, chosen, taken, ...branch.steps] };
    });
  });
}

const serversAt: (state: IpvsState) => ReadonlyMap<string, readonly VirtualServer[]> = oncePer(({ virtualServers }) =>
  groupBy(virtualServers, ({ address }) => address),
);

/** What IPVS has translated leaves the node, unless the endpoint is one of the node's own: then it is there. */
function goOn({ node, hook }: Scene, flow: Flow): readonly HookEnd[] {
  if (hook === "OUTPUT") return leave(node, flow);
  if (isLocal(node, flow.state.destination)) return [{ flow, fate: "accept" }];
  return chainUp(runHook(node, "OUTPUT", "filter", flow), (passed) => natHook(node, "POSTROUTING", passed));
}

function ended({ node, fromService }: Scene, end: HookEnd): IpvsBranch {
  const { flow } = end;
  const verdict = verdictOf(node, end);
  return { odds: flow.odds, steps: stepsOf(flow), verdict: fromService ? speaking(verdict, flow) : verdict };
}

/** An endpoint sees the address of the Service, where no rule puts another one in its place. */
const speaking = (verdict: Verdict, { state }: Flow): Verdict =>
  verdict.kind === "delivered" && !verdict.masqueraded ? { ...verdict, from: state.source } : verdict;

/** What a step says besides where it is. */
interface Taken {
  readonly matched: VirtualServer | RealServer;
  readonly server: VirtualServer;
  readonly chain: string;
  readonly action: Action;
  readonly endpoint?: Endpoint;
  readonly chance?: Fraction;
}

const stepOf = (
  { state, hook }: Scene,
  { matched, server, chain, action, endpoint, chance = one }: Taken,
): IpvsStep => ({
  tool: "ipvs",
  family: state.family,
  hook,
  table: "ipvs",
  base: hook,
  chain,
  matched,
  action,
  chance,
  port: server.port,
  endpoint,
  because: endpoint?.because ?? server.because,
});
