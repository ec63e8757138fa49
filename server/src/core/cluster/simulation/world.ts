import { type Cidr, contains, type Family, hostPort, parseIP } from "../../base/ip.ts";
import type { DocumentUri } from "../../base/source.ts";
import type { Cluster } from "../cluster.ts";
import type { DnsLookup } from "../dns-answer.ts";
import { generateRules } from "../iptables/generate.ts";
import type { HostFacts } from "../iptables/interpret.ts";
import type { RuleSet } from "../iptables/rule.ts";
import { type PodPlacement, podId } from "../pod-addresses.ts";
import type { PlannedPod } from "../pods.ts";
import { apiServerAddress, type ClusterNode, dnsServerAddress, type Profile } from "../profile.ts";
import { bridgeAddress, proxyInput, tunnelAddress } from "../proxy.ts";
import type { Endpoint } from "../resolution.ts";
import { dnsLookupFrom, type ServedService, servedServices } from "../served.ts";
import type { View } from "../view.ts";

/** The cluster around a text, by everything that a packet may ask of it. */
export interface World {
  readonly cluster: Cluster;
  readonly from: DocumentUri;
  readonly view: View;
  readonly profile: Profile;
  readonly services: readonly ServedService[];
  readonly lookup: DnsLookup;
  readonly pods: readonly PlannedPod[];
  readonly placementOf: (pod: PlannedPod) => PodPlacement | undefined;
  /** Of every address that the manifests show or let be simulated, but for loopback. */
  readonly owners: ReadonlyMap<string, Owner>;
  /** By address and port. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly rulesOn: (node: string, family: Family) => RuleSet;
}

/** Looks around from a text. Rules are written when a packet first meets them. */
export function worldFrom(cluster: Cluster, from: DocumentUri): World {
  const view = cluster.viewFrom(from);
  const services = servedServices(cluster, from);
  const written = new Map<string, RuleSet>();
  return {
    cluster,
    from,
    view,
    profile: view.profile,
    services,
    lookup: dnsLookupFrom(cluster, from),
    pods: [...view.pods.values()].flat(),
    placementOf: (pod) => view.plan.pods.get(podId(pod.key)),
    owners: findOwners(view, services),
    endpoints: findEndpoints(services),
    rulesOn: (node, family) => {
      const key = `${family} ${node}`;
      const known = written.get(key);
      if (known) return known;
      const rules = generateRules(proxyInput(view.profile, services, node, family));
      written.set(key, rules);
      return rules;
    },
  };
}

/** Whose an address is. */
export type Owner =
  | { readonly kind: "loopback" }
  | { readonly kind: "node"; readonly node: ClusterNode }
  | { readonly kind: "pod"; readonly pod: PlannedPod }
  | {
      readonly kind: "service";
      readonly served: ServedService;
      readonly as: "cluster-ip" | "external-ip" | "load-balancer";
    }
  | { readonly kind: "cluster-itself"; readonly what: "API server" | "DNS server" }
  /** In a block of the cluster, and nobody's. */
  | { readonly kind: "nobody"; readonly range: "service" | "pod" }
  | { readonly kind: "outside" };

/** Finds the owner of an address in canonical text. A node's address that a Service has as external IP is the node's. */
export function ownerOf({ owners, profile }: World, ip: string): Owner {
  if (ip.startsWith("127.") || ip === "::1") return { kind: "loopback" };
  const known = owners.get(ip);
  if (known) return known;
  if (ip === apiServerAddress(profile)) return { kind: "cluster-itself", what: "API server" };
  if (ip === dnsServerAddress(profile)) return { kind: "cluster-itself", what: "DNS server" };
  const within = (blocks: readonly Cidr[]): boolean => blocks.some((block) => contains(block, ip));
  if (within(profile.serviceCIDR)) return { kind: "nobody", range: "service" };
  return within(profile.podCIDR) ? { kind: "nobody", range: "pod" } : { kind: "outside" };
}

/** The endpoint with an address and port, of whatever Service. */
export const endpointAt = ({ endpoints }: World, ip: string, port: number): Endpoint | undefined =>
  endpoints.get(hostPort(ip, port));

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

/** The addresses that a node has in the pods' network. */
const insideAddresses = (profile: Profile, nodeName: string): readonly string[] =>
  (["IPv4", "IPv6"] as const)
    .flatMap((family) => [bridgeAddress(profile, nodeName, family), tunnelAddress(profile, nodeName, family)])
    .filter((ip) => ip !== undefined);

/** Nodes before pods before Services; of two that claim one address, the first. */
function findOwners(
  { profile, pods: podsByWorkload, plan }: View,
  services: readonly ServedService[],
): ReadonlyMap<string, Owner> {
  const owners = new Map<string, Owner>();
  const claim = (ip: string | undefined, owner: Owner): void => {
    if (ip !== undefined && !owners.has(ip)) owners.set(ip, owner);
  };
  for (const node of profile.nodes) claim(node.address, { kind: "node", node });
  for (const node of profile.nodes) {
    for (const ip of insideAddresses(profile, node.name)) claim(ip, { kind: "node", node });
  }
  for (const pod of [...podsByWorkload.values()].flat()) {
    if (pod.key.hostNetwork) continue;
    for (const { ip } of plan.pods.get(podId(pod.key))?.addresses ?? []) claim(ip, { kind: "pod", pod });
  }
  for (const served of services) {
    const { clusterIPs, loadBalancerIPs } = served.addresses;
    for (const { ip } of clusterIPs) claim(ip, { kind: "service", served, as: "cluster-ip" });
    for (const { ip } of loadBalancerIPs) claim(ip, { kind: "service", served, as: "load-balancer" });
    for (const { value } of served.service.externalIPs)
      claim(parseIP(value), { kind: "service", served, as: "external-ip" });
  }
  return owners;
}

function findEndpoints(services: readonly ServedService[]): ReadonlyMap<string, Endpoint> {
  const all = services.flatMap(({ ports }) => ports.flatMap(({ endpoints }) => endpoints));
  return new Map(all.map((endpoint) => [hostPort(endpoint.address.ip, endpoint.port), endpoint]));
}
