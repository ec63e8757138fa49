import { familyOf } from "../../base/ip.ts";
import type { Container } from "../../manifest/model.ts";
import { addressesForNodePorts, primaryByDefault } from "../kube-proxy/node-addresses.ts";
import { one } from "../netfilter/fraction.ts";
import type { Branch, Verdict } from "../netfilter/walk.ts";
import type { PlannedPod } from "../pods.ts";
import { proxyInput } from "../proxy.ts";
import type { Endpoint } from "../resolution.ts";
import type { ServedService } from "../served.ts";
import { masqueradeAs, type Place, routeTo } from "./masquerade.ts";
import type { NodePort, Stop } from "./stop-reason.ts";
import { findPort, stop } from "./stops.ts";
import type { Listener, ReachedEndpoint, Route, SeenAddress } from "./trace.ts";
import type { Flight } from "./travel.ts";
import { wireTo } from "./wire.ts";
import { addressOf, ownerOf, podNamed, type World } from "./world.ts";

type Delivered = Extract<Verdict, { kind: "delivered" }>;

/**
 * Arrives at an endpoint that the rules of a node chose. `undefined` for an address kept by hand that is a node's: there
 * the packet passes further rules.
 */
export function arriveBehindService(
  world: World,
  flight: Flight,
  node: string,
  { steps }: Branch,
  { ip, port, masqueraded, from }: Delivered,
): ReachedEndpoint | Stop | undefined {
  const chosen = steps.findLast(({ action }) => action.kind === "dnat");
  const found = chosen?.port && findPort(world, chosen.port);
  const endpoint = found && endpointOf(found.served, ip, port);
  const pod = found && podBehind(world, found.served, endpoint, ip);
  const onHost = pod?.key.hostNetwork ?? false;
  const podNode = endpoint?.node ?? (pod && world.placementOf(pod)?.node?.name);
  const seen = (at: Place): SeenAddress | undefined => {
    if (masqueraded) return masqueradeAs(world, node, at);
    return from === undefined ? flight.seen : { ...addressOf(world, from), translated: false, of: "service", node };
  };
  const shared = {
    kind: "endpoint",
    odds: one,
    address: endpoint?.address ?? { ip, origin: "written" },
    port,
    chain: chosen?.chain,
    because: endpoint?.because ?? chosen?.because,
  } as const;
  if (pod !== undefined || endpoint?.pod !== undefined) {
    const container = endpoint?.container ?? (pod && declaringContainer(pod, port, flight.protocol)?.name.value);
    const at: Place = { ip, node: podNode, onHost };
    return {
      ...shared,
      pod,
      podName: endpoint?.pod ?? pod?.name,
      node: podNode,
      container,
      listener: container === undefined ? "targeted" : "declared",
      route: routeTo(world, node, at),
      wire: wireTo(world, node, at),
      seen: seen(at),
    };
  }
  const owner = ownerOf(world, ip);
  if (owner.kind === "node" || owner.kind === "loopback") return undefined;
  if (owner.kind === "service") {
    return stop("unreachable", { kind: "endpoint-is-service", ip, other: owner.served.service }, shared.because);
  }
  const at: Place = { ip, node: podNode, onHost: podNode === undefined };
  const inside = podNode !== undefined;
  return {
    ...shared,
    pod: undefined,
    podName: undefined,
    node: podNode,
    container: undefined,
    listener: "by-hand",
    route: inside ? routeTo(world, node, at) : "outside",
    wire: inside ? wireTo(world, node, at) : undefined,
    seen: seen(at),
  };
}

/** Arrives at a pod's own address, which no rule translated. */
export function arriveAtPod(
  world: World,
  flight: Flight,
  pod: PlannedPod,
  node: string | undefined,
  route?: Route,
): ReachedEndpoint | Stop {
  const { ip, port, protocol, seen, via } = flight;
  const podNode = world.placementOf(pod)?.node?.name;
  const container = declaringContainer(pod, port, protocol);
  const own = route === "same-pod" ? (world.placementOf(pod)?.addresses ?? []).map((address) => address.ip) : [];
  const target = container ? undefined : [ip, ...own].map((known) => world.endpointAt(known, port)).find(Boolean);
  if (container === undefined && target === undefined) {
    const mistaken = via && headlessMistake(via, ip, port);
    return mistaken ?? stop("unknown", { kind: "undeclared", pod, port }, pod.because);
  }
  const at: Place = { ip, node: podNode, onHost: pod.key.hostNetwork };
  return {
    kind: "endpoint",
    odds: one,
    address: addressOf(world, ip),
    port,
    pod,
    podName: pod.name,
    node: podNode,
    container: container?.name.value,
    listener: container ? "declared" : "targeted",
    route: route ?? routeTo(world, node ?? "", at),
    wire: route ? undefined : wireTo(world, node ?? "", at),
    chain: undefined,
    seen,
    because: portOf(container, port, protocol)?.containerPort.range ?? target?.because ?? pod.because,
  };
}

