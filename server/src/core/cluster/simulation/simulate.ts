import type { DocumentUri } from "../../base/source.ts";
import type { Cluster } from "../cluster.ts";
import { type Fraction, fraction, multiply } from "../netfilter/fraction.ts";
import { stagesOf } from "./balancer.ts";
import { type Client, findClient } from "./client.ts";
import { type Destination, resolveDestination } from "./destination.ts";
import { distinctPassings, passing } from "./ends.ts";
import { findEntry } from "./entry.ts";
import { fillRequest } from "./environment.ts";
import { type PolicedJourney, packetSteps, stopStep } from "./packet-steps.ts";
import { checkLookup, checkPolicies, rangeOfCheck, stopAtPolicy } from "./policies.ts";
import type { Attempt } from "./policy-peers.ts";
import { replyTo } from "./reply.ts";
import type { RequestError, SimulatedRequest, TypedRequest } from "./request.ts";
import type { Stop } from "./stop-reason.ts";
import { stop } from "./stops.ts";
import type { Step, Trace, Way } from "./trace.ts";
import { traceNotes } from "./trace-notes.ts";
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
    notes: traceNotes(world, client, destination, journeys, ways),
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
