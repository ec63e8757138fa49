import { coversNode } from "../kube-proxy/node-addresses.ts";
import {
  addAffinity,
  addressText,
  chanceOf,
  commentOnEndpoint,
  masqueradingChain,
  type Plan,
  type Sync,
  sepOf,
  toAddress,
} from "./historic-sync.ts";
import { matchPodTraffic } from "./local-traffic.ts";
import {
  accept,
  comment,
  destinationIsLocal,
  dport,
  jump,
  markForDrop,
  markForMasquerade,
  type NegatableMatch,
  not,
  protocol,
  reject,
  source,
  sourceIsLocal,
} from "./matches.ts";

/** The ways into a Service from outside the cluster network, in nat. */
export function addExternalWays(sync: Sync, plan: Plan): void {
  addExternalIPs(sync, plan);
  addLoadBalancerVIPs(sync, plan);
  addNodePort(sync, plan);
}

function addExternalIPs(sync: Sync, plan: Plan): void {
  const { nat, input } = sync;
  const { name, port, svc, xlb, cause } = plan;
  for (const address of port.externalIPs) {
    const matches = [comment(`${name} external IP`), ...toAddress(sync, plan, address)];
    // The policy Local is for external IPs, too, from 1.18 on.
    const isLocal = plan.onlyLocal && sync.from(18);
    const target = jump(isLocal ? xlb : svc);
    if (sync.from(21)) {
      if (!isLocal) {
        const fromPod = matchPodTraffic(input);
        const strangers = fromPod === undefined ? matches : [...matches, not(fromPod)];
        nat.rule(masqueradingChain(sync, plan, "KUBE-SERVICES"), strangers, markForMasquerade, cause);
      }
      nat.rule("KUBE-SERVICES", matches, target, cause);
      continue;
    }
    if (!isLocal) nat.rule("KUBE-SERVICES", matches, markForMasquerade, cause);
    // Neither from a pod, which is told by its bridge, nor from the node itself.
    nat.rule("KUBE-SERVICES", [...matches, not(throughBridge), not(sourceIsLocal)], target, cause);
    nat.rule("KUBE-SERVICES", [...matches, destinationIsLocal], target, cause);
  }
}

const throughBridge: NegatableMatch = { kind: "physdev-is-in", negated: false };

function addLoadBalancerVIPs(sync: Sync, plan: Plan): void {
  const { nat, input } = sync;
  const { name, port, svc, xlb, fw, cause } = plan;
  for (const address of port.loadBalancerVIPs) {
    const reason = comment(`${name} loadbalancer IP`);
    const matches = [reason, ...toAddress(sync, plan, address)];
    if (!sync.from(3)) {
      nat.rule("KUBE-SERVICES", matches, markForMasquerade, cause);
      nat.rule("KUBE-SERVICES", matches, jump(svc), cause);
      continue;
    }
    nat.chain(fw);
    nat.rule("KUBE-SERVICES", matches, jump(fw), cause);
    if (!plan.onlyLocal) nat.rule(fw, [reason], markForMasquerade, cause);
    const target = jump(plan.onlyLocal ? xlb : svc);
    if (port.sourceRanges.length === 0) nat.rule(fw, [reason], target, cause);
    for (const range of port.sourceRanges) nat.rule(fw, [reason, source(range)], target, cause);
    if (coversNode(input, port.sourceRanges)) {
      nat.rule(fw, [reason, source(addressText(sync, address))], target, cause);
    }
    nat.rule(fw, [reason], markForDrop, cause);
  }
}

