import type { DocumentUri } from "../../base/source.ts";
import type { Cluster } from "../cluster.ts";
import { schedulers } from "../ipvs/scheduler.ts";
import { type Fraction, fraction, multiply } from "../netfilter/fraction.ts";
import { isUncounted } from "../pods.ts";
import { stagesOf } from "./balancer.ts";
import { type Client, findClient } from "./client.ts";
import { type Destination, resolveDestination } from "./destination.ts";
import { distinctPassings, passing } from "./ends.ts";
import { findEntry, nodesWithoutEndpoint } from "./entry.ts";
import { fillRequest } from "./environment.ts";
import { type PolicedJourney, packetSteps, stopStep } from "./packet-steps.ts";
import { checkLookup, checkPolicies, rangeOfCheck, stopAtPolicy } from "./policies.ts";
import type { Attempt } from "./policy-peers.ts";
import { replyTo } from "./reply.ts";
import type { RequestError, SimulatedRequest, TypedRequest } from "./request.ts";
import type { Stop } from "./stop-reason.ts";
import { findPort, stop } from "./stops.ts";
import { topologyNotes } from "./topology-notes.ts";
import { type Note, reachedEndpoint, type Step, type Trace, type Way } from "./trace.ts";
import { type Journey, travel } from "./travel.ts";
import { ownerOf, type World, worldFrom } from "./world.ts";

/**
 * Follows one request through the cluster around a text: name, rules, endpoints, and what the client observes. Packets
 * walk the rules that kube-proxy would write; chance appears as odds.
 * @returns an error for a source that is not there, and for variables that make no destination; else a destination fails
 *   inside of the trace
 */
export function simulate(cluster: Cluster, from: DocumentUri, typed: TypedRequest): Trace | RequestError {
  const world = worldFrom(cluster, from);
  const client = findClient(world, typed.source);
  if ("error" in client) return client;
  const filled = fillRequest(world, client, typed);
  if ("error" in filled) return filled;
  const { request } = filled;
  const destination = filled.stop ? nowhere(filled.stop) : lookUp(world, client, request);
  const share = fraction(1, Math.max(1, destination.targets.length));
  const journeys = destination.targets.flatMap((target) =>
    travel(world, client, request.protocol, target).map((way) => {
      const policed = passPolicies(world, { client, protocol: request.protocol, called: target, way });
      return { ...policed, odds: multiply(share, way.odds) };
    }),
  );
  const ways = journeys.map(({ odds, end }): Way => ({ odds, end: withOdds(end, odds) }));
  const endpoints = ways.flatMap(({ end }) => (end.kind === "endpoint" ? [end] : []));
  const ended = destination.stop ?? likeliestStop(ways);
  return {
    request,
    client,
    port: destination.port,
    verdict: ended?.verdict ?? "delivered",
    stop: ended,
    steps: [
      ...filled.steps,
      // Where an address has been filled in, there is no name.
      ...destination.steps.filter((step) => filled.steps.length === 0 || step.at !== "dns" || step.kind !== "literal"),
      ...sourceSteps(world, client, request, destination, journeys),
      ...packetSteps(journeys, ways, destination.targets.length),
      ...(destination.stop ? [stopStep(destination.stop)] : []),
    ],
    ways,
    endpoints,
    clientAddressSeen: likeliest(endpoints)?.seen,
    notes: [
      ...modeNotes(journeys),
      ...topologyNotes(world, journeys),
      ...destination.notes,
      ...countNotes(destination),
      ...nodeNotes(world, client, journeys),
      ...foreignPolicyNotes(world, client, ways),
    ],
  };
}

/** A request that has no destination. */
const nowhere = (ended: Stop): Destination => ({ steps: [], targets: [], port: undefined, stop: ended, notes: [] });

function withOdds(end: Way["end"], odds: Fraction): Way["end"] {
  if (end.kind === "endpoint") return { ...end, odds };
  const { reason } = end;
  return reason.kind === "network-policy" && reason.endpoint
    ? { ...end, reason: { ...reason, endpoint: { ...reason.endpoint, odds } } }
    : end;
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
  journeys: readonly Journey[],
): readonly Step[] {
  const start = journeys[0]?.start;
  if (target === undefined || start === undefined) return [];
  const { ip } = target.address;
  const { address } = start.source;
  const packets = distinctPassings(journeys.flatMap((journey) => (journey.start ? [passing(journey.start)] : [])));
  const leaves: Step = { at: "source", kind: "leaves", address, node: client.node, packets, because: client.because };
  const entry =
    client.kind === "external" ? findEntry(world, ownerOf(world, ip), { ip, port: target.port, protocol }) : undefined;
  if (entry === undefined || "kind" in entry) return [leaves];
  return [leaves, { at: "source", kind: "enters", node: entry.node, why: entry.why, packets, because: undefined }];
}

function modeNotes(journeys: readonly Journey[]): readonly Note[] {
  const steps = journeys.flatMap(({ hops }) => hops.flatMap((hop) => hop.steps));
  const server = steps.find((step) => step.tool === "ipvs" && "scheduler" in step.matched)?.matched;
  if (server !== undefined && "scheduler" in server && server.realServers.length > 1) {
    const basis = schedulers[server.scheduler];
    return basis === "turns" || basis === "load" ? [] : [{ kind: "scheduler", scheduler: server.scheduler, basis }];
  }
  return steps.some((step) => step.tool === "userspace" && step.action.kind === "reject")
    ? [{ kind: "closed-at-once" }]
    : [];
}

