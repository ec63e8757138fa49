import type { ProxyInput } from "../kube-proxy/proxy-input.ts";
import { orderServicePorts } from "../kube-proxy/service-order.ts";
import { findUsedEndpoints, type UsedEndpoints } from "../kube-proxy/used-endpoints.ts";
import { addConstantChains, addJumps, closeTables } from "./current-frame.ts";
import { type Plan, planPort } from "./current-plan.ts";
import {
  addBalancing,
  addClusterIP,
  addEndpointChain,
  addExternalChain,
  addExternalIPs,
  addHealthCheck,
  addLoadBalancerVIPs,
  addMasquerade,
  addNodePort,
  addSourceRanges,
  refuseLoadBalancerVIPs,
  type Sync,
  startSync,
  toAddress,
} from "./current-steps.ts";
import { comment, drop, noTarget } from "./matches.ts";
import type { RuleSet } from "./rule.ts";
import { finishTables } from "./rule-set-writer.ts";

/** The rules of a full sync as kube-proxy 1.26 and later write them; the text has been stable since. */
export function generateCurrentRules(input: ProxyInput): RuleSet {
  const { config, node, family } = input;
  const ports = orderServicePorts(config.release, input.servicePorts);
  const sync = startSync(input, ports);
  addConstantChains(input, sync);
  for (const named of ports) {
    const used = findUsedEndpoints(config.release, node, named.port);
    const plan = planPort(named, used);
    declareChains(sync, plan, used);
    addClusterIP(sync, plan);
    addExternalIPs(sync, plan);
    addLoadBalancerVIPs(sync, plan);
    guardLoadBalancerVIPs(sync, plan);
    refuseLoadBalancerVIPs(sync, plan);
    addNodePort(sync, plan);
    addHealthCheck(sync, plan);
    addMasquerade(sync, plan);
    addExternalChain(sync, plan);
    addFirewallChain(sync, plan);
    if (plan.writesCluster) addBalancing(sync, plan, plan.svc, used.cluster);
    if (plan.writesLocal) addBalancing(sync, plan, plan.svl, used.local);
    for (const endpoint of used.reachable) addEndpointChain(sync, plan, endpoint);
  }
  closeTables(input, sync);
  addJumps(input, sync);
  return {
    family,
    tables: finishTables(sync),
    notes: [],
  };
}

function declareChains({ nat }: Sync, plan: Plan, used: UsedEndpoints): void {
  if (plan.writesExternal) nat.chain(plan.ext);
  if (plan.writesFW) nat.chain(plan.fw);
  if (plan.writesCluster) nat.chain(plan.svc);
  if (plan.writesLocal) nat.chain(plan.svl);
  for (const endpoint of used.reachable) nat.chain(plan.sepOf(endpoint));
}

/** Drops what KUBE-FW has not sent on: it comes to the filter with the address of the load balancer. */
function guardLoadBalancerVIPs({ filter }: Sync, plan: Plan): void {
  const { name, port, fw, cause } = plan;
  if (!plan.writesFW) return;
  const reason = comment(`${name} traffic not accepted by ${fw}`);
  for (const address of port.loadBalancerVIPs) {
    filter.rule("KUBE-PROXY-FIREWALL", [reason, ...toAddress(plan, address, port.port)], drop, cause);
  }
}

function addFirewallChain(sync: Sync, plan: Plan): void {
  const { name, fw, cause } = plan;
  if (!plan.writesFW) return;
  addSourceRanges(sync, plan);
  sync.nat.rule(fw, [comment(`other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL`)], noTarget, cause);
}
