import { type Cidr, contains, familyOf, hostPort } from "../../base/ip.ts";
import { once, remember } from "../../base/once.ts";
import type { DocumentUri } from "../../base/source.ts";
import type { ServiceManifest } from "../../manifest/model.ts";
import { apiServerAddress, dnsServerAddress, type Profile } from "../../settings/profile.ts";
import type { Cluster } from "../cluster.ts";
import { countOtherEndpoints } from "../count-endpoints.ts";
import type { DnsLookup } from "../dns-answer.ts";
import type { HostFacts } from "../netfilter/packet.ts";
import type { PacketFilter } from "../packet-filter.ts";
import { type PodPlacement, podId } from "../pod-addresses.ts";
import type { PlannedPod } from "../pods.ts";
import { generateFilter, insideAddresses, proxyInput } from "../proxy.ts";
import type { Address, Endpoint } from "../resolution.ts";
import { dnsLookupOf, type ServedService, servedService } from "../served.ts";
import type { View } from "../view.ts";
import { type Claimant, findClaimants, findEntrances } from "./claimants.ts";

/** The cluster around a text, by everything that a packet may ask of it. Nothing is worked out before it is asked. */
export interface World {
  readonly cluster: Cluster;
  readonly from: DocumentUri;
  readonly view: View;
  readonly profile: Profile;
  readonly lookup: DnsLookup;
  readonly pods: readonly PlannedPod[];
  readonly placementOf: (pod: PlannedPod) => PodPlacement | undefined;
  readonly served: (service: ServiceManifest) => ServedService | undefined;
  readonly serviceNamed: (namespace: string, name: string) => ServedService | undefined;
  /** Who has an address that a manifest shows or lets be simulated. */
  readonly claimantOf: (ip: string) => Claimant | undefined;
  /** The endpoint with an address and port, of whatever Service. */
  readonly endpointAt: (ip: string, port: number) => Endpoint | undefined;
  /**
   * The packet filter of a node, as far as a packet for an address and port can meet it: the rules of Services that
   * have the address, or the port as a node port. It would only pass by all others.
   */
  readonly filterFor: (node: string, ip: string, port: number) => PacketFilter;
}

/** Looks around from a text. */
export function worldFrom(cluster: Cluster, from: DocumentUri): World {
  const view = cluster.viewFrom(from);
  const { profile, services, plan } = view;
  const served = remember((service: ServiceManifest) => servedService(view, service));
  const byName = once(() => new Map(services.map((service) => [nameOf(service), service])));
  const claimants = once(() => findClaimants(view));
  const entrances = once(() => findEntrances(view));
  const endpoints = once(() => findEndpoints(services.flatMap((service) => served(service) ?? [])));
  const written = new Map<string, PacketFilter>();
  const world: World = {
    cluster,
    from,
    view,
    profile,
    lookup: dnsLookupOf(view),
    pods: [...view.pods.values()].flat(),
    placementOf: (pod) => plan.pods.get(podId(pod.key)),
    served,
    serviceNamed: (namespace, name) => {
      const service = byName().get(`${namespace}/${name}`);
      return service && served(service);
    },
    claimantOf: (ip) => claimants().get(ip),
    endpointAt: (ip, port) => endpoints().get(hostPort(ip, port)),
    filterFor: (node, ip, port) => {
      const family = familyOf(ip);
      const met = [...new Set([...(entrances().get(ip) ?? []), ...(entrances().get(String(port)) ?? [])])];
      const isNobodys = ownerOf(world, ip).kind === "nobody";
      const key = [node, family, isNobodys, ...met.map(nameOf)].join(" ");
      const known = written.get(key);
      if (known) return known;
      const input = proxyInput(
        profile,
        met.flatMap((service) => served(service) ?? []),
        node,
        family,
      );
      const otherEndpoints = countOtherEndpoints(view, met, family);
      // An address that somebody has, if not these manifests' Services, is none that kube-proxy takes for unallocated.
      const config = isNobodys ? input.config : { ...input.config, serviceCIDRs: [] };
      const filter = generateFilter(profile.proxy.mode, { ...input, config, otherEndpoints });
      written.set(key, filter);
      return filter;
    },
  };
  return world;
}

