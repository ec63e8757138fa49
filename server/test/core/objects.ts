import type { Family } from "../../src/core/base/ip.ts";
import { documentUri, type Field, type SourceRange } from "../../src/core/base/source.ts";
import type { DnsLookup } from "../../src/core/cluster/dns-answer.ts";
import type { DnsService } from "../../src/core/cluster/dns-records.ts";
import type { Endpoint } from "../../src/core/cluster/resolution.ts";
import type { Protocol, ServiceManifest, ServicePort, ServiceType } from "../../src/core/manifest/model.ts";

/** A place that tests can tell apart by its offset. */
export const placeAt = (start: number): SourceRange => ({
  uri: documentUri("file:///test.yaml"),
  start,
  end: start + 1,
});

export const field = <T>(value: T, start = 0): Field<T> => ({ value, range: placeAt(start), origin: "written" });

/** What a test says of a Service; the rest is as the API has it by default. */
export interface ServiceSketch {
  readonly name: string;
  readonly namespace?: string;
  readonly type?: ServiceType;
  readonly ports?: readonly PortSketch[];
  /** `undefined` for a Service without selector. */
  readonly selector?: boolean;
  readonly headless?: boolean;
  readonly clusterIPs?: readonly string[];
  readonly ipFamilies?: readonly Family[];
  readonly ipFamilyPolicy?: "SingleStack" | "PreferDualStack" | "RequireDualStack";
  readonly externalName?: string;
  readonly externalTrafficPolicy?: "Cluster" | "Local";
  readonly healthCheckNodePort?: number;
  readonly loadBalancerIP?: string;
  readonly loadBalancerIngress?: readonly string[];
  readonly publishNotReadyAddresses?: boolean;
  readonly allocateLoadBalancerNodePorts?: boolean;
}

export interface PortSketch {
  readonly port: number;
  readonly name?: string;
  readonly protocol?: Protocol;
  readonly nodePort?: number;
}

/** A Service made without YAML. */
export function makeService(sketch: ServiceSketch): ServiceManifest {
  const optional = <T>(value: T | undefined): Field<T> | undefined => (value === undefined ? undefined : field(value));
  return {
    type: "Service",
    apiVersion: field("v1"),
    kind: field("Service"),
    name: field(sketch.name, 1),
    namespace: sketch.namespace === undefined ? { ...field("default"), origin: "default" } : field(sketch.namespace),
    labels: { entries: [], key: placeAt(0) },
    range: placeAt(0),
    owner: undefined,
    uid: undefined,
    document: 0,
    miscased: [],
    stale: false,
    serviceType: field(sketch.type ?? "ClusterIP"),
    selector:
      sketch.selector === false
        ? undefined
        : { entries: [{ key: field("app"), value: field(sketch.name) }], key: placeAt(0) },
    selectorPlaceholder: undefined,
    ports: (sketch.ports ?? [{ port: 80 }]).map(makePort),
    clusterIPs: (sketch.clusterIPs ?? []).map((ip, index) => field(ip, 10 + index)),
    headless: sketch.headless ? field(true) : undefined,
    ipFamilies: (sketch.ipFamilies ?? []).map((family) => field(family)),
    ipFamilyPolicy: optional(sketch.ipFamilyPolicy),
    externalIPs: [],
    externalName: optional(sketch.externalName),
    loadBalancerIP: optional(sketch.loadBalancerIP),
    loadBalancerSourceRanges: [],
    loadBalancerIngress: (sketch.loadBalancerIngress ?? []).map((ip) => ({ ip: field(ip), proxied: false })),
    trafficDistribution: undefined,
    topologyMode: undefined,
    sessionAffinity: field("None"),
    sessionAffinityTimeout: field(10800),
    externalTrafficPolicy: field(sketch.externalTrafficPolicy ?? "Cluster"),
    internalTrafficPolicy: field("Cluster"),
    allocateLoadBalancerNodePorts: sketch.allocateLoadBalancerNodePorts ?? true,
    publishNotReadyAddresses: sketch.publishNotReadyAddresses ?? false,
    healthCheckNodePort: optional(sketch.healthCheckNodePort),
    foreignProxy: false,
  };
}

const makePort = ({ port, name, protocol, nodePort }: PortSketch, index: number): ServicePort => ({
  name: name === undefined ? undefined : field(name),
  port: field(port, 100 + index),
  protocol: field(protocol ?? "TCP"),
  targetPort: { ...field(port), origin: "default" },
  nodePort: nodePort === undefined ? undefined : field(nodePort),
  range: placeAt(100 + index),
});

/** What a test says of an endpoint; the rest is a ready pod. */
export interface EndpointSketch {
  readonly ip: string;
  readonly port?: number;
  readonly ready?: boolean;
  readonly hostname?: string;
}

export const makeEndpoint = ({ ip, port, ready, hostname }: EndpointSketch): Endpoint => ({
  address: { ip, origin: "simulated" },
  port: port ?? 8080,
  protocol: "TCP",
  ready: ready ?? true,
  serving: ready ?? true,
  terminating: false,
  node: undefined,
  pod: undefined,
  container: undefined,
  hostname,
  because: placeAt(500),
});

/** A Service as DNS sees it, the same endpoints behind each of its ports. */
export function makeDnsService(
  sketch: ServiceSketch,
  clusterIPs: readonly string[] = [],
  endpoints: readonly EndpointSketch[] = [],
): DnsService {
  const service = makeService(sketch);
  const ports = service.ports.length > 0 ? service.ports : [undefined];
  return {
    service,
    clusterIPs: clusterIPs.map((ip) => ({ ip, origin: "simulated" })),
    ports: ports.map((port) => ({ port, endpoints: endpoints.map(makeEndpoint) })),
  };
}

/** A DNS view of some Services; namespaces are those of the Services and the further ones given. */
export function makeLookup(services: readonly DnsService[], namespaces: readonly string[] = []): DnsLookup {
  const named = (name: string) => services.filter(({ service }) => service.name.value === name);
  return {
    service: (namespace, name) => named(name).find(({ service }) => service.namespace.value === namespace),
    hasNamespace: (namespace) =>
      namespaces.includes(namespace) || services.some(({ service }) => service.namespace.value === namespace),
    namespacesOf: (name) => named(name).map(({ service }) => service.namespace.value),
  };
}