/** Workloads behind the Service of which nobody knows the number of pods, where no dump tells the endpoints. */
function countNotes({ targets }: Destination): readonly Note[] {
  const workloads = targets.flatMap(({ via }) => {
    const endpoints = via?.resolution.endpoints;
    const isSimulated = via?.ports.some((port) => port.endpoints.some(({ address }) => address.origin === "simulated"));
    return isSimulated && endpoints?.kind === "selected" ? endpoints.pods.filter(isUncounted) : [];
  });
  return [...new Set(workloads.map(({ workload }) => workload))].map((workload) => ({
    kind: "uncounted-pods",
    workload,
  }));
}

/** What other nodes would have done, and what the rules of Services cannot show. */
function nodeNotes(world: World, client: Client, journeys: readonly Journey[]): readonly Note[] {
  const notes: Note[] = [];
  const chosen = journeys.filter(({ end }) => end.kind === "endpoint" && end.chain !== undefined);
  const steps = chosen.flatMap(({ hops }) => hops.flatMap((hop) => hop.steps));
  const port = steps.find((step) => step.port !== undefined)?.port;
  const found = port && findPort(world, port);
  const { mode } = world.profile.proxy;
  if (found && client.kind === "external") {
    const nodes = nodesWithoutEndpoint(world, found.served, ({ resolution }) => resolution.port === found.port);
    if (nodes.length > 0)
      notes.push({ kind: "nodes-without-endpoint", nodes, served: found.served, astray: mode === "ipvs" });
  }
  const balanced = journeys.flatMap(({ hops }) => hops.flatMap((hop) => hop.balanced ?? []))[0];
  if (balanced) notes.push({ kind: "balancer", served: balanced.served });
  const elsewhere = client.pod && !client.onHost ? nodeCalled(client, journeys) : undefined;
  if (elsewhere !== undefined) notes.push({ kind: "plugin-may-masquerade", node: elsewhere });
  const outside = journeys.some(
    ({ end }) => end.kind === "endpoint" && end.route === "outside" && !end.seen?.translated,
  );
  const leaves = outside || (balanced !== undefined && journeys.some(({ hops }) => hops.length > 1));
  if (leaves && client.pod && !client.onHost) notes.push({ kind: "plugin-masquerades-outside" });
  return notes;
}

/** Another node that the client's packets go to by its own address, and arrive at with the client's. */
function nodeCalled(client: Client, journeys: readonly Journey[]): string | undefined {
  const detour = journeys.find(({ hops }) => hops.length > 1)?.hops[1];
  if (detour !== undefined) return detour.balanced ? undefined : detour.node;
  for (const { end } of journeys) {
    if (end.kind !== "endpoint" || !end.pod?.key.hostNetwork || end.seen?.translated) continue;
    if (end.node !== client.node) return end.node;
  }
  return undefined;
}

/** Looks the name up, which NetworkPolicies may not let the client do. */
function lookUp(world: World, client: Client, request: SimulatedRequest): Destination {
  const destination = resolveDestination(world, client, request);
  const asked = destination.steps.find((step) => step.at === "dns" && step.kind === "search-path");
  if (asked?.at !== "dns" || asked.kind !== "search-path" || asked.path.server !== "cluster") return destination;
  const check = checkLookup(world, client);
  const because = check && rangeOfCheck(check);
  if (check?.answer.kind === "blocked") {
    const ended = stop("dropped", { kind: "dns-policy", check }, because);
    return { ...nowhere(ended), steps: [asked] };
  }
  if (check?.answer.kind !== "unknown" || because === undefined) return destination;
  return { ...destination, notes: [...destination.notes, { kind: "policy-may-block-dns", because }] };
}

/** A way that NetworkPolicies do not let through ends with them. */
function passPolicies(world: World, attempt: Attempt): PolicedJourney {
  const { way } = attempt;
  const checks = stagesOf(attempt).flatMap((stage) => checkPolicies(world, stage));
  const reply = way.end.kind === "endpoint" ? replyTo(attempt.client, way) : undefined;
  return { ...way, checks, reply, end: stopAtPolicy(checks, way.end) ?? way.end };
}

function foreignPolicyNotes(world: World, { pod: sender }: Client, ways: readonly Way[]): readonly Note[] {
  const receivers = ways.flatMap(({ end }) => reachedEndpoint(end)?.pod ?? []);
  const namespaces = new Set([...(sender ? [sender] : []), ...receivers].map(({ key }) => key.namespace));
  const notes = new Map<string, Note>();
  for (const { kind, apiVersion, namespace, name } of world.view.foreignPolicies) {
    const [group = ""] = apiVersion.value.split("/");
    // As kubectl tells kinds of one name apart.
    const policyKind = kind.value === "NetworkPolicy" ? `${kind.value}.${group}` : kind.value;
    const isNear = namespace.origin === "default" || namespaces.has(namespace.value);
    if (namespaces.size === 0 || !isNear || notes.has(policyKind)) continue;
    notes.set(policyKind, { kind: "foreign-policy", policyKind, because: name.range });
  }
  return [...notes.values()];
}
