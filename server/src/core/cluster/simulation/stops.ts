import { contains, parseCidr } from "../../base/ip.ts";
import type { SourceRange } from "../../base/source.ts";
import { findNearest } from "../../base/text.ts";
import type { ServiceManifest, ServicePort } from "../../manifest/model.ts";
import type { NameResolution, Outcome } from "../dns.ts";
import type { NoName } from "../dns-answer.ts";
import type { ServicePort as ProxyPort } from "../kube-proxy/proxy-input.ts";
import type { Branch } from "../netfilter/walk.ts";
import type { FilterStep } from "../packet-filter.ts";
import { isUncounted } from "../pods.ts";
import type { ServedService } from "../served.ts";
import type { Stop, StopReason } from "./stop-reason.ts";
import type { Flight } from "./travel.ts";
import { type Owner, ownerOf, type World } from "./world.ts";

/** A request ends here. */
export const stop = (verdict: Stop["verdict"], reason: StopReason, because?: SourceRange): Stop => ({
  kind: "stop",
  verdict,
  reason,
  because,
});

/** A name that led to no address. */
export function stopAtName(
  world: World,
  resolution: NameResolution,
  outcome: Extract<Outcome, { kind: "nxdomain" | "nodata" | "elsewhere" }>,
): Stop {
  if (outcome.kind === "nodata") {
    return stop("no-such-name", { kind: "no-address", because: outcome.because, resolution }, rangeOf(outcome.because));
  }
  const because = outcome.kind === "nxdomain" ? telling(resolution, outcome.because) : nameOfCluster(resolution);
  if (because !== undefined) {
    const similar = findSimilar(world, because);
    const served = "service" in because ? world.served(because.service.service) : undefined;
    const isOpen = because.kind === "no-endpoints" && served !== undefined && mayHavePods(served);
    const reason: StopReason = { kind: "no-such-name", because, resolution, similar, served };
    return stop(isOpen ? "unknown" : "no-such-name", reason, rangeOf(because));
  }
  const { name, records } = outcome.kind === "elsewhere" ? outcome : { name: resolution.name, records: [] };
  return stop("unknown", { kind: "outside-name", name, hints: resolution.hints }, records.at(-1)?.because);
}

/** A part of the name that happened to be looked for as a Service tells nothing. */
function telling({ attempts }: NameResolution, because: NoName): NoName {
  if (because.kind !== "no-service") return because;
  const start = `${because.name}.${because.namespace}`;
  return attempts.some(({ query }) => query.startsWith(start)) ? because : { kind: "no-such-form" };
}

/** Why a name does not exist that only a server outside could still know, where it is the cluster's beyond doubt. */
function nameOfCluster({ attempts, hints }: NameResolution): NoName | undefined {
  if (hints.some(({ kind }) => kind === "not-cluster-dns")) return { kind: "not-cluster-dns" };
  const missed = attempts.flatMap(({ answer }) => (answer.kind === "nxdomain" ? [answer.because] : []));
  return missed.find((because) => "service" in because);
}

function findSimilar({ view }: World, because: NoName): ServiceManifest | undefined {
  if (because.kind !== "no-service") return undefined;
  const neighbours = view.services.filter(({ namespace }) => namespace.value.toLowerCase() === because.namespace);
  const names = new Map(neighbours.map((service) => [service.name.value.toLowerCase(), service]));
  const nearest = findNearest(because.name, names.keys());
  return nearest === undefined ? undefined : names.get(nearest);
}

const rangeOf = (because: object): SourceRange | undefined =>
  "service" in because ? (because as { readonly service: ServedService }).service.service.name.range : undefined;

/** A packet that a rule of a node rejected or dropped. */
export function stopAtRule(world: World, node: string, branch: Branch<FilterStep>, flight: Flight): Stop {
  const verdict = branch.verdict.kind === "rejected" ? "refused" : "dropped";
  const last = branch.steps.at(-1);
  const proxyPort = branch.steps.findLast(({ port }) => port !== undefined)?.port;
  const found = proxyPort && findPort(world, proxyPort);
  if (last === undefined) return stop(verdict, { kind: "outside-address", ip: flight.ip });
  if (proxyPort === undefined || found === undefined) return stopAtRuleOfAll(world, last, flight, verdict);
  const { served, port } = found;
  // kube-proxy itself gives up, for want of endpoints: it knows no traffic policy there.
  if (last.tool === "userspace") return { ...stopWithoutEndpoints(served, port), verdict };
  if (verdict === "refused") {
    const owner = ownerOf(world, flight.ip);
    if (owner.kind === "service" && !hasPort(owner.served, flight)) {
      return stopAtPort("refused", owner.served, owner.as, flight);
    }
    return isServed(served, port)
      ? stopWithoutLocal(found, proxyPort, node, flight, verdict)
      : stopWithoutEndpoints(served, port);
  }
  if (isOutOfRange(proxyPort, flight)) {
    const range = served.service.loadBalancerSourceRanges[0]?.range;
    return stop("dropped", { kind: "source-not-allowed", served, source: flight.seen.ip }, range);
  }
  return stopWithoutLocal(found, proxyPort, node, flight, verdict);
}

