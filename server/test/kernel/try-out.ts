import { groupBy } from "../../src/core/base/group-by.ts";
import type { Family } from "../../src/core/base/ip.ts";
import type { ProxyInput, ServicePort } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import type { RecentLists } from "../../src/core/cluster/netfilter/packet.ts";
import type { Network } from "./lab.ts";
import { labClients, ownAddresses } from "./lab-map.ts";
import type { Oracle } from "./oracle.ts";
import { describe, type Findings, type Probe, packetOf, probe, sayOutcome, together } from "./probe.ts";
import { addressIn } from "./twin.ts";

/** `few`: each connection must be as predicted. `all`: besides, every predicted endpoint must be met. */
export type Effort = "few" | "all";

/** Tries every client with every address of every port. What is predicted must have been loaded. */
export async function tryOut(lab: Network, oracle: Oracle, input: ProxyInput, effort: Effort): Promise<Findings> {
  const ways = input.servicePorts.flatMap((port) => waysTo(port, input.family));
  const remembers = (request: Probe): boolean =>
    oracle(packetOf(request), new Map()).some(({ recent }) => recent.size > 0);
  const inTurn = ways.filter(remembers);
  const free = [...ways.filter((request) => !inTurn.includes(request)), ...besides(input)];
  return together(
    await Promise.all([
      ...(effort === "all" ? tryAll(lab, oracle, free) : free.map((one) => probe(lab, oracle, new Map(), one))),
      ...[...groupBy(inTurn, ({ from }) => from).values()].map((requests) => tryInTurn(lab, oracle, requests)),
    ]),
  );
}

/** Requests to one address for which the same is predicted meet all its endpoints together. */
function tryAll(lab: Network, oracle: Oracle, requests: readonly Probe[]): readonly Promise<Findings>[] {
  const outcomesOf = (request: Probe): readonly string[] => oracle(packetOf(request), new Map()).map(sayOutcome).sort();
  const alike = groupBy(requests, (one) => [one.protocol, one.ip, one.port, ...outcomesOf(one)].join(" "));
  return [...alike.values()].map(async (group) => {
    const [first] = group;
    const choices = first ? oracle(packetOf(first), new Map()) : [];
    const count = Math.max(3, Math.ceil(connectionsToMeetAll(choices.length) / group.length));
    const all = await Promise.all(group.map((one) => probe(lab, oracle, new Map(), one, count)));
    const found = together(all);
    const met = new Set(all.flatMap((one) => one.met));
    if (first === undefined || choices.length < 2 || found.requests < count || met.size === choices.length)
      return found;
    return { ...found, disagreements: [...found.disagreements, `${describe(first)}: met only ${[...met].join(", ")}`] };
  });
}

/** How many connections miss one of n equally likely endpoints less than once in a thousand million times. */
const connectionsToMeetAll = (n: number): number => (n < 2 ? 3 : Math.ceil(Math.log(1e-9 / n) / Math.log(1 - 1 / n)));

/** What affinity remembers of one request counts for the next; what it remembers of one client never for another. */
async function tryInTurn(lab: Network, oracle: Oracle, requests: readonly Probe[]): Promise<Findings> {
  const all: Findings[] = [];
  let recent: RecentLists = new Map();
  for (const request of requests) {
    const found = await probe(lab, oracle, recent, request);
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
