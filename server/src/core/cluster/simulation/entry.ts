import { assertNever } from "../../base/source.ts";
import { lastResortOf } from "../kube-proxy/used-endpoints.ts";
import type { Endpoint } from "../resolution.ts";
import type { ServedService } from "../served.ts";
import type { Stop } from "./stop-reason.ts";
import { stop } from "./stops.ts";
import type { Flight } from "./travel.ts";
import type { Owner, World } from "./world.ts";

/** The node that a packet from outside comes to first, and what brings it there. */
export interface Entry {
  readonly node: string;
  readonly why: "address" | "health-check" | "any";
}

/** Where a host outside meets the cluster: only nodes and addresses that something leads to them can be reached. */
export function findEntry(
  world: World,
  owner: Owner,
  { ip, port, protocol }: Pick<Flight, "ip" | "port" | "protocol">,
): Entry | Stop {
  switch (owner.kind) {
    case "node":
      // The addresses of a node's bridge and tunnel are of the pods' network.
      if (owner.node.address !== ip)
        return stop("unreachable", { kind: "not-routed", what: "pod", ip, served: undefined });
      return { node: owner.node.name, why: "address" };
    case "service":
      if (owner.as === "cluster-ip") {
        const { served } = owner;
        const { serviceType } = served.service;
        return stop("unreachable", { kind: "not-routed", what: "cluster-ip", ip, served }, serviceType.range);
      }
      return entryOf(world, owner.served, owner.as, port, protocol);
    case "cluster-itself":
      return stop("unreachable", { kind: "not-routed", what: "cluster-ip", ip, served: undefined });
    case "pod":
      return stop("unreachable", { kind: "not-routed", what: "pod", ip, served: undefined }, owner.pod.because);
    case "nobody":
      return stop("unreachable", { kind: "nobody", ip, range: owner.range });
    case "loopback":
    case "balancer":
    case "outside":
      return stop("unknown", { kind: "outside-address", ip });
    default:
      return assertNever(owner);
  }
}

/**
 * Nodes without an endpoint of their own, which traffic from outside must not reach under the policy `Local`. One that is
 * shutting down is better than none.
 */
export function nodesWithoutEndpoint(world: World, served: ServedService, takes: Takes): readonly string[] {
  const { kubernetesVersion } = world.profile;
  return nodesWithout(
    world,
    served,
    takes,
    (own) => own.some(isReady) || lastResortOf(kubernetesVersion, own).length > 0,
  );
}

type Takes = (port: ServedService["ports"][number]) => boolean;

const isReady = ({ ready }: Endpoint): boolean => ready;

function nodesWithout(
  { profile }: World,
  { service, ports }: ServedService,
  takes: Takes,
  suffice: (own: readonly Endpoint[]) => boolean,
): readonly string[] {
  // Userspace mode does not know the policy.
  if (service.externalTrafficPolicy.value !== "Local" || profile.proxy.mode === "userspace") return [];
  const all = ports.filter(takes).flatMap(({ endpoints }) => endpoints);
  return profile.nodes.map(({ name }) => name).filter((name) => !suffice(all.filter(({ node }) => node === name)));
}

/** The node to which a load balancer sends: one that its health checks find ready, if there is any. */
export function nodeBehindBalancer(
  world: World,
  served: ServedService,
  number: number,
  protocol: string,
): string | undefined {
  const takes: Takes = ({ resolution: { port } }) =>
    port.port.value === number && port.protocol.value.toLowerCase() === protocol;
  // Health checks count endpoints that are ready alone.
  const without = nodesWithout(world, served, takes, (own) => own.some(isReady));
  const names = world.profile.nodes.map(({ name }) => name);
  return names.find((name) => !without.includes(name)) ?? names[0];
}

function entryOf(
  world: World,
  served: ServedService,
  as: "external-ip" | "load-balancer",
  number: number,
  protocol: string,
): Entry | Stop {
  const node = nodeBehindBalancer(world, served, number, protocol);
  if (node === undefined) return stop("unknown", { kind: "no-client-address" });
  const checked = as === "load-balancer" && served.service.externalTrafficPolicy.value === "Local";
  return { node, why: checked ? "health-check" : "any" };
}
