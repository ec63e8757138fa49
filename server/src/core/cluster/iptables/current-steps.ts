import { hostPort } from "../../base/ip.ts";
import { remember } from "../../base/once.ts";
import { isLargeCluster } from "../kube-proxy/large-cluster.ts";
import { coversNode } from "../kube-proxy/node-addresses.ts";
import { type Endpoint, isFrom, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import type { NamedPort } from "../kube-proxy/service-order.ts";
import { fraction } from "../netfilter/fraction.ts";
import type { Plan } from "./current-plan.ts";
import { matchPodTraffic } from "./local-traffic.ts";
import {
  accept,
  comment,
  destination,
  destinationIsLocal,
  dnat,
  dport,
  drop,
  jump,
  markForMasquerade,
  not,
  protocol,
  reject,
  source,
  sourceIsLocal,
  statistic,
} from "./matches.ts";
import { hasLocalhostNodePorts } from "./node-port-matches.ts";
import type { Match } from "./rule.ts";
import { openTables, type Tables } from "./rule-set-writer.ts";

// The steps of a sync that eras share from 1.24 on, each for one service port.

/** What all steps of one sync share. */
export interface Sync extends Tables {
  readonly input: ProxyInput;
  readonly commentsOnEndpoints: boolean;
  /** The match of one packet among so many, which all Services share. */
  readonly oneOf: (count: number) => Match;
}

/** The same, from an empty node on. */
export function startSync(input: ProxyInput, ports: readonly NamedPort[]): Sync {
  return {
    ...openTables(),
    input,
    commentsOnEndpoints: !isLargeCluster(input, ports),
    oneOf: remember((count) => statistic(fraction(1, count), 10)),
  };
}

/** The way in by the cluster IP, or its refusal. */
export function addClusterIP({ nat, filter }: Sync, plan: Plan): void {
  const { name, port, cause } = plan;
  if (plan.hasInternalEndpoints) {
    const matches = [comment(`${name} cluster IP`), ...toAddress(plan, port.clusterIP, port.port)];
    nat.rule("KUBE-SERVICES", matches, jump(plan.internalChain), cause);
  } else {
    const [reason, target] = refusal(plan);
    filter.rule("KUBE-SERVICES", [reason, ...toAddress(plan, port.clusterIP, port.port)], target, cause);
  }
}

/** The ways in by external IPs, and their refusals. */
export function addExternalIPs({ nat, filter }: Sync, plan: Plan): void {
  const { name, port, cause } = plan;
  for (const address of port.externalIPs) {
    const toPort = toAddress(plan, address, port.port);
    if (plan.hasEndpoints) {
      nat.rule("KUBE-SERVICES", [comment(`${name} external IP`), ...toPort], jump(plan.ext), cause);
    }
    if (!plan.hasExternalEndpoints) {
      const [reason, target] = refusal(plan);
      filter.rule("KUBE-EXTERNAL-SERVICES", [reason, ...toPort], target, cause);
    }
  }
}

/** The ways in by the addresses of load balancers: through KUBE-FW where source ranges are given. */
export function addLoadBalancerVIPs({ nat }: Sync, plan: Plan): void {
  const { name, port, cause } = plan;
  if (!plan.hasEndpoints) return;
  const target = jump(plan.writesFW ? plan.fw : plan.ext);
  for (const address of port.loadBalancerVIPs) {
    const toPort = toAddress(plan, address, port.port);
    nat.rule("KUBE-SERVICES", [comment(`${name} loadbalancer IP`), ...toPort], target, cause);
  }
}

/** Refuses what comes to the addresses of load balancers and finds no endpoint. */
export function refuseLoadBalancerVIPs({ filter }: Sync, plan: Plan): void {
  const { port, cause } = plan;
  if (plan.hasExternalEndpoints) return;
  const [reason, target] = refusal(plan);
  for (const address of port.loadBalancerVIPs) {
    filter.rule("KUBE-EXTERNAL-SERVICES", [reason, ...toAddress(plan, address, port.port)], target, cause);
  }
}

/** The way in by the node port, and its refusal. */
export function addNodePort({ nat, filter, input }: Sync, plan: Plan): void {
  const { name, port, cause } = plan;
  if (port.nodePort === undefined) return;
  const ofPort = [comment(name), protocol(port.protocol)];
  const toPort = dport(port.nodePort);
  if (plan.hasEndpoints) {
    const { counters, release } = input.config;
    if (counters && isFrom(release, 32) && hasLocalhostNodePorts(input)) {
      const counted: Match = { kind: "nfacct", name: "localhost_nps_accepted_pkts" };
      nat.rule("KUBE-NODEPORTS", [...ofPort, destination("127.0.0.0/8"), toPort, counted], jump(plan.ext), cause);
    }
    nat.rule("KUBE-NODEPORTS", [...ofPort, toPort], jump(plan.ext), cause);
  }
  if (!plan.hasExternalEndpoints) {
    const [reason, target] = refusal(plan);
    const matches = [reason, destinationIsLocal, protocol(port.protocol), toPort];
    filter.rule("KUBE-EXTERNAL-SERVICES", matches, target, cause);
  }
}

/** Lets a load balancer's health checks in. */
export function addHealthCheck({ filter }: Sync, { name, port, cause }: Plan): void {
  if (port.healthCheckNodePort === undefined) return;
  const matches = [comment(`${name} health check node port`), protocol("TCP"), dport(port.healthCheckNodePort)];
  filter.rule("KUBE-NODEPORTS", matches, accept, cause);
}

/** Traffic to the cluster IP that does not come from a pod must find its way back through this node. */
export function addMasquerade({ nat, input }: Sync, plan: Plan): void {
  const { name, port, cause } = plan;
  if (!plan.hasInternalEndpoints) return;
  const matches = [comment(`${name} cluster IP`), ...toAddress(plan, port.clusterIP, port.port)];
  if (input.config.masqueradeAll) {
    nat.rule(plan.internalChain, matches, markForMasquerade, cause);
    return;
  }
  const fromPod = matchPodTraffic(input);
  if (fromPod !== undefined) nat.rule(plan.internalChain, [...matches, not(fromPod)], markForMasquerade, cause);
}

/** KUBE-EXT: where all external traffic goes before its policy decides. */
export function addExternalChain({ nat, input }: Sync, plan: Plan): void {
  const { name, port, ext, svc, cause } = plan;
  if (!plan.writesExternal) return;
  const destinations = `${name} external destinations`;
  if (port.externalTrafficPolicy === "Cluster") {
    nat.rule(ext, [comment(`masquerade traffic for ${destinations}`)], markForMasquerade, cause);
  } else {
    // Pods and the node itself need no local endpoint: they do not come from outside.
    const fromPod = matchPodTraffic(input);
    if (fromPod !== undefined) {
      nat.rule(ext, [comment(`pod traffic for ${destinations}`), fromPod], jump(svc), cause);
    }
    const masquerade = comment(`masquerade LOCAL traffic for ${destinations}`);
    nat.rule(ext, [masquerade, sourceIsLocal], markForMasquerade, cause);
    nat.rule(ext, [comment(`route LOCAL traffic for ${destinations}`), sourceIsLocal], jump(svc), cause);
  }
  if (plan.hasExternalEndpoints) nat.rule(ext, [], jump(plan.externalChain), cause);
}

/** KUBE-FW: lets in who comes from a source range. The rule for all others is the era's own. */
export function addSourceRanges({ nat, input }: Sync, plan: Plan): void {
  const { name, port, ext, fw, cause } = plan;
  const reason = comment(`${name} loadbalancer IP`);
  for (const range of port.sourceRanges) nat.rule(fw, [reason, source(range)], jump(ext), cause);
  if (!coversNode(input, port.sourceRanges)) return;
  // A node that owns the load balancer's address reaches it with that address as its source.
  for (const address of port.loadBalancerVIPs) nat.rule(fw, [reason, source(address)], jump(ext), cause);
}

/** Session affinity, then the choice by chance, in KUBE-SVC or KUBE-SVL. */
export function addBalancing(sync: Sync, plan: Plan, chain: string, endpoints: readonly Endpoint[]): void {
  const { nat } = sync;
  const { name, port } = plan;
  const routes = endpoints.map((endpoint) => ({
    endpoint,
    sep: plan.sepOf(endpoint),
    why: sync.commentsOnEndpoints ? [comment(`${name} -> ${hostPort(endpoint.ip, endpoint.port)}`)] : [],
  }));
  if (port.affinitySeconds !== undefined) {
    for (const { endpoint, sep, why } of routes) {
      const seen: Match = { kind: "recent-check", list: sep, seconds: port.affinitySeconds };
      nat.rule(chain, [...why, seen], jump(sep), { port, endpoint });
    }
  }
  routes.forEach(({ endpoint, sep, why }, position) => {
    const left = routes.length - position;
    const matches = left > 1 ? [...why, sync.oneOf(left)] : why;
    nat.rule(chain, matches, jump(sep), { port, endpoint });
  });
}

/** KUBE-SEP: the translation to one endpoint. */
export function addEndpointChain({ nat, commentsOnEndpoints }: Sync, plan: Plan, endpoint: Endpoint): void {
  const { name, port } = plan;
  const sep = plan.sepOf(endpoint);
  const cause = { port, endpoint };
  const why = commentsOnEndpoints ? [comment(name)] : [];
  // A pod that reaches itself must not see its own address, or it would answer past the translation.
  nat.rule(sep, [...why, source(endpoint.ip)], markForMasquerade, cause);
  const record: readonly Match[] = port.affinitySeconds === undefined ? [] : [{ kind: "recent-set", list: sep }];
  nat.rule(sep, [...why, ...record, protocol(port.protocol)], dnat(endpoint.ip, endpoint.port), cause);
}

/** The match of packets to a port of an address. */
export const toAddress = ({ port }: Plan, address: string, number: number): readonly Match[] => [
  protocol(port.protocol),
  destination(address),
  dport(number),
];

/** REJECT means that nobody could serve the port, DROP that another node could: clients may try again there. */
const refusal = ({ name, hasEndpoints }: Plan) =>
  hasEndpoints
    ? ([comment(`${name} has no local endpoints`), drop] as const)
    : ([comment(`${name} has no endpoints`), reject] as const);
