import type { ServiceManifest } from "../manifest/model.ts";
import type { ServiceAddresses } from "./addresses.ts";
import type { DnsLookup } from "./dns-answer.ts";
import type { DnsService, PortEndpoints } from "./dns-records.ts";
import { listAddresses, listEndpoints, type ServedPort } from "./endpoints.ts";
import { placeOf } from "./manifests.ts";
import type { Resolution } from "./resolution.ts";
import type { View } from "./view.ts";

/** A Service as a view shows it: its addresses, and the endpoints of each of its ports. */
export interface ServedService {
  readonly service: ServiceManifest;
  /** Of several scopes, the nearest to the text. */
  readonly resolution: Resolution;
  readonly addresses: ServiceAddresses;
  /** One for each entry of `spec.ports`; empty for an ExternalName. */
  readonly ports: readonly ServedPort[];
}

/** Every Service in view, each name once. */
export const servedServices = (view: View): readonly ServedService[] =>
  view.services.flatMap((service) => servedService(view, service) ?? []);

/**
 * One Service as a view shows it; `undefined` where a nearer one hides it.
 * @param service one of those in view, or as it is written
 */
export function servedService(view: View, service: ServiceManifest): ServedService | undefined {
  const isThere = view.plan.services.has(service);
  const seen = isThere ? service : view.services.find((placed) => placeOf(placed) === placeOf(service));
  if (seen === undefined) return undefined;
  const addresses = view.plan.services.get(seen);
  const resolution = view.resolutionOf(seen);
  if (addresses === undefined || resolution === undefined) return undefined;
  return { service: seen, resolution, addresses, ports: listEndpoints(view, resolution) };
}

/** What the cluster's DNS server knows of a Service. A headless one has all its pods, with or without the port. */
export function dnsServiceOf(view: View, { service, resolution, addresses, ports: served }: ServedService): DnsService {
  const ports = served.map(({ resolution: { port }, endpoints }) => ({ port, endpoints }));
  const portless = (): PortEndpoints => ({ port: undefined, endpoints: listAddresses(view, resolution) });
  return {
    service,
    clusterIPs: addresses.clusterIPs,
    ports: service.headless === undefined ? ports : [...ports, portless()],
  };
}

/** What the cluster's DNS server knows, as far as a view shows it. */
export function dnsLookupOf(view: View): DnsLookup {
  const { services, workloads } = view;
  const byName = new Map(services.map((service) => [keyOf(service.namespace.value, service.name.value), service]));
  const namespaces = new Set([...services, ...workloads].map(({ namespace }) => namespace.value.toLowerCase()));
  return {
    service: (namespace, name) => {
      const service = byName.get(keyOf(namespace, name));
      const served = service && servedService(view, service);
      return served && dnsServiceOf(view, served);
    },
    hasNamespace: (namespace) => namespaces.has(namespace),
    namespacesOf: (name) =>
      services
        .filter((service) => service.name.value.toLowerCase() === name)
        .map(({ namespace }) => namespace.value.toLowerCase()),
  };
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`.toLowerCase();
