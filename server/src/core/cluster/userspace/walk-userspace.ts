import type { Family } from "../../base/ip.ts";
import { natHook, openNode, startFlow } from "../iptables/hooks.ts";
import { forward, leave, verdictOf } from "../iptables/interpret.ts";
import type { RuleSet } from "../iptables/rule.ts";
import { type FilteringNode, type Flow, type HookEnd, type IptablesStep, runHook } from "../iptables/run-chain.ts";
import type { Endpoint, ServicePort } from "../kube-proxy/proxy-input.ts";
import { oddsAfter, shareOf, stepsOf } from "../netfilter/flow.ts";
import { type Fraction, one } from "../netfilter/fraction.ts";
import { type HostFacts, isLocalAddress, type Packet } from "../netfilter/packet.ts";
import { type Action, type Branch, type StepFacts, type Walk, walkOf } from "../netfilter/walk.ts";

/** What kube-proxy itself does with a connection that it took. */
export interface UserspaceStep extends StepFacts {
  readonly tool: "userspace";
  readonly family: Family;
  readonly table: "kube-proxy";
  /** The endpoint to which it opens another connection; the service port, where it has none. */
  readonly matched: Endpoint | ServicePort;
}

/**
 * Walks a packet through the rules of userspace mode to kube-proxy's own socket, and the connection that it opens in its
 * turn to an endpoint: to each in turn, so each is as likely as the others. Endpoints see a connection of the node.
 * @see https://github.com/kubernetes/kubernetes/blob/release-1.25/pkg/proxy/userspace/proxysocket.go
 */
export function walkUserspace(rules: RuleSet, host: HostFacts, packet: Packet): Walk<IptablesStep | UserspaceStep> {
  const node = openNode(rules, host);
  const hook = packet.origin === "arrives" ? "PREROUTING" : "OUTPUT";
  const branches = natHook(node, hook, startFlow(packet)).flatMap((end): readonly UserspaceBranch[] => {
    if (end.fate !== "accept") return [branchOf(node, end)];
    const { flow } = end;
    return (packet.origin === "arrives" ? receive(node, flow) : leave(node, flow)).flatMap((passed) =>
      passed.fate === "accept" && passed.flow.state.toProxy !== undefined
        ? serve(node, passed.flow, passed.flow.state.toProxy)
        : [branchOf(node, passed)],
    );
  });
  return walkOf(branches);
}

type UserspaceBranch = Branch<IptablesStep | UserspaceStep>;

const receive = (node: FilteringNode, flow: Flow) =>
  isLocalAddress(node.localAddresses, flow.state.destination)
    ? runHook(node, "INPUT", "filter", flow)
    : forward(node, flow);

const branchOf = (node: FilteringNode, end: HookEnd): UserspaceBranch => ({
  odds: end.flow.odds,
  steps: stepsOf(end.flow),
  verdict: verdictOf(node, end),
});

/** kube-proxy has the connection, and opens another one. What it sends passes no rule of a Service again. */
function serve(node: FilteringNode, flow: Flow, port: ServicePort): readonly UserspaceBranch[] {
  const before = stepsOf(flow);
  const { family } = node.ruleSet;
  const endpoints = distinct(port.endpoints.filter(({ ready }) => ready));
  if (endpoints.length === 0) {
    // There is no connection to close over UDP: kube-proxy reads what comes, and has nowhere to send it.
    const isUdp = port.protocol === "UDP";
    const closed = stepOf(family, port, { kind: isUdp ? "drop" : "reject" }, one, port);
    return [{ odds: flow.odds, steps: [...before, closed], verdict: { kind: isUdp ? "dropped" : "rejected" } }];
  }
  const share = shareOf(endpoints.length);
  return endpoints.map((endpoint) => {
    const { ip, port: number } = endpoint;
    const opened = stepOf(family, endpoint, { kind: "dnat", ip, port: number }, share, port, endpoint);
    const onThisNode = isLocalAddress(node.localAddresses, ip);
    return {
      odds: oddsAfter(flow.odds, share),
      steps: [...before, opened],
      verdict: { kind: "delivered", ip, port: number, masqueraded: true, onThisNode, endpoint },
    };
  });
}

/** Endpoints objects list an address and port once. */
const distinct = (endpoints: readonly Endpoint[]): readonly Endpoint[] =>
  [...new Map(endpoints.map((endpoint) => [`${endpoint.ip} ${endpoint.port}`, endpoint])).values()].sort((a, b) =>
    `${a.ip} ${a.port}` < `${b.ip} ${b.port}` ? -1 : 1,
  );

const stepOf = (
  family: Family,
  matched: Endpoint | ServicePort,
  action: Action,
  chance: Fraction,
  port: ServicePort,
  endpoint?: Endpoint,
): UserspaceStep => ({
  tool: "userspace",
  family,
  hook: "INPUT",
  table: "kube-proxy",
  base: "userspace",
  chain: "userspace",
  matched,
  action,
  chance,
  port,
  endpoint,
  because: endpoint?.because ?? port.because,
});
