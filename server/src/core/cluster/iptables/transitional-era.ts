import type { ProxyInput } from "../kube-proxy/proxy-input.ts";
import { type NamedPort, orderServicePorts } from "../kube-proxy/service-order.ts";
import { findUsedEndpoints, type UsedEndpoints, usesLocalEndpoints } from "../kube-proxy/used-endpoints.ts";
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
} from "./current-steps.ts";
import { addConstantChains, addJumps, closeTables } from "./historic-frame.ts";
import { comment, markForDrop } from "./matches.ts";
import { nodePortMatches } from "./node-port-matches.ts";
import type { RuleSet } from "./rule.ts";
import { finishTables } from "./rule-set-writer.ts";

/**
 * The rules of kube-proxy 1.24, which has today's chains in the frame of its predecessors: what may not pass is marked
 * in nat and dropped by the kubelet's rule, a chain without local endpoints included. The text is exact.
 */
export function generateTransitionalRules(input: ProxyInput): RuleSet {
  const { config, node, family } = input;
  const ports = orderServicePorts(config.release, input.servicePorts);
  const sync = startSync(input, ports);
  const hasNodePorts = nodePortMatches(input).length > 0;
  addConstantChains(input, sync);
  for (const named of ports) {
    const used = findUsedEndpoints(config.release, node, named.port);
    const plan = planOf(named, used);
    declareChains(sync, plan, used);
    for (const endpoint of used.reachable) addEndpointChain(sync, plan, endpoint);
    addExternalChain(sync, plan);
    addMasquerade(sync, plan);
    addClusterIP(sync, plan);
    addExternalIPs(sync, plan);
    addFirewallChain(sync, plan);
    addLoadBalancerVIPs(sync, plan);
    refuseLoadBalancerVIPs(sync, plan);
    if (hasNodePorts) addNodePort(sync, plan);
    addHealthCheck(sync, plan);
    if (plan.writesCluster) addBalancing(sync, plan, plan.svc, used.cluster);
    if (plan.writesLocal) addLocalChain(sync, plan, used);
  }
  closeTables(input, sync);
  addJumps(input, sync);
  return {
    family,
    tables: finishTables(sync),
    notes: [],
  };
}

/** As long as any node has an endpoint, all ways lead into the chains; that of local endpoints may have none. */
function planOf(named: NamedPort, used: UsedEndpoints): Plan {
  return {
    ...planPort(named, used),
    hasInternalEndpoints: used.any,
    hasExternalEndpoints: used.any,
    writesLocal: used.any && usesLocalEndpoints(named.port),
  };
}

function declareChains({ nat }: Sync, plan: Plan, used: UsedEndpoints): void {
  for (const endpoint of used.reachable) nat.chain(plan.sepOf(endpoint));
  if (plan.writesCluster) nat.chain(plan.svc);
  if (plan.writesLocal) nat.chain(plan.svl);
  if (plan.writesExternal) nat.chain(plan.ext);
  if (plan.writesFW) nat.chain(plan.fw);
}

function addFirewallChain(sync: Sync, plan: Plan): void {
  const { name, fw, cause } = plan;
  if (!plan.writesFW) return;
  addSourceRanges(sync, plan);
  sync.nat.rule(fw, [comment(`${name} loadbalancer IP`)], markForDrop, cause);
}

function addLocalChain(sync: Sync, plan: Plan, { local }: UsedEndpoints): void {
  const { name, svl, cause } = plan;
  if (local.length > 0) addBalancing(sync, plan, svl, local);
  else sync.nat.rule(svl, [comment(`${name} has no local endpoints`)], markForDrop, cause);
}
