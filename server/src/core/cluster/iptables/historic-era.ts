import { contains, hostPort, parseCidr } from "../../base/ip.ts";
import { endpointChain, portChain } from "./chain-names.ts";
import { fraction } from "./fraction.ts";
import { addConstantChains, addJumps, closeTables } from "./historic-frame.ts";
import type { Tables } from "./kubelet-rules.ts";
import { wholeBlock } from "./listing.ts";
import { matchPodTraffic } from "./local-traffic.ts";
import {
  accept,
  comment,
  destination,
  destinationIsLocal,
  dnat,
  dport,
  jump,
  type NegatableMatch,
  not,
  protocol,
  reject,
  source,
  sourceIsLocal,
  statistic,
} from "./matches.ts";
import { nodeAddresses } from "./node-addresses.ts";
import { type Endpoint, isFrom, type ProxyInput } from "./proxy-input.ts";
import type { Match, RuleSet } from "./rule.ts";
import { type Cause, writeTable } from "./rule-set-writer.ts";
import { type NamedPort, orderServicePorts } from "./service-order.ts";
import { distinctEndpoints } from "./used-endpoints.ts";

/**
 * The rules of kube-proxy 1.1 to 1.23: no chains for external traffic or local endpoints, but KUBE-FW for every load
 * balancer address and KUBE-XLB for the external policy Local. The text of 1.2, 1.7 and 1.8 is exact; that of other
 * releases stands on their neighbours and the changelogs.
 */
export function generateHistoricRules(input: ProxyInput): RuleSet {
  const tables = { nat: writeTable("nat"), filter: writeTable("filter") };
  const from = (minor: number): boolean => isFrom(input.config.release, minor);
  const ports = orderServicePorts(input.config.release, input.servicePorts);
  const total = ports.reduce((sum, { port }) => sum + distinctEndpoints(input.node, port.endpoints).length, 0);
  // From 1.12 large clusters save these comments; until 1.16 a slip of the pen saved them everywhere.
  const commentsOnEndpoints = !from(12) || (from(17) && total <= 1000);
  addConstantChains(input, tables);
  for (const named of ports) addPort({ input, from, ...tables, commentsOnEndpoints }, planPort(input, named));
  closeTables(input, tables);
  addJumps(input, tables);
  return {
    family: input.family,
    tables: new Map([
      ["filter", tables.filter.finish()],
      ["nat", tables.nat.finish()],
    ]),
    notes: [],
  };
}

interface Sync extends Tables {
  readonly input: ProxyInput;
  readonly from: (minor: number) => boolean;
  readonly commentsOnEndpoints: boolean;
}

interface Plan extends NamedPort {
  readonly svc: string;
  readonly xlb: string;
  readonly fw: string;
  readonly endpoints: readonly Endpoint[];
  /** `externalTrafficPolicy: Local`, called OnlyLocal when it was an annotation; from 1.5. */
  readonly onlyLocal: boolean;
  readonly cause: Cause;
}

function planPort({ config, node }: ProxyInput, { name, port }: NamedPort): Plan {
  const ready = distinctEndpoints(node, port.endpoints).filter((endpoint) => endpoint.ready);
  const internalLocal = isFrom(config.release, 22) && port.internalTrafficPolicy === "Local";
  return {
    name,
    port,
    svc: portChain("SVC", name, port.protocol),
    xlb: portChain("XLB", name, port.protocol),
    fw: portChain("FW", name, port.protocol),
    endpoints: internalLocal ? ready.filter(({ nodeName }) => nodeName === node.name) : ready,
    onlyLocal: isFrom(config.release, 5) && port.externalTrafficPolicy === "Local",
    cause: { port },
  };
}

/** From 1.10 a port without endpoints has no rules in nat. */
function addPort(sync: Sync, plan: Plan): void {
  const served = plan.endpoints.length > 0;
  const inNat = served || !sync.from(10);
  if (inNat) sync.nat.chain(plan.svc);
  if (plan.onlyLocal) sync.nat.chain(plan.xlb);
  if (inNat) {
    addClusterIP(sync, plan);
    addExternalIPs(sync, plan);
    addLoadBalancerVIPs(sync, plan);
    addNodePort(sync, plan);
  }
  if (!served) addRejections(sync, plan);
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
  } else if (fromPod !== undefined && sync.from(3)) {
    const stranger = [...matches, not(fromPod)];
    nat.rule(masqueradingChain(sync, plan, "KUBE-SERVICES"), stranger, markForMasquerade, cause);
  }
  nat.rule("KUBE-SERVICES", matches, jump(svc), cause);
}

/** Up to 1.21 the chain that dispatches a packet also marks it; later the service's own chain does. */
const masqueradingChain = ({ from }: Sync, { svc }: Plan, dispatching: string): string =>
  from(22) ? svc : dispatching;

function addExternalIPs(sync: Sync, plan: Plan): void {
  const { nat, input } = sync;
  const { name, port, svc, xlb, cause } = plan;
  for (const address of port.externalIPs) {
    const matches = [comment(`${name} external IP`), ...toAddress(sync, plan, address)];
    if (sync.from(19)) {
      if (!plan.onlyLocal) {
        const fromPod = matchPodTraffic(input);
        const strangers = fromPod === undefined ? matches : [...matches, not(fromPod)];
        nat.rule(masqueradingChain(sync, plan, "KUBE-SERVICES"), strangers, markForMasquerade, cause);
      }
      nat.rule("KUBE-SERVICES", matches, jump(plan.onlyLocal ? xlb : svc), cause);
      continue;
    }
    nat.rule("KUBE-SERVICES", matches, markForMasquerade, cause);
    // Neither from a pod, which is told by its bridge, nor from the node itself.
    nat.rule("KUBE-SERVICES", [...matches, not(throughBridge), not(sourceIsLocal)], jump(svc), cause);
    nat.rule("KUBE-SERVICES", [...matches, destinationIsLocal], jump(svc), cause);
  }
}

