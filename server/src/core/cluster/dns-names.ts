import type { ServicePort } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import type { DnsLookup } from "./dns-answer.ts";
import { clusterName, type DnsService, endpointHost, portNameOf, readyEndpoints } from "./dns-records.ts";
import type { Endpoint } from "./resolution.ts";

/** A name that leads to a Service. */
export interface ServiceName {
  readonly name: string;
  /** The namespace whose pods alone can use it; `undefined` for every pod of the cluster. */
  readonly from: string | undefined;
  /** What an SRV name is about; `undefined` for a name that has addresses. */
  readonly port: ServicePort | undefined;
}

/** A name that leads to one endpoint of a Service. */
export interface EndpointName {
  readonly name: string;
  readonly from: string | undefined;
  readonly endpoint: Endpoint;
}

/** Every name that a Service answers to, the shortest first, then those of its named ports. */
export function serviceNames(profile: Profile, { service }: DnsService): readonly ServiceName[] {
  if (service.name.value === "") return [];
  const names = shortened(profile, clusterName(profile, service)).map((name) => ({ ...name, port: undefined }));
  if (service.serviceType.value === "ExternalName") return names;
  const ports = service.ports.flatMap((port): ServiceName[] => {
    const name = portNameOf(profile, service, port);
    return name === undefined ? [] : [{ name, from: undefined, port }];
  });
  return [...names, ...ports];
}

/** The names of the pods that bring one: host name and subdomain in their spec, behind a headless Service, ready. */
export function endpointNames(profile: Profile, subject: DnsService): readonly EndpointName[] {
  if (subject.service.headless === undefined) return [];
  return readyEndpoints(subject).flatMap((endpoint) => {
    if (!endpoint.hostname) return [];
    const full = `${endpointHost(endpoint)}.${clusterName(profile, subject.service)}`;
    return shortened(profile, full).map((name) => ({ ...name, endpoint }));
  });
}

/** Whether a pod has a DNS name of its own, and what is missing if it has not. */
export type PodName =
  /** `guaranteed` is false behind a Service with a cluster IP, where only CoreDNS answers. */
  | { readonly kind: "resolves"; readonly name: string; readonly guaranteed: boolean }
  | { readonly kind: "no-hostname" }
  | { readonly kind: "no-subdomain" }
  /** No Service in the pod's namespace is called like its subdomain. */
  | { readonly kind: "no-service"; readonly name: string }
  | { readonly kind: "not-selected"; readonly service: DnsService }
  | { readonly kind: "not-ready"; readonly service: DnsService };

/** What {@link podName} looks at. For a StatefulSet: the pod's name and `spec.serviceName`. */
export interface NamedPod {
  readonly namespace: string;
  readonly hostname: string | undefined;
  readonly subdomain: string | undefined;
}

/** The DNS name that a pod brings by its host name and subdomain. */
export function podName(profile: Profile, lookup: DnsLookup, pod: NamedPod): PodName {
  if (!pod.hostname) return { kind: "no-hostname" };
  if (!pod.subdomain) return { kind: "no-subdomain" };
  const service = lookup.service(pod.namespace.toLowerCase(), pod.subdomain.toLowerCase());
  if (service === undefined) return { kind: "no-service", name: pod.subdomain };
  const host = pod.hostname.toLowerCase();
  const isPod = (endpoint: Endpoint): boolean => endpoint.hostname?.toLowerCase() === host;
  const ready = readyEndpoints(service).some(isPod);
  if (ready) {
    const name = `${host}.${clusterName(profile, service.service)}`;
    return { kind: "resolves", name, guaranteed: service.service.headless !== undefined };
  }
  const selected = service.ports.some((port) => port.endpoints.some(isPod));
  return selected ? { kind: "not-ready", service } : { kind: "not-selected", service };
}

/** A full name and what may be left off its end: namespace, `svc` and domain. */
function shortened(
  profile: Profile,
  full: string,
): readonly { readonly name: string; readonly from: string | undefined }[] {
  const svc = full.slice(0, -profile.domain.length - 1);
  const inNamespace = svc.slice(0, -".svc".length);
  const dot = inNamespace.lastIndexOf(".");
  const from = inNamespace.slice(dot + 1);
  const everywhere = [inNamespace, svc, full].map((name) => ({ name, from: undefined }));
  return [{ name: inNamespace.slice(0, dot), from }, ...everywhere];
}
