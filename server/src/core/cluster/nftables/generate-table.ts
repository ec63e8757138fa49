import { remember } from "../../base/once.ts";
import { decidePort, type PortDecisions } from "../kube-proxy/decide-port.ts";
import { coversNode } from "../kube-proxy/node-addresses.ts";
import { type Endpoint, masqueradeMark, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import { type NamedPort, orderServicePorts } from "../kube-proxy/service-order.ts";
import { findUsedEndpoints, type UsedEndpoints } from "../kube-proxy/used-endpoints.ts";
import { protocolToken } from "../netfilter/packet.ts";
import { addFrame } from "./frame.ts";
import { type EndpointNames, endpointNames, hashedChain, hashedPort, type PortChain } from "./names.ts";
import { matchPodTraffic } from "./pod-traffic.ts";
import { checksAfterDnat, isDirect, isInlined, noteRelease } from "./releases.ts";
import {
  address,
  addressIn,
  dnat,
  dport,
  drop,
  goto,
  inSet,
  isLocal,
  jump,
  noTarget,
  not,
  protocol,
  setMark,
} from "./statements.ts";
import type { Choice, NftMatch, NftTable } from "./table.ts";
import { causeOf, type RuleTraits, type TableWriter, writeTable } from "./table-writer.ts";

/**
 * The table that kube-proxy in nftables mode writes on one node for one address family. Deterministic, and independent
 * of the order of Services. The layout follows the release in the configuration; where another release's text stands
 * in, {@link NftTable.notes} says so.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/nftables/proxier.go `syncProxyRules`
 */
export function generateTable(input: ProxyInput): NftTable {
  const { config, node, family } = input;
  const table = writeTable(family);
  addFrame(input, table);
  for (const named of orderServicePorts(config.release, input.servicePorts)) {
    const used = findUsedEndpoints(config.release, node, named.port);
    const sync: Sync = {
      ...named,
      ...decidePort(named.port, used),
      input,
      table,
      used,
      hashed: hashedPort(named.port),
      namesOf: remember((endpoint) => endpointNames(named.port, endpoint)),
    };
    declareChains(sync);
    addElements(sync);
    addMasquerade(sync);
    addExternalChain(sync);
    addFirewallChain(sync);
    if (sync.writesCluster) addBalancing(sync, chainOf(sync, "service"), used.cluster);
    if (sync.writesLocal) addBalancing(sync, chainOf(sync, "local"), used.local);
    if (hasEndpointChains(sync)) for (const endpoint of used.reachable) addEndpointChain(sync, endpoint);
  }
  return table.finish(noteRelease(config));
}

/** Everything about one service port while its part of the table is written. */
interface Sync extends NamedPort, PortDecisions {
  readonly input: ProxyInput;
  readonly table: TableWriter;
  readonly used: UsedEndpoints;
  /** What the port's chains are called after, and the names of each endpoint. */
  readonly hashed: string;
  readonly namesOf: (endpoint: Endpoint) => EndpointNames;
}

const chainOf = ({ hashed }: Sync, kind: PortChain): string => hashedChain(kind, hashed);

const hasFirewall = ({ port }: Sync): boolean => port.loadBalancerVIPs.length > 0 && port.sourceRanges.length > 0;

/** From 1.36 only session affinity needs chains for endpoints. */
const hasEndpointChains = ({ input, port }: Sync): boolean =>
  port.affinitySeconds !== undefined || !isInlined(input.config.release);

function declareChains(sync: Sync): void {
  const { table, port, input, used, ...decisions } = sync;
  for (const endpoint of used.reachable) {
    if (hasEndpointChains(sync)) table.chain(sync.namesOf(endpoint).chain, { port });
    if (isInlined(input.config.release) && endpoint.nodeName === input.node.name) {
      const key = [endpoint.ip, endpoint.ip, protocolToken(port.protocol), String(endpoint.port)];
      table.element("hairpin-connections", key, undefined, { port, endpoint });
    }
  }
  if (decisions.writesCluster) table.chain(chainOf(sync, "service"), { port });
  if (decisions.writesLocal) table.chain(chainOf(sync, "local"), { port });
  if (decisions.writesExternal) table.chain(chainOf(sync, "external"), { port });
  if (hasFirewall(sync)) table.chain(chainOf(sync, "firewall"), { port });
  if (port.affinitySeconds === undefined) return;
  for (const endpoint of used.reachable) {
    table.set(sync.namesOf(endpoint).affinitySet, ["address"], { port, timeout: port.affinitySeconds });
  }
}

/** The ways in: cluster IP, external addresses, node port; and what becomes of them without endpoints. */
function addElements(sync: Sync): void {
  const { table, port, name } = sync;
  // Reject means that nobody could serve the port, drop that another node could: clients may try again there.
  const refusal = sync.hasEndpoints ? drop : goto("reject-chain");
  const keyOf = (ip: string): readonly string[] => [ip, protocolToken(port.protocol), String(port.port)];
  const refuse = (map: string, key: readonly string[]): void =>
    table.element(map, key, refusal, { port, comment: name });
  const external = goto(chainOf(sync, "external"));

  table.element("cluster-ips", [port.clusterIP], undefined, { port });
  if (sync.hasInternalEndpoints) {
    const chain = chainOf(sync, sync.internalLocal ? "local" : "service");
    table.element("service-ips", keyOf(port.clusterIP), goto(chain), { port });
  } else refuse("no-endpoint-services", keyOf(port.clusterIP));
  for (const ip of [...port.externalIPs, ...port.loadBalancerVIPs]) {
    if (sync.hasEndpoints) table.element("service-ips", keyOf(ip), external, { port });
    if (!sync.hasExternalEndpoints) refuse("no-endpoint-services", keyOf(ip));
  }
  if (hasFirewall(sync)) {
    for (const ip of port.loadBalancerVIPs) {
      table.element("firewall-ips", keyOf(ip), goto(chainOf(sync, "firewall")), { port });
    }
  }
  if (port.nodePort === undefined) return;
  const key = [protocolToken(port.protocol), String(port.nodePort)];
  if (sync.hasEndpoints) table.element("service-nodeports", key, external, { port });
  if (!sync.hasExternalEndpoints) refuse("no-endpoint-nodeports", key);
}

/** Marks what matches for masquerading, in the place itself or by a jump. */
function mark({ input, table }: Sync, chain: string, matches: readonly NftMatch[], traits: RuleTraits): void {
  if (isInlined(input.config.release)) {
    table.rule(chain, matches, noTarget, { ...traits, effects: [setMark(masqueradeMark(input))] });
  } else table.rule(chain, matches, jump("mark-for-masquerade"), traits);
}

/** Up to 1.35 each Service marks traffic to its cluster IP that does not come from a pod. */
function addMasquerade(sync: Sync): void {
  const { input, port } = sync;
  const { release, masqueradeAll } = input.config;
  if (!sync.hasInternalEndpoints || isInlined(release)) return;
  const toPort = checksAfterDnat(release) ? [] : [dport(port.protocol, port.port)];
  const matches = [address("destination", port.clusterIP), ...toPort];
  const fromPod = matchPodTraffic(input);
  const chain = chainOf(sync, sync.internalLocal ? "local" : "service");
  if (masqueradeAll) mark(sync, chain, matches, { port });
  else if (fromPod !== undefined) mark(sync, chain, [...matches, not(fromPod)], { port });
}

function addExternalChain(sync: Sync): void {
  const { input, table, port } = sync;
  if (!sync.writesExternal) return;
  const chain = chainOf(sync, "external");
  const service = goto(chainOf(sync, "service"));
  if (sync.externalLocal) {
    // Pods and the node itself need no local endpoint: they do not come from outside.
    const fromPod = matchPodTraffic(input);
    if (fromPod !== undefined) table.rule(chain, [fromPod], service, { port, comment: "short-circuit pod traffic" });
    mark(sync, chain, [isLocal("source")], { port, comment: "masquerade local traffic" });
    table.rule(chain, [isLocal("source")], service, { port, comment: "short-circuit local traffic" });
  } else mark(sync, chain, [], isInlined(input.config.release) ? { port, comment: "masquerade" } : { port });
  if (sync.hasExternalEndpoints) {
    table.rule(chain, [], sync.externalLocal ? goto(chainOf(sync, "local")) : service, { port });
  }
}

function addFirewallChain(sync: Sync): void {
  const { input, table, port } = sync;
  if (!hasFirewall(sync)) return;
  // A node that owns the load balancer's address reaches it with that address as its source.
  const own = coversNode(input, port.sourceRanges) ? port.loadBalancerVIPs : [];
  const allowed = addressIn("source", [...port.sourceRanges, ...own]);
  table.rule(chainOf(sync, "firewall"), [not(allowed)], drop, { port });
}

function addBalancing(sync: Sync, chain: string, endpoints: readonly Endpoint[]): void {
  const { input, table, port } = sync;
  const toChain = hasEndpointChains(sync);
  if (port.affinitySeconds !== undefined) {
    for (const endpoint of endpoints) {
      const seen = inSet(sync.namesOf(endpoint).affinitySet, "source");
      table.rule(chain, [seen], goto(sync.namesOf(endpoint).chain), { port, endpoint });
    }
  }
  const ofProtocol = toChain ? [] : [protocol(port.protocol)];
  const choices = endpoints.map((endpoint): Choice => {
    const target = toChain ? goto(sync.namesOf(endpoint).chain) : dnat(endpoint.ip, endpoint.port);
    return { target, ...causeOf({ port, endpoint }) };
  });
  const [only, ...others] = choices;
  if (only?.endpoint && others.length === 0 && !toChain && isDirect(input.config.release)) {
    table.rule(chain, ofProtocol, only.target, { port, endpoint: only.endpoint });
  } else table.rule(chain, ofProtocol, { kind: "random", choices }, { port });
}

function addEndpointChain(sync: Sync, endpoint: Endpoint): void {
  const { input, table, port } = sync;
  const chain = sync.namesOf(endpoint).chain;
  const traits = { port, endpoint };
  if (!isInlined(input.config.release)) {
    // A pod that reaches itself must not see its own address, or it would answer past the translation.
    mark(sync, chain, [address("source", endpoint.ip)], traits);
  }
  if (port.affinitySeconds !== undefined) {
    const effects = [{ kind: "remember", set: sync.namesOf(endpoint).affinitySet }] as const;
    table.rule(chain, [], noTarget, { ...traits, effects });
  }
  table.rule(chain, [protocol(port.protocol)], dnat(endpoint.ip, endpoint.port), traits);
}