const throughBridge: NegatableMatch = { kind: "physdev-is-in", negated: false };

function addLoadBalancerVIPs(sync: Sync, plan: Plan): void {
  const { nat, input } = sync;
  const { name, port, svc, xlb, fw, cause } = plan;
  const own = nodeAddresses(input.node, input.family)[0];
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
    if (own !== undefined && port.sourceRanges.some((range) => includes(range, own))) {
      nat.rule(fw, [reason, source(addressText(sync, address))], target, cause);
    }
    nat.rule(fw, [reason], markForDrop, cause);
  }
}

function addNodePort(sync: Sync, plan: Plan): void {
  const { nat, input } = sync;
  const { name, port, svc, xlb, cause } = plan;
  if (port.nodePort === undefined) return;
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

/** Rejections of external traffic came around 1.6, into a chain of their own with 1.10. */
function addRejections(sync: Sync, plan: Plan): void {
  const { filter, from } = sync;
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
  if (from(10)) {
    for (const address of port.loadBalancerVIPs) {
      const chain = from(20) ? external : "KUBE-SERVICES";
      filter.rule(chain, [reason, ...toAddress(sync, plan, address)], reject, cause);
    }
  }
  if (from(6) && port.nodePort !== undefined) {
    const matches = [reason, destinationIsLocal, protocol(port.protocol), dport(port.nodePort)];
    filter.rule(external, matches, reject, cause);
  }
  if (!from(10)) toClusterIP();
}

function addHealthCheck({ filter, from }: Sync, { name, port, cause }: Plan): void {
  if (port.healthCheckNodePort === undefined || !from(20)) return;
  const matches = [comment(`${name} health check node port`), protocol("TCP"), dport(port.healthCheckNodePort)];
  filter.rule("KUBE-NODEPORTS", matches, accept, cause);
}

/** Balancing rules and the endpoints' own rules alternate up to 1.21. */
function addEndpoints(sync: Sync, plan: Plan): void {
  const { nat, from } = sync;
  const { name, port, svc, endpoints } = plan;
  const why = sync.commentsOnEndpoints ? [comment(name)] : [];
  for (const endpoint of endpoints) nat.chain(sepOf(plan, endpoint));
  addAffinity(sync, plan, svc, endpoints, why);
  endpoints.forEach((endpoint, position) => {
    const matches = [...why, ...chanceOf(sync, endpoints.length - position)];
    nat.rule(svc, matches, jump(sepOf(plan, endpoint)), { port, endpoint });
    if (!from(22)) addEndpointChain(sync, plan, endpoint, why);
  });
  if (from(22)) for (const endpoint of endpoints) addEndpointChain(sync, plan, endpoint, why);
}

function addEndpointChain(sync: Sync, plan: Plan, endpoint: Endpoint, why: readonly Match[]): void {
  const { nat } = sync;
  const { port } = plan;
  const sep = sepOf(plan, endpoint);
  nat.rule(sep, [...why, source(addressText(sync, endpoint.ip))], markForMasquerade, { port, endpoint });
  const remember: readonly Match[] = port.affinitySeconds === undefined ? [] : [{ kind: "recent-set", list: sep }];
  const matches = [...why, ...remember, protocol(port.protocol)];
  nat.rule(sep, matches, dnat(endpoint.ip, endpoint.port), { port, endpoint });
}

function addLocalChain(sync: Sync, plan: Plan): void {
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
  const local = plan.endpoints.filter(({ nodeName }) => nodeName === input.node.name);
  if (local.length === 0) nat.rule(xlb, [comment(`${name} has no local endpoints`)], markForDrop, cause);
  if (from(15)) addAffinity(sync, plan, xlb, local, [comment(name)]);
  local.forEach((endpoint, position) => {
    const matches = [comment(`Balancing rule ${position} for ${name}`), ...chanceOf(sync, local.length - position)];
    nat.rule(xlb, matches, jump(sepOf(plan, endpoint)), { port, endpoint });
  });
}

function addAffinity(
  { nat, from }: Sync,
  plan: Plan,
  chain: string,
  endpoints: readonly Endpoint[],
  why: readonly Match[],
): void {
  const { port } = plan;
  if (port.affinitySeconds === undefined) return;
  // The API lets users choose from 1.7; before, the time was fixed: three minutes at first, three hours later.
  const seconds = from(7) ? port.affinitySeconds : from(3) ? 10800 : 180;
  for (const endpoint of endpoints) {
    const list = sepOf(plan, endpoint);
    nat.rule(chain, [...why, { kind: "recent-check", list, seconds }], jump(list), { port, endpoint });
  }
}

/** Five decimals up to 1.15. */
const chanceOf = ({ from }: Sync, left: number): readonly Match[] =>
  left > 1 ? [statistic(fraction(1, left), from(16) ? 10 : 5)] : [];

const markForMasquerade = jump("KUBE-MARK-MASQ");
const markForDrop = jump("KUBE-MARK-DROP");

const sepOf = ({ name, port }: Plan, endpoint: Endpoint): string =>
  endpointChain(name, port.protocol, hostPort(endpoint.ip, endpoint.port));

/** Single addresses are written as blocks up to 1.22. */
const addressText = ({ from }: Sync, address: string): string => (from(23) ? address : wholeBlock(address));

const toAddress = (sync: Sync, { port }: Plan, address: string): readonly Match[] => [
  protocol(port.protocol),
  destination(addressText(sync, address)),
  dport(port.port),
];

function includes(range: string, address: string): boolean {
  const block = parseCidr(range);
  return block !== undefined && contains(block, address);
}