/** Whether a port has endpoints, wherever they are. */
const isServed = ({ ports }: ServedService, port: ServicePort): boolean =>
  ports.some(
    ({ resolution, endpoints }) =>
      resolution.port === port &&
      endpoints.some(({ ready, serving, terminating }) => ready || (serving && terminating)),
  );

/** A traffic policy insists on endpoints of the node. Rules drop what comes there; IPVS, which has no drop, refuses it. */
function stopWithoutLocal(
  { served, port }: NonNullable<ReturnType<typeof findPort>>,
  proxyPort: ProxyPort,
  node: string,
  { ip }: Flight,
  verdict: "refused" | "dropped",
): Stop {
  const policy = ip === proxyPort.clusterIP ? "internal" : "external";
  const { internalTrafficPolicy, externalTrafficPolicy } = served.service;
  const field = policy === "internal" ? internalTrafficPolicy : externalTrafficPolicy;
  return stop(verdict, { kind: "no-local-endpoints", served, port, node, policy }, field.range);
}

/** Whether a Service has a port. */
export const hasPort = ({ service }: ServedService, { port, protocol }: Pick<Flight, "port" | "protocol">): boolean =>
  service.ports.some(
    (candidate) => candidate.port.value === port && candidate.protocol.value.toLowerCase() === protocol,
  );

/** A Service that has the address and not the port. */
export const stopAtPort = (
  verdict: "refused" | "dropped" | "unreachable",
  served: ServedService,
  address: "cluster-ip" | "external-ip" | "load-balancer",
  { port, protocol }: Pick<Flight, "port" | "protocol">,
): Stop =>
  stop(
    verdict,
    { kind: "no-such-port", served, port, protocol, address },
    served.service.ports[0]?.port.range ?? served.service.name.range,
  );

/** A rule that every node has, and that speaks of all Services at once. */
function stopAtRuleOfAll(world: World, rule: FilterStep, flight: Flight, verdict: "refused" | "dropped"): Stop {
  const owner = ownerOf(world, flight.ip);
  if (owner.kind === "service") return stopAtService(owner, flight, verdict);
  return owner.kind === "nobody"
    ? stop(verdict, { kind: "nobody", ip: flight.ip, range: owner.range })
    : stop(verdict, { kind: "dropped-by-rule", rule }, rule.because);
}

/**
 * The address of a Service that no rule for the Service took.
 * @param verdict what a rule for all Services did with it; `unreachable` where none did anything
 */
export function stopAtService(
  { served, as }: Extract<Owner, { kind: "service" }>,
  flight: Flight,
  verdict: "refused" | "dropped" | "unreachable",
): Stop {
  const { service } = served;
  if (service.foreignProxy) return stop("unknown", { kind: "foreign-proxy", served }, service.name.range);
  if (hasPort(served, flight)) return stop("unknown", { kind: "outside-address", ip: flight.ip }, service.name.range);
  return stopAtPort(verdict, served, as, flight);
}

/** Whether source ranges keep a client from the address of a load balancer. */
const isOutOfRange = ({ sourceRanges, loadBalancerVIPs }: ProxyPort, { seen, ip }: Flight): boolean =>
  sourceRanges.length > 0 &&
  loadBalancerVIPs.includes(ip) &&
  !sourceRanges.some((text) => {
    const block = parseCidr(text);
    return block !== undefined && contains(block, seen.ip);
  });

/** The Service and port that a rule was written for. */
export function findPort(
  world: World,
  { namespace, service: name, portName, protocol }: ProxyPort,
): { readonly served: ServedService; readonly port: ServicePort } | undefined {
  const served = world.serviceNamed(namespace, name);
  const port = served?.service.ports.findLast(
    (candidate) => (candidate.name?.value ?? "") === portName && candidate.protocol.value === protocol,
  );
  return served && port && { served, port };
}

/** Whether a Service selects no pod in sight, and what is filled in later or deployed with it may bring some. */
const mayHavePods = ({ resolution: { endpoints, reach } }: ServedService): boolean =>
  endpoints.kind === "unknown" ||
  (endpoints.kind === "selected" &&
    endpoints.pods.length === 0 &&
    reach?.nearMiss === undefined &&
    reach?.site.scope.open !== undefined);

/** A Service port with nothing behind it. Where the rest of the scope may bring pods, nobody knows. */
export function stopWithoutEndpoints(served: ServedService, port: ServicePort): Stop {
  const { service, resolution } = served;
  const { endpoints } = resolution;
  const targets = resolution.ports.find((candidate) => candidate.port === port)?.targets ?? [];
  if (targets.some(({ kind }) => kind === "unknown")) {
    return stop("unknown", { kind: "unknown-target", served, port }, port.targetPort.range);
  }
  const uncounted = targets.flatMap((target) =>
    (target.kind === "declared" || target.kind === "undeclared") && isUncounted(target.source) ? [target.source] : [],
  )[0];
  if (uncounted) return stop("unknown", { kind: "no-endpoints", served, port }, uncounted.workload.name.range);
  const orphan = endpoints.kind === "selected" && endpoints.pods.length === 0;
  const because = orphan
    ? endpoints.selector.key
    : endpoints.kind === "unknown"
      ? endpoints.selector.range
      : targets.length > 0
        ? port.targetPort.range
        : service.name.range;
  return stop(mayHavePods(served) ? "unknown" : "refused", { kind: "no-endpoints", served, port }, because);
}