function addNodePort(sync: Sync, plan: Plan): void {
  const { nat, input } = sync;
  const { name, port, svc, xlb, cause } = plan;
  if (port.nodePort === undefined || !sync.hasNodePorts) return;
  const matches = [comment(name), protocol(port.protocol), dport(port.nodePort)];
  if (!plan.onlyLocal) {
    nat.rule(masqueradingChain(sync, plan, "KUBE-NODEPORTS"), matches, markForMasquerade, cause);
    nat.rule("KUBE-NODEPORTS", matches, jump(svc), cause);
    return;
  }
  if (sync.from(10)) {
    const loopback = source(input.family === "IPv4" ? "127.0.0.0/8" : "::1/128");
    nat.rule("KUBE-NODEPORTS", [...matches, loopback], markForMasquerade, cause);
  }
  nat.rule("KUBE-NODEPORTS", matches, jump(xlb), cause);
}

/**
 * What is refused for want of endpoints. Rejections of external traffic came with 1.6, into a chain of their own with 1.10;
 * load balancers had none until 1.13.
 */
export function addRejections(sync: Sync, plan: Plan): void {
  const { filter, from, hasNodePorts } = sync;
  const { name, port, cause } = plan;
  const reason = comment(`${name} has no endpoints`);
  const toClusterIP = (): void =>
    filter.rule("KUBE-SERVICES", [reason, ...toAddress(sync, plan, port.clusterIP)], reject, cause);
  const external = from(10) ? "KUBE-EXTERNAL-SERVICES" : "KUBE-SERVICES";
  if (from(10)) toClusterIP();
  if (from(6)) {
    for (const address of port.externalIPs) {
      filter.rule(external, [reason, ...toAddress(sync, plan, address)], reject, cause);
    }
  }
  if (from(13)) {
    for (const address of port.loadBalancerVIPs) {
      const chain = from(20) ? external : "KUBE-SERVICES";
      filter.rule(chain, [reason, ...toAddress(sync, plan, address)], reject, cause);
    }
  }
  if (from(6) && port.nodePort !== undefined && hasNodePorts) {
    const matches = [reason, destinationIsLocal, protocol(port.protocol), dport(port.nodePort)];
    filter.rule(external, matches, reject, cause);
  }
  if (!from(10)) toClusterIP();
}

/** Lets health checks of a load balancer in; from 1.20. */
export function addHealthCheck({ filter, from }: Sync, { name, port, cause }: Plan): void {
  if (port.healthCheckNodePort === undefined || !from(20)) return;
  const matches = [comment(`${name} health check node port`), protocol("TCP"), dport(port.healthCheckNodePort)];
  filter.rule("KUBE-NODEPORTS", matches, accept, cause);
}

/** KUBE-XLB: endpoints of the node for strangers, those of the cluster for pods. */
export function addLocalChain(sync: Sync, plan: Plan): void {
  const { nat, from, input } = sync;
  const { name, port, svc, xlb, cause } = plan;
  const fromPod = matchPodTraffic(input);
  if (fromPod !== undefined) {
    const redirect = comment("Redirect pods trying to reach external loadbalancer VIP to clusterIP");
    nat.rule(xlb, [redirect, fromPod], jump(svc), cause);
  }
  if (from(15)) {
    nat.rule(xlb, [comment(`masquerade LOCAL traffic for ${name} LB IP`), sourceIsLocal], markForMasquerade, cause);
    const route = comment(`route LOCAL traffic for ${name} LB IP to service chain`);
    nat.rule(xlb, [route, sourceIsLocal], jump(svc), cause);
  }
  const local = plan.ready.filter(({ nodeName }) => nodeName === input.node.name);
  if (local.length === 0) nat.rule(xlb, [comment(`${name} has no local endpoints`)], markForDrop, cause);
  // From 1.23 on what leads to endpoints says the same in all chains.
  const alike = from(23) ? commentOnEndpoint(sync, plan) : undefined;
  if (from(7)) addAffinity(sync, plan, xlb, local, alike ?? [comment(name)]);
  local.forEach((endpoint, position) => {
    const why = alike ?? [comment(`Balancing rule ${position} for ${name}`)];
    const matches = [...why, ...chanceOf(sync, local.length - position)];
    nat.rule(xlb, matches, jump(sepOf(plan, endpoint)), { port, endpoint });
  });
}
