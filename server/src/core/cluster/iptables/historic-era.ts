import { isLargeCluster } from "../kube-proxy/large-cluster.ts";
import { type Endpoint, isFrom, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import { type NamedPort, orderServicePorts } from "../kube-proxy/service-order.ts";
import { distinctEndpoints } from "../kube-proxy/used-endpoints.ts";
import { portChain } from "./chain-names.ts";
import { addExternalWays, addHealthCheck, addLocalChain, addRejections } from "./historic-external.ts";
import { addConstantChains, addJumps, closeTables } from "./historic-frame.ts";
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
import { comment, dnat, jump, markForMasquerade, not, protocol, source } from "./matches.ts";
import { nodePortMatches } from "./node-port-matches.ts";
import type { Match, RuleSet } from "./rule.ts";
import { finishTables, openTables } from "./rule-set-writer.ts";

/**
 * The rules of kube-proxy up to 1.23: no chains for external traffic or local endpoints, but KUBE-FW for every load
 * balancer address and KUBE-XLB for the external policy Local. The text of 1.2, 1.7, 1.8, 1.17, 1.22 and 1.23 is exact;
 * that of other releases stands on their neighbours and the changelogs.
 */
export function generateHistoricRules(input: ProxyInput): RuleSet {
  const tables = openTables();
  const from = (minor: number): boolean => isFrom(input.config.release, minor);
  const ports = orderServicePorts(input.config.release, input.servicePorts);
  // From 1.12 large clusters save these comments; until 1.16 a slip of the pen saved them everywhere.
  const commentsOnEndpoints = !from(12) || (from(17) && !isLargeCluster(input, ports));
  addConstantChains(input, tables);
  const hasNodePorts = nodePortMatches(input).length > 0;
  for (const named of ports)
    addPort({ input, from, ...tables, commentsOnEndpoints, hasNodePorts }, planPort(input, named));
  closeTables(input, tables);
  addJumps(input, tables);
  return {
    family: input.family,
    tables: finishTables(tables),
    notes: [],
  };
}

function planPort({ config, node }: ProxyInput, { name, port }: NamedPort): Plan {
  const from = (minor: number): boolean => isFrom(config.release, minor);
  const onlyLocal = from(5) && port.externalTrafficPolicy === "Local";
  // The external policy Local kept all other choices of endpoints from being made, that of the internal policy included.
  const internalLocal = from(22) && port.internalTrafficPolicy === "Local" && !onlyLocal;
  const isMeant = ({ nodeName }: Endpoint): boolean => !internalLocal || nodeName === node.name;
  const all = distinctEndpoints(node, port.endpoints).filter(isMeant);
  const ready = all.filter((endpoint) => endpoint.ready);
  return {
    name,
    port,
    svc: portChain("SVC", name, port.protocol),
    xlb: portChain("XLB", name, port.protocol),
    fw: portChain("FW", name, port.protocol),
    // In 1.22 kube-proxy heard of endpoints in any state, and looked at the state too late.
    endpoints: from(22) && !from(23) ? all : ready,
    ready,
    onlyLocal,
    cause: { port },
  };
}

/** From 1.10 a port without endpoints has no rules in nat. */
function addPort(sync: Sync, plan: Plan): void {
  const served = plan.endpoints.length > 0;
  const inNat = served || !sync.from(10);
  if (sync.from(23)) {
    for (const endpoint of plan.endpoints) {
      sync.nat.chain(sepOf(plan, endpoint));
      addEndpointRules(sync, plan, endpoint);
    }
  }
  if (inNat) sync.nat.chain(plan.svc);
  if (plan.onlyLocal) sync.nat.chain(plan.xlb);
  if (inNat) {
    addClusterIP(sync, plan);
    addExternalWays(sync, plan);
  }
  if (!served) addRejections(sync, plan);
  // Up to 1.22, where no address took node ports, kube-proxy left the port at this and went on to the next one.
  if (plan.port.nodePort !== undefined && !sync.hasNodePorts && !sync.from(23)) return;
  addHealthCheck(sync, plan);
  if (!served) return;
  addEndpoints(sync, plan);
  if (plan.onlyLocal) addLocalChain(sync, plan);
}

function addClusterIP(sync: Sync, plan: Plan): void {
  const { nat, input } = sync;
  const { name, port, svc, cause } = plan;
  const matches = [comment(`${name} cluster IP`), ...toAddress(sync, plan, port.clusterIP)];
  const fromPod = matchPodTraffic(input);
  if (input.config.masqueradeAll) {
    nat.rule(masqueradingChain(sync, plan, "KUBE-SERVICES"), matches, markForMasquerade, cause);
  }
  // Up to 1.7 this one is written even where the other already marks everybody.
  const isNeeded = !input.config.masqueradeAll || !sync.from(8);
  if (isNeeded && fromPod !== undefined && sync.from(3)) {
    const stranger = [...matches, not(fromPod)];
    nat.rule(masqueradingChain(sync, plan, "KUBE-SERVICES"), stranger, markForMasquerade, cause);
  }
  nat.rule("KUBE-SERVICES", matches, jump(svc), cause);
}

/**
 * Balancing rules, and the endpoints' own rules: in turn up to 1.21, one after the other in 1.22. From 1.23 on those of the
 * endpoints stand before all else.
 */
function addEndpoints(sync: Sync, plan: Plan): void {
  const { nat, from } = sync;
  const { port, svc, endpoints, ready } = plan;
  const why = commentOnEndpoint(sync, plan);
  if (!from(23)) for (const endpoint of endpoints) nat.chain(sepOf(plan, endpoint));
  addAffinity(sync, plan, svc, endpoints, why);
  ready.forEach((endpoint, position) => {
    const matches = [...why, ...chanceOf(sync, ready.length - position)];
    nat.rule(svc, matches, jump(sepOf(plan, endpoint)), { port, endpoint });
    if (!from(22)) addEndpointRules(sync, plan, endpoint);
  });
  if (from(22) && !from(23)) for (const endpoint of endpoints) addEndpointRules(sync, plan, endpoint);
}

function addEndpointRules(sync: Sync, plan: Plan, endpoint: Endpoint): void {
  const { nat } = sync;
  const { port } = plan;
  const why = commentOnEndpoint(sync, plan);
  const sep = sepOf(plan, endpoint);
  nat.rule(sep, [...why, source(addressText(sync, endpoint.ip))], markForMasquerade, { port, endpoint });
  const remember: readonly Match[] = port.affinitySeconds === undefined ? [] : [{ kind: "recent-set", list: sep }];
  const matches = [...why, ...remember, protocol(port.protocol)];
  nat.rule(sep, matches, dnat(endpoint.ip, endpoint.port), { port, endpoint });
}