/** Whose an address is. */
export type Owner =
  | Exclude<Claimant, { readonly kind: "service" | "balancer" }>
  | {
      readonly kind: "service";
      readonly served: ServedService;
      readonly as: Extract<Claimant, { readonly kind: "service" }>["as"];
    }
  | { readonly kind: "balancer"; readonly served: ServedService }
  | { readonly kind: "loopback" }
  | { readonly kind: "cluster-itself"; readonly what: "API server" | "DNS server" }
  /** In a block of the cluster, and nobody's. */
  | { readonly kind: "nobody"; readonly range: "service" | "pod" }
  | { readonly kind: "outside" };

/** Finds the owner of an address in canonical text. A node's address that a Service has as external IP is the node's. */
export function ownerOf({ claimantOf, served, profile }: World, ip: string): Owner {
  if (ip.startsWith("127.") || ip === "::1") return { kind: "loopback" };
  const claimant = claimantOf(ip);
  if (claimant?.kind === "service" || claimant?.kind === "balancer") {
    const found = served(claimant.service);
    if (found && claimant.kind === "balancer") return { kind: "balancer", served: found };
    if (found && claimant.kind === "service") return { kind: "service", served: found, as: claimant.as };
  } else if (claimant) return claimant;
  if (ip === apiServerAddress(profile)) return { kind: "cluster-itself", what: "API server" };
  if (ip === dnsServerAddress(profile)) return { kind: "cluster-itself", what: "DNS server" };
  const within = (blocks: readonly Cidr[]): boolean => blocks.some((block) => contains(block, ip));
  if (within(profile.serviceCIDR)) return { kind: "nobody", range: "service" };
  return within(profile.podCIDR) ? { kind: "nobody", range: "pod" } : { kind: "outside" };
}

/** An address of whatever the cluster has, and where it comes from. */
export function addressOf(world: World, ip: string): Address {
  const owner = ownerOf(world, ip);
  if (owner.kind === "pod") {
    return world.placementOf(owner.pod)?.addresses.find((address) => address.ip === ip) ?? { ip, origin: "written" };
  }
  if (owner.kind === "cluster-itself") return { ip, origin: "simulated" };
  if (owner.kind === "balancer") return { ip, origin: "observed" };
  if (owner.kind === "node") return { ip, origin: owner.node.address === ip ? owner.node.origin : "simulated" };
  if (owner.kind !== "service") return { ip, origin: "written" };
  const { clusterIPs, loadBalancerIPs } = owner.served.addresses;
  return [...clusterIPs, ...loadBalancerIPs].find((address) => address.ip === ip) ?? { ip, origin: "written" };
}

/** The pod of a name; of several in different places, the first. */
export const podNamed = (world: World, namespace: string, name: string): PlannedPod | undefined =>
  world.pods.find((pod) => pod.name === name && pod.key.namespace === namespace);

/** What the packet filter of a node needs to know besides its rules. */
export const hostFacts = (world: World, nodeName: string): HostFacts => ({
  localAddresses: ownAddresses(world, nodeName),
});

/** The addresses of a node's interfaces. */
function ownAddresses({ profile }: World, nodeName: string): readonly string[] {
  const address = profile.nodes.find(({ name }) => name === nodeName)?.address;
  return [address, ...insideAddresses(profile, nodeName)].filter((ip) => ip !== undefined);
}

function findEndpoints(services: readonly ServedService[]): ReadonlyMap<string, Endpoint> {
  const all = services.flatMap(({ ports }) => ports.flatMap(({ endpoints }) => endpoints));
  return new Map(all.map((endpoint) => [hostPort(endpoint.address.ip, endpoint.port), endpoint]));
}

const nameOf = ({ namespace, name }: ServiceManifest): string => `${namespace.value}/${name.value}`;
