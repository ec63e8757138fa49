import { hostPort } from "../base/ip.ts";
import { type Message, message, quote } from "../base/message.ts";
import type { DocumentUri } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { variablePrefix } from "../cluster/env.ts";
import type { AllocatedPort } from "../cluster/node-ports.ts";
import { type ServedService, servedService, servedServices } from "../cluster/served.ts";
import { parseDestination, parseSource } from "../cluster/simulation/parse-request.ts";
import type { RequestSource } from "../cluster/simulation/request.ts";
import type { View } from "../cluster/view.ts";
import type { ServiceManifest, ServicePort, WorkloadManifest } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import { commonFolder } from "../workspace/folders.ts";
import { nameOf, portText } from "./naming.ts";

/** What a request can be simulated between, the likeliest first. */
export interface Choices {
  readonly sources: readonly Choice[];
  readonly destinations: readonly Choice[];
}

export interface Choice {
  /** As `parseSource` and `parseDestination` read it. */
  readonly value: string;
  readonly detail: Message;
}

/**
 * What to propose to somebody who looks from a text.
 * @param service what the request is about: its neighbours come first as sources, its own addresses as destinations
 * @param source who sends the request, where that is chosen already: the destinations that it can reach come first
 */
export function findChoices(
  cluster: Cluster,
  from: DocumentUri,
  service?: ServiceManifest,
  source?: RequestSource,
): Choices {
  const view = cluster.viewFrom(from);
  const served = service && servedService(view, service);
  const callers = callersOf(view, from, served);
  const nearby = source?.kind === "workload" ? namespaceOf(view, source) : callers[0]?.namespace.value;
  const order = likeliest[source?.kind ?? "workload"];
  const propose = (some: readonly ServedService[]): readonly Choice[] => {
    const groups = some.map(
      (one): Groups => ({
        names: namesOf(one, nearby),
        variables: variablesOf(one, nearby),
        ...addressesOf(view, one),
      }),
    );
    return order.flatMap((group) => groups.flatMap((one) => one[group]));
  };
  const others = servedServices(view).filter((other) => other.service !== served?.service);
  const outside = message`a host outside the cluster`;
  return {
    sources: [
      ...callers.map((workload) => sourceOf(workload, served)).filter(({ value }) => !("error" in parseSource(value))),
      ...view.profile.nodes.map(({ name }) => ({
        value: `node:${name}`,
        detail: message`a process on node ${quote(name)}`,
      })),
      { value: "external", detail: outside },
    ],
    destinations: usable([...propose(served ? [served] : []), ...propose(others)]),
  };
}

/** Ways to call a Service: by its names, by what containers have in their environment, by addresses inside of the cluster, and by those that the outside knows. */
interface Groups {
  readonly names: readonly Choice[];
  readonly variables: readonly Choice[];
  readonly inside: readonly Choice[];
  readonly outside: readonly Choice[];
}

/** Only pods ask the cluster's DNS server and have its variables, and a host outside has no route to a cluster IP. */
const likeliest = {
  workload: ["names", "inside", "variables", "outside"],
  node: ["inside", "outside", "names", "variables"],
  external: ["outside", "inside", "names", "variables"],
} as const satisfies Record<RequestSource["kind"], readonly (keyof Groups)[]>;

/** The namespace that a source is in: without one `default` is meant, else the only one where it is. */
function namespaceOf({ workloads }: View, { namespace, name }: Extract<RequestSource, { kind: "workload" }>): string {
  const namespaces = workloads.filter((workload) => workload.name.value === name).map((found) => found.namespace.value);
  return namespace ?? (namespaces.includes("default") ? "default" : (namespaces[0] ?? "default"));
}

/** Workloads with pods: neighbours of the Service first, its own pods last, nearer ones before those farther away. */
function callersOf(view: View, from: DocumentUri, served: ServedService | undefined): readonly WorkloadManifest[] {
  const home = served?.service.namespace.value;
  const rank = (workload: WorkloadManifest): number =>
    (isBehind(served, workload) ? 2 : 0) + (home === undefined || workload.namespace.value === home ? 0 : 1);
  const nearness = ({ range }: WorkloadManifest): number => commonFolder(range.uri, from).length;
  return view.workloads
    .filter((workload) => (view.pods.get(workload) ?? []).length > 0)
    .map((workload) => ({ workload, rank: rank(workload), nearness: nearness(workload) }))
    .sort((a, b) => a.rank - b.rank || b.nearness - a.nearness)
    .map(({ workload }) => workload);
}

