import { familyOf } from "../../base/ip.ts";
import type { DocumentUri } from "../../base/source.ts";
import { filesBelow, manifestsOf, rootOf } from "../../workspace/snapshot.ts";
import type { Cluster } from "../cluster.ts";
import { type Fraction, fraction, multiply } from "../iptables/fraction.ts";
import { type Client, findClient } from "./client.ts";
import { type Destination, resolveDestination } from "./destination.ts";
import { findEntry, nodesWithoutEndpoint } from "./entry.ts";
import { packetSteps, stopStep } from "./packet-steps.ts";
import type { RequestError, SimulatedRequest } from "./request.ts";
import type { Stop } from "./stop-reason.ts";
import { findPort } from "./stops.ts";
import type { Note, ReachedEndpoint, Step, Trace, Way } from "./trace.ts";
import { type Journey, travel } from "./travel.ts";
import { ownerOf, type World, worldFrom } from "./world.ts";

/**
 * Follows one request through the cluster around a text: name, rules, endpoints, and what the client observes. Packets
 * walk the rules that kube-proxy would write; chance appears as odds.
 * @returns an error for a source that is not there, never for a destination: that one fails inside of the trace
 */
export function simulate(cluster: Cluster, from: DocumentUri, request: SimulatedRequest): Trace | RequestError {
  const world = worldFrom(cluster, from);
  const client = findClient(world, request.source);
  if ("error" in client) return client;
  const destination = resolveDestination(world, client, request);
  const share = fraction(1, Math.max(1, destination.targets.length));
  const journeys = destination.targets.flatMap((target) =>
    travel(world, client, request.protocol, target).map((way) => ({ ...way, odds: multiply(share, way.odds) })),
  );
  const ways = journeys.map(({ odds, end }): Way => ({ odds, end: end.kind === "endpoint" ? { ...end, odds } : end }));
  const endpoints = ways.flatMap(({ end }) => (end.kind === "endpoint" ? [end] : []));
  const stop = destination.stop ?? likeliestStop(ways);
  return {
    request,
    client,
    port: destination.port,
    verdict: stop?.verdict ?? "delivered",
    stop,
    steps: [
      ...destination.steps,
      ...sourceSteps(world, client, request, destination),
      ...packetSteps(journeys, ways, destination.targets.length),
      ...(destination.stop ? [stopStep(destination.stop)] : []),
    ],
    ways,
    endpoints,
    clientAddressSeen: likeliest(endpoints)?.seen,
    notes: [
      ...modeNotes(world, journeys),
      ...destination.notes,
      ...nodeNotes(world, client, journeys),
      ...policyNotes(world, endpoints),
    ],
  };
}

function likeliestStop(ways: readonly Way[]): Stop | undefined {
  const stops = ways.flatMap(({ odds, end }) => (end.kind === "stop" ? [{ odds, end }] : []));
  return likeliest(stops)?.end;
}

/** Of equally likely ones, the first. */
function likeliest<Item extends { readonly odds: Fraction }>([first, ...others]: readonly Item[]): Item | undefined {
  let best = first;
  for (const item of others) if (best && isMore(item.odds, best.odds)) best = item;
  return best;
}

const isMore = (a: Fraction, b: Fraction): boolean => a.numerator * b.denominator > b.numerator * a.denominator;

/** Whence a packet comes: the client's address, and from outside the node that it reaches first. */
function sourceSteps(
  world: World,
  client: Client,
  { protocol }: SimulatedRequest,
  { targets: [target] }: Destination,
): readonly Step[] {
  if (target === undefined) return [];
  const { ip } = target.address;
  const address = client.addresses.find((own) => familyOf(own.ip) === familyOf(ip));
  if (address === undefined) return [];
  const leaves: Step = { at: "source", kind: "leaves", address, node: client.node, because: client.because };
  const entry =
    client.kind === "external" ? findEntry(world, ownerOf(world, ip), { ip, port: target.port, protocol }) : undefined;
  if (entry === undefined || "kind" in entry) return [leaves];
  return [leaves, { at: "source", kind: "enters", node: entry.node, why: entry.why, because: undefined }];
}

function modeNotes({ profile }: World, journeys: readonly Journey[]): readonly Note[] {
  const { mode } = profile.proxy;
  return mode !== "iptables" && journeys.some(({ hops }) => hops.length > 0) ? [{ kind: "proxy-mode", mode }] : [];
}

/** What other nodes would have done, and what the rules of Services cannot show. */
function nodeNotes(world: World, client: Client, journeys: readonly Journey[]): readonly Note[] {
  const notes: Note[] = [];
  const chosen = journeys.filter(({ end }) => end.kind === "endpoint" && end.chain !== undefined);
  const steps = chosen.flatMap(({ hops }) => hops.flatMap((hop) => hop.steps));
  const port = steps.find(({ rule }) => rule.port !== undefined)?.rule.port;
  const found = port && findPort(world, port);
  if (found && client.kind === "external") {
    const nodes = nodesWithoutEndpoint(world, found.served, ({ resolution }) => resolution.port === found.port);
    if (nodes.length > 0) notes.push({ kind: "nodes-without-endpoint", nodes, served: found.served });
  }
  const detour = journeys.find(({ hops }) => hops.length > 1)?.hops[1];
  if (detour && client.pod && !client.onHost) notes.push({ kind: "plugin-may-masquerade", node: detour.node });
  const outside = journeys.some(
    ({ end }) => end.kind === "endpoint" && end.route === "outside" && !end.seen?.translated,
  );
  if (outside && client.pod && !client.onHost) notes.push({ kind: "plugin-masquerades-outside" });
  return notes;
}

/** NetworkPolicies of the namespaces where a request arrives. */
function policyNotes({ cluster, from }: World, endpoints: readonly ReachedEndpoint[]): readonly Note[] {
  const namespaces = new Set(endpoints.flatMap(({ pod }) => (pod ? [pod.key.namespace] : [])));
  const notes = new Map<string, Note>();
  if (namespaces.size === 0) return [];
  for (const manifest of manifestsOf(filesBelow(cluster.snapshot, rootOf(cluster.snapshot, from)))) {
    const namespace = manifest.namespace.value;
    if (manifest.kind.value !== "NetworkPolicy" || !namespaces.has(namespace) || notes.has(namespace)) continue;
    notes.set(namespace, { kind: "network-policy", namespace, because: manifest.name.range });
  }
  return [...notes.values()];
}
