import { schedulers } from "../ipvs/scheduler.ts";
import { isUncounted } from "../pods.ts";
import type { Client } from "./client.ts";
import type { Destination } from "./destination.ts";
import { nodesWithoutEndpoint } from "./entry.ts";
import type { Note } from "./note.ts";
import { findPort } from "./stops.ts";
import { topologyNotes } from "./topology-notes.ts";
import { reachedEndpoint, type Way } from "./trace.ts";
import type { Journey } from "./travel.ts";
import type { World } from "./world.ts";

/** What the steps of a trace do not tell by themselves. */
export const traceNotes = (
  world: World,
  client: Client,
  destination: Destination,
  journeys: readonly Journey[],
  ways: readonly Way[],
): readonly Note[] => [
  ...modeNotes(journeys),
  ...topologyNotes(world, journeys),
  ...destination.notes,
  ...countNotes(destination),
  ...nodeNotes(world, client, journeys),
  ...foreignPolicyNotes(world, client, ways),
];

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
