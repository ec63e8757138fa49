import type { DocumentUri } from "../base/source.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import type { ServiceAddresses } from "./addresses.ts";
import type { Cluster } from "./cluster.ts";
import type { DnsLookup } from "./dns-answer.ts";
import type { DnsService } from "./dns-records.ts";
import { listAddresses, listEndpoints, type ServedPort } from "./endpoints.ts";
import type { Resolution } from "./resolution.ts";
import { observedSlices } from "./resolve.ts";
import { nearestResolution } from "./view.ts";

/** A Service as it is seen from a text: its addresses, and the endpoints of each of its ports. */
export interface ServedService {
  readonly service: ServiceManifest;
  /** Of several scopes, the nearest to the text. */
  readonly resolution: Resolution;
  readonly addresses: ServiceAddresses;
  /** One for each entry of `spec.ports`; empty for an ExternalName. */
  readonly ports: readonly ServedPort[];
}

/** Every Service in view of a text, each name once. */
export const servedServices = (cluster: Cluster, from: DocumentUri): readonly ServedService[] =>
  cluster.viewFrom(from).services.flatMap((service) => servedService(cluster, from, service) ?? []);

/** One Service as it is seen from a text; `undefined` where a nearer one hides it. */
export function servedService(
  cluster: Cluster,
  from: DocumentUri,
  service: ServiceManifest,
): ServedService | undefined {
  const view = cluster.viewFrom(from);
  const addresses = view.plan.services.get(service);
  const resolution = nearestResolution(from, cluster.resolve(service));
  if (addresses === undefined || resolution === undefined) return undefined;
  const ports = listEndpoints(view, resolution, observedSlices(cluster.snapshot, service));
  return { service, resolution, addresses, ports };
}

/** What the cluster's DNS server knows of a Service. A headless one has all its pods, with or without the port. */
export function dnsServiceOf(cluster: Cluster, from: DocumentUri, served: ServedService): DnsService {
  const { service, resolution, addresses } = served;
  const ports = served.ports.map(({ resolution: { port }, endpoints }) => ({ port, endpoints }));
  const observed = observedSlices(cluster.snapshot, service);
  const portless = listAddresses(cluster.viewFrom(from), resolution, observed);
  return {
    service,
    clusterIPs: addresses.clusterIPs,
    ports: service.headless === undefined ? ports : [...ports, { port: undefined, endpoints: portless }],
  };
}

/** What the cluster's DNS server knows, as far as a text's surroundings show it. */
export function dnsLookupFrom(cluster: Cluster, from: DocumentUri): DnsLookup {
  const { services, workloads } = cluster.viewFrom(from);
  const byName = new Map(services.map((service) => [keyOf(service.namespace.value, service.name.value), service]));
  const namespaces = new Set([...services, ...workloads].map(({ namespace }) => namespace.value.toLowerCase()));
  return {
    service: (namespace, name) => {
      const service = byName.get(keyOf(namespace, name));
      const served = service && servedService(cluster, from, service);
      return served && dnsServiceOf(cluster, from, served);
    },
    hasNamespace: (namespace) => namespaces.has(namespace),
    namespacesOf: (name) =>
      services
        .filter((service) => service.name.value.toLowerCase() === name)
        .map(({ namespace }) => namespace.value.toLowerCase()),
  };
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`.toLowerCase();