/** Arrives at a node's own address: at a pod on its host network, or at whatever else listens there. */
export function arriveAtNode(world: World, flight: Flight, node: string): ReachedEndpoint | Stop {
  const { port, protocol, seen } = flight;
  const host = world.pods.find(
    (pod) =>
      pod.key.hostNetwork &&
      world.placementOf(pod)?.node?.name === node &&
      declaringContainer(pod, port, protocol) !== undefined,
  );
  const arrived = (listener: Listener, pod: PlannedPod | undefined): ReachedEndpoint => {
    const container = pod && declaringContainer(pod, port, protocol);
    return {
      kind: "endpoint",
      odds: one,
      address: addressOf(world, flight.ip),
      port,
      pod,
      podName: pod?.name,
      node,
      container: container?.name.value,
      listener,
      route: "host",
      wire: undefined,
      chain: undefined,
      seen,
      because: portOf(container, port, protocol)?.containerPort.range ?? pod?.because,
    };
  };
  if (host) return arrived("declared", host);
  const plans = [...world.view.plan.services.values()];
  if (protocol === "tcp" && plans.some(({ nodePorts: { healthCheck } }) => healthCheck?.port === port)) {
    return arrived("kube-proxy", undefined);
  }
  const { first, last } = world.profile.nodePortRange;
  const nodePorts = nodePortsOf(world);
  const taken = nodePorts.find(
    ({ allocated, port: own }) => allocated.port === port && own.protocol.value.toLowerCase() === protocol,
  );
  const input = proxyInput(world.profile, [], node, familyOf(flight.ip));
  const answering = addressesForNodePorts(world.profile.proxy.mode === "nftables" ? primaryByDefault(input) : input);
  if (taken !== undefined && !taken.service.foreignProxy && !answering.includes(flight.ip)) {
    const primary = world.profile.nodes.find(({ name }) => name === node)?.address ?? "";
    const answersOnPrimary = answering.includes(primary);
    const reason = { kind: "not-on-address", nodePort: taken, node, ip: flight.ip, answersOnPrimary } as const;
    return stop("refused", reason, taken.port.range);
  }
  const isTaken = nodePorts.some(({ allocated }) => allocated.port === port);
  if (port >= first && port <= last && !isTaken) {
    return stop("refused", { kind: "no-such-node-port", port, node, others: nodePorts });
  }
  const meant = nodePorts.filter((candidate) => candidate.port.port.value === port);
  return stop("unknown", { kind: "node-process", node, port, meant });
}

const nodePortsOf = ({ view }: World): readonly NodePort[] =>
  [...view.plan.services].flatMap(([service, { nodePorts }]) =>
    service.ports.flatMap((port, index) => {
      const allocated = nodePorts.ports[index];
      return allocated === undefined ? [] : [{ allocated, service, port }];
    }),
  );

function endpointOf({ ports }: ServedService, ip: string, port: number): Endpoint | undefined {
  for (const { endpoints } of ports) {
    const found = endpoints.find((endpoint) => endpoint.address.ip === ip && endpoint.port === port);
    if (found) return found;
  }
  return undefined;
}

function podBehind(
  world: World,
  { service }: ServedService,
  endpoint: Endpoint | undefined,
  ip: string,
): PlannedPod | undefined {
  const named = endpoint?.pod === undefined ? undefined : podNamed(world, service.namespace.value, endpoint.pod);
  if (named) return named;
  const owner = ownerOf(world, ip);
  return owner.kind === "pod" ? owner.pod : undefined;
}

/** A headless Service that was asked for its own port, which nothing translates. */
function headlessMistake(served: ServedService, ip: string, port: number): Stop | undefined {
  if (served.service.headless === undefined) return undefined;
  for (const { resolution, endpoints } of served.ports) {
    const target = endpoints.find(({ address }) => address.ip === ip)?.port;
    if (resolution.port.port.value !== port || target === undefined || target === port) continue;
    return stop(
      "refused",
      { kind: "headless-port", served, servicePort: resolution.port, target },
      resolution.port.port.range,
    );
  }
  return undefined;
}

/** The container that declares a port. Ordinary init containers have ended by the time anybody calls. */
const declaringContainer = (pod: PlannedPod, port: number, protocol: string): Container | undefined =>
  pod.workload.template.containers.find(
    (container) => container.role !== "init" && portOf(container, port, protocol) !== undefined,
  );

const portOf = (container: Container | undefined, port: number, protocol: string) =>
  container?.ports.find(
    (declared) => declared.containerPort.value === port && declared.protocol.value.toLowerCase() === protocol,
  );