const isBehind = (served: ServedService | undefined, workload: WorkloadManifest): boolean =>
  served?.resolution.endpoints.kind === "selected" &&
  served.resolution.endpoints.pods.some((source) => source.workload === workload);

function sourceOf(workload: WorkloadManifest, served: ServedService | undefined): Choice {
  const { kind, namespace, name } = workload;
  const path = namespace.value === "default" ? name.value : `${namespace.value}/${name.value}`;
  const where = message`a pod in namespace ${quote(namespace.value)}`;
  return {
    value: `${kind.value}/${path}`,
    detail: served && isBehind(served, workload) ? message`${where}, behind ${nameOf(served.service)} itself` : where,
  };
}

/** The names of a Service with each of its ports; the short one where the likeliest client can use it. */
function namesOf({ service, ports }: ServedService, nearby: string | undefined): readonly Choice[] {
  const { name, namespace } = service;
  if (name.value === "") return [];
  const full = `${name.value}.${namespace.value}`;
  const spellings = namespace.value === nearby ? [name.value, full] : [full];
  if (ports.length === 0) return spellings.map((value) => ({ value, detail: message`${nameOf(service)}` }));
  return ports.flatMap(({ resolution: { port }, endpoints }) => {
    // Nothing translates the port of a headless Service.
    const number = (service.headless && endpoints[0]?.port) || port.port.value;
    const detail = message`${nameOf(service)}, port ${quote(portText(port))}`;
    return spellings.map((host) => ({ value: `${schemeOf(port)}${host}:${number}`, detail }));
  });
}

/** The variables with its cluster IP and its first port; only neighbours have them. */
function variablesOf({ service, addresses }: ServedService, nearby: string | undefined): readonly Choice[] {
  const [first] = service.ports;
  const isSet = service.namespace.value === nearby && service.headless === undefined && addresses.clusterIPs.length > 0;
  if (!isSet || first === undefined) return [];
  const prefix = variablePrefix(service.name.value);
  const value = `${schemeOf(first)}$${prefix}_SERVICE_HOST:$${prefix}_SERVICE_PORT`;
  return [{ value, detail: message`environment variables of ${nameOf(service)}` }];
}

/** Its cluster IPs, and the addresses by which it is reached from outside. */
function addressesOf(
  { profile }: View,
  { service, addresses, ports }: ServedService,
): Pick<Groups, "inside" | "outside"> {
  const forEachPort = (choices: (port: ServicePort, index: number) => readonly Choice[]): readonly Choice[] =>
    ports.flatMap(({ resolution: { port } }, index) => choices(port, index));
  const at = (ip: string, port: ServicePort, what: Message): Choice => ({
    value: `${schemeOf(port)}${hostPort(ip, port.port.value)}`,
    detail: message`${what} of ${nameOf(service)}`,
  });
  return {
    inside: forEachPort((port) =>
      addresses.clusterIPs.map(({ ip, origin }) =>
        at(ip, port, origin === "simulated" ? message`simulated cluster IP` : message`cluster IP`),
      ),
    ),
    outside: forEachPort((port, index) => [
      ...onNodes(profile, service, port, addresses.nodePorts.ports[index]),
      ...addresses.loadBalancerIPs.map(({ ip }) => at(ip, port, message`load balancer`)),
      ...service.externalIPs.map(({ value }) => at(value, port, message`external IP`)),
    ]),
  };
}

function onNodes(
  { nodes }: Profile,
  service: ServiceManifest,
  port: ServicePort,
  nodePort: AllocatedPort | undefined,
): readonly Choice[] {
  if (nodePort === undefined) return [];
  const what = nodePort.origin === "simulated" ? message`simulated node port` : message`node port`;
  return nodes.map(({ name }) => ({
    value: `${schemeOf(port)}${name}:${nodePort.port}`,
    detail: message`${what} of ${nameOf(service)}`,
  }));
}

/** TCP goes without saying. */
const schemeOf = ({ protocol }: ServicePort): string =>
  protocol.value === "TCP" ? "" : `${protocol.value.toLowerCase()}://`;

/** Each once, and none that a placeholder or a port of 0 makes no request. */
const usable = (choices: readonly Choice[]): readonly Choice[] => {
  const byValue = new Map<string, Choice>();
  for (const choice of choices) if (!byValue.has(choice.value)) byValue.set(choice.value, choice);
  return [...byValue.values()].filter(({ value }) => !("error" in parseDestination(value)));
};
