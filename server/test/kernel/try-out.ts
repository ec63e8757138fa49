import { groupBy } from "../../src/core/base/group-by.ts";
import type { Family } from "../../src/core/base/ip.ts";
import type { ProxyInput, ServicePort } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import type { RecentLists } from "../../src/core/cluster/netfilter/packet.ts";
import type { Network } from "./lab.ts";
import { labClients, ownAddresses } from "./lab-map.ts";
import type { Oracle } from "./oracle.ts";
import { type Effort, type Findings, type Probe, packetOf, probe, together } from "./probe.ts";
import { addressIn } from "./twin.ts";

/** Tries every client with every address of every port. What is predicted must have been loaded. */
export async function tryOut(lab: Network, oracle: Oracle, input: ProxyInput, effort: Effort): Promise<Findings> {
  const ways = input.servicePorts.flatMap((port) => waysTo(port, input.family));
  const remembers = (request: Probe): boolean =>
    oracle(packetOf(request), new Map()).some(({ recent }) => recent.size > 0);
  const inTurn = ways.filter(remembers);
  const free = [...ways.filter((request) => !inTurn.includes(request)), ...besides(input)];
  return together(
    await Promise.all([
      ...free.map((request) => probe(lab, oracle, new Map(), request, effort)),
      ...[...groupBy(inTurn, ({ from }) => from).values()].map((requests) => tryInTurn(lab, oracle, requests)),
    ]),
  );
}

/** What affinity remembers of one request counts for the next; what it remembers of one client never for another. */
async function tryInTurn(lab: Network, oracle: Oracle, requests: readonly Probe[]): Promise<Findings> {
  const all: Findings[] = [];
  let recent: RecentLists = new Map();
  for (const request of requests) {
    const found = await probe(lab, oracle, recent, request, "few");
    all.push(found);
    if (found.disagreements.length > 0) break;
    recent = found.recent;
  }
  return together(all);
}

/** Every client with every address of a port, and the node itself with its node port on localhost. */
function waysTo(
  { protocol, clusterIP, port, externalIPs, loadBalancerVIPs, nodePort }: ServicePort,
  family: Family,
): readonly Probe[] {
  const own = [clusterIP, ...externalIPs, ...loadBalancerVIPs];
  const requests = labClients.flatMap((from) => own.map((ip): Probe => ({ from, protocol, ip, port })));
  if (nodePort === undefined) return requests;
  const toNode = labClients.flatMap((from) =>
    ownAddresses.map((ip): Probe => ({ from, protocol, ip: addressIn(family, ip), port: nodePort })),
  );
  return [...requests, ...toNode, { from: "node", protocol, ip: addressIn(family, "127.0.0.1"), port: nodePort }];
}

/** What is no Service's business, or should be none: other ports and protocols, other addresses, endpoints themselves. */
function besides({ family, servicePorts }: ProxyInput): readonly Probe[] {
  const own = addressIn(family, ownAddresses[0]);
  const requests = servicePorts.flatMap(({ protocol, clusterIP, port, healthCheckNodePort, endpoints }) => [
    { protocol, ip: clusterIP, port: port + 1 },
    // Where a load balancer would be that answers for itself (`ipMode: Proxy`): no node takes what is for it.
    { protocol, ip: addressIn(family, "203.0.113.99"), port },
    ...endpoints.slice(0, 1).map((endpoint) => ({ protocol, ip: endpoint.ip, port: endpoint.port })),
    ...(healthCheckNodePort === undefined ? [] : [{ protocol: "TCP" as const, ip: own, port: healthCheckNodePort }]),
  ]);
  return labClients.flatMap((from) => requests.map((request): Probe => ({ from, ...request })));
}
