import { type Cidr, type Family, familyOf, parseIP, sizeOf } from "../base/ip.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import { apiServerAddress, atLeast, cidrOf, dnsServerAddress, type Profile } from "../settings/profile.ts";
import { type Claims, claimsOf, lastPlace, placeAddresses } from "./address-pool.ts";
import { familiesOf } from "./families.ts";
import { type NodePorts, planNodePorts } from "./node-ports.ts";
import { type PodKey, type PodPlacement, placePods } from "./pod-addresses.ts";
import type { Address } from "./resolution.ts";

/**
 * Every address and port that only a cluster could hand out, for the objects of one scope. What is simulated stays
 * where it is when other objects come and go, unless one of them takes its very place.
 */
export interface AddressPlan {
  readonly services: ReadonlyMap<ServiceManifest, ServiceAddresses>;
  /** By `podId`. */
  readonly pods: ReadonlyMap<string, PodPlacement>;
}

export interface ServiceAddresses {
  /** In the order of the Service's families; empty for a headless Service and an ExternalName. */
  readonly clusterIPs: readonly Address[];
  /** Families of the Service in which the cluster has no address left. */
  readonly exhausted: readonly Family[];
  readonly nodePorts: NodePorts;
  /** Observed in `status`, else the written `loadBalancerIP`; never simulated, because no cluster promises one. */
  readonly loadBalancerIPs: readonly Address[];
}

/**
 * Hands out addresses as a cluster would, by hashes of the names that they belong to.
 *
 * Written and observed values are claimed first and always win, even outside the ranges of the profile. Two Services of
 * one name share what that name is given. Text that is no address counts as absent.
 * @param claimed further addresses that are spoken for, such as those of hand-written EndpointSlices
 */
export function planAddresses(
  profile: Profile,
  services: readonly ServiceManifest[],
  pods: readonly PodKey[],
  claimed: readonly string[] = [],
): AddressPlan {
  const claims = claimsOf([
    ...claimed,
    ...wellKnownAddresses(profile).map(([, ip]) => ip),
    ...pods.flatMap((pod) => pod.observedIPs ?? []),
    ...services.flatMap((service) => writtenClusterIPs(service).map(({ ip }) => ip)),
    ...profile.nodes.map((node) => node.address),
  ]);
  const nodePorts = planNodePorts(profile, services);
  const clusterIPs = new Map(
    profile.serviceCIDR.map(({ family }) => [family, placeClusterIPs(profile, services, family, claims)]),
  );
  const addresses = services.map((service): [ServiceManifest, ServiceAddresses] => {
    const given = lackingFamilies(profile, service).map((family) => ({
      family,
      ip: clusterIPs.get(family)?.get(serviceId(service)),
    }));
    const simulated = given.flatMap(({ ip }): Address[] => (ip === undefined ? [] : [{ ip, origin: "simulated" }]));
    return [
      service,
      {
        clusterIPs: [...writtenClusterIPs(service), ...simulated],
        exhausted: given.flatMap(({ family, ip }) => (ip === undefined ? [family] : [])),
        nodePorts: nodePorts.get(service) ?? { ports: [], healthCheck: undefined },
        loadBalancerIPs: loadBalancerIPs(profile, service),
      },
    ];
  });
  return { services: new Map(addresses), pods: placePods(profile, pods, claims) };
}

/**
 * Cluster IPs of one family, by {@link serviceId}. The API server keeps the lower part of the Service CIDR for addresses
 * that people write, and hands it out last.
 * @see https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
 */
function placeClusterIPs(
  profile: Profile,
  services: readonly ServiceManifest[],
  family: Family,
  claims: Claims,
): ReadonlyMap<string, string> {
  const block = cidrOf(profile.serviceCIDR, family);
  if (block === undefined) return new Map();
  const keys = services.filter((service) => lackingFamilies(profile, service).includes(family)).map(serviceId);
  const known = wellKnownAddresses(profile).filter(([id, ip]) => keys.includes(id) && familyOf(ip) === family);
  const others = keys.filter((key) => !known.some(([id]) => id === key));
  return new Map([...placeAddresses(block, allocationRuns(block), claims, others), ...known]);
}

/** The part of a Service CIDR that addresses are taken from first, then the rest. */
function allocationRuns(block: Cidr): readonly (readonly [number, number])[] {
  const size = Number(sizeOf(block));
  const kept = size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256);
  return [
    [kept + 1, lastPlace(block)],
    [1, kept],
  ];
}

/** Addresses that are spoken for in every cluster: the API server's, and the DNS server's as kubeadm places it. */
function wellKnownAddresses(profile: Profile): readonly (readonly [serviceId: string, ip: string])[] {
  const apiServer = apiServerAddress(profile);
  const dnsServer = dnsServerAddress(profile);
  return [
    ...(apiServer === undefined ? [] : [["default/kubernetes", apiServer] as const]),
    ...(dnsServer === undefined ? [] : [["kube-system/kube-dns", dnsServer] as const]),
  ];
}

/** Families in which a Service gets a cluster IP and has none written. */
function lackingFamilies(profile: Profile, service: ServiceManifest): readonly Family[] {
  if (service.headless !== undefined) return [];
  const written = writtenClusterIPs(service).map(({ ip }) => familyOf(ip));
  return familiesOf(profile, service).filter((family) => !written.includes(family));
}

function writtenClusterIPs(service: ServiceManifest): readonly Address[] {
  if (service.headless !== undefined || service.serviceType.value === "ExternalName") return [];
  return service.clusterIPs.flatMap(({ value }) => {
    const ip = parseIP(value);
    return ip === undefined ? [] : [{ ip, origin: "written" as const }];
  });
}

/** What was handed out counts whatever the Service's type is by now: kube-proxy does not ask. */
function loadBalancerIPs(profile: Profile, service: ServiceManifest): readonly Address[] {
  const observed = service.loadBalancerIngress.flatMap(({ ip, proxied }) =>
    // kube-proxy looks at `ipMode` from 1.30 on; before, the address was an address like any other.
    proxied && atLeast(profile, 1, 30) ? [] : (parseIP(ip.value) ?? []),
  );
  if (observed.length > 0) return observed.map((ip) => ({ ip, origin: "observed" }));
  if (service.serviceType.value !== "LoadBalancer") return [];
  const written = service.loadBalancerIP && parseIP(service.loadBalancerIP.value);
  return written ? [{ ip: written, origin: "written" }] : [];
}

const serviceId = (service: ServiceManifest): string => `${service.namespace.value}/${service.name.value}`;
