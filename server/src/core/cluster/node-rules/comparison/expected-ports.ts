import { type Family, familyOf, hostPort, parseIP } from "../../../base/ip.ts";
import type { ServiceManifest, ServicePort } from "../../../manifest/model.ts";
import type { Profile } from "../../../settings/profile.ts";
import { listedIn, type ServedPort } from "../../endpoints.ts";
import { isFrom } from "../../kube-proxy/proxy-input.ts";
import { lastResortOf } from "../../kube-proxy/used-endpoints.ts";
import type { AllocatedPort } from "../../node-ports.ts";
import { isUncounted } from "../../pods.ts";
import { passedOver } from "../../proxy.ts";
import type { Address, Endpoint, PortTarget, Resolution } from "../../resolution.ts";
import { type ServedService, servedServices } from "../../served.ts";
import { hintsOf } from "../../topology-hints.ts";
import type { View } from "../../view.ts";
import { keyOfPort } from "./actual-ports.ts";
import type { LeftOut, WhyNoEndpoint, WhyOnlyOnNode } from "./comparison.ts";

/** A service port as the manifests come to. */
export interface ExpectedPort {
  readonly service: ServiceManifest;
  readonly port: ServicePort;
  /** Why no rules are expected; `undefined` where they are. */
  readonly passedOver: Exclude<WhyOnlyOnNode, "unknown-service" | "unknown-port"> | undefined;
  readonly clusterIP: Address | undefined;
  readonly nodePort: AllocatedPort | undefined;
  /** External IPs and those of load balancers; `undefined` where a load balancer will still be given one. */
  readonly externals: readonly string[] | undefined;
  readonly affinitySeconds: number | undefined;
  readonly endpoints: readonly Endpoint[];
  /** Why there are none, as far as that is known. */
  readonly withoutEndpoint: WhyNoEndpoint | undefined;
  /** What is not known of the endpoints; nothing where every one of them is. */
  readonly unsure: Extract<LeftOut, `endpoint${string}`> | undefined;
}

/** The service ports of everything in view by `keyOfPort`, in one family; also those that get no rules. */
export const listExpectedPorts = (view: View, family: Family): ReadonlyMap<string, ExpectedPort> =>
  new Map(
    servedServices(view).flatMap((served) =>
      // The API server takes none without a name.
      (served.service.name.value === "" ? [] : served.ports).map((port, index) => {
        const { name, protocol } = port.resolution.port;
        const { namespace, name: service } = served.service;
        const key = keyOfPort(namespace.value, service.value, name?.value ?? "", protocol.value);
        return [key, expectedPort(view, served, port, index, family)] as const;
      }),
    ),
  );

function expectedPort(
  view: View,
  served: ServedService,
  { resolution: { port, targets }, endpoints }: ServedPort,
  index: number,
  family: Family,
): ExpectedPort {
  const { service, addresses, resolution } = served;
  const clusterIP = addresses.clusterIPs.find(({ ip }) => familyOf(ip) === family);
  const own = distinct(endpoints.filter(({ address }) => familyOf(address.ip) === family));
  const ready = own.filter((one) => one.ready);
  const used = ready.length > 0 ? ready : lastResortOf(view.profile.kubernetesVersion, own);
  const isLocked = targets.some(({ kind }) => kind === "unknown");
  return {
    service,
    port,
    passedOver: passedOver(served) ?? (clusterIP === undefined ? "no-address" : undefined),
    clusterIP,
    nodePort: addresses.nodePorts.ports[index],
    externals: externalsOf(served, family),
    affinitySeconds: service.sessionAffinity.value === "ClientIP" ? service.sessionAffinityTimeout.value : undefined,
    endpoints: used,
    withoutEndpoint: used.length > 0 ? undefined : whyNoEndpoint(resolution, targets),
    unsure: isLocked ? "endpoints-by-placeholder" : whatIsUnsure(view.profile, served, resolution, used),
  };
}

function whyNoEndpoint({ endpoints }: Resolution, targets: readonly PortTarget[]): WhyNoEndpoint | undefined {
  if (endpoints.kind === "selected" && endpoints.pods.length === 0) return { kind: "no-pod" };
  for (const target of targets) if (target.kind === "unresolved") return { kind: "no-such-port", name: target.name };
  return undefined;
}

function distinct(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return [...new Map(endpoints.map((one) => [hostPort(one.address.ip, one.port), one])).values()];
}

function externalsOf({ service, addresses }: ServedService, family: Family): readonly string[] | undefined {
  const { loadBalancerIPs } = addresses;
  if (service.serviceType.value === "LoadBalancer" && loadBalancerIPs.length === 0) return undefined;
  const written = service.externalIPs.flatMap(({ value }) => parseIP(value) ?? []);
  const all = [...written, ...loadBalancerIPs.map(({ ip }) => ip)];
  return [...new Set(all)].filter((ip) => familyOf(ip) === family).sort();
}

/** The gravest of all reasons for which endpoints cannot be compared one by one. */
function whatIsUnsure(
  profile: Profile,
  { service, addresses }: ServedService,
  resolution: Resolution,
  used: readonly Endpoint[],
): ExpectedPort["unsure"] {
  const { endpoints } = resolution;
  if (endpoints.kind === "unknown") return "endpoints-by-placeholder";
  const isListed = listedIn(resolution) !== undefined;
  if (endpoints.kind === "none" && !isListed) return "endpoints-by-others";
  const isOutside =
    service.externalIPs.length > 0 ||
    addresses.loadBalancerIPs.length > 0 ||
    addresses.nodePorts.ports.some((port) => port !== undefined);
  // Before 1.24, one chain served inside and outside, with the endpoints that the inside may have.
  const isOfOneNode = !isOutside || !isFrom(profile.kubernetesVersion, 24);
  if (service.internalTrafficPolicy.value === "Local" && isOfOneNode) return "endpoints-of-one-node";
  const hints = used.map((endpoint) => hintsOf(profile, service, endpoint));
  if (hints.some(({ zones, nodes }) => zones.length > 0 || nodes.length > 0)) return "endpoints-by-hints";
  if (isListed) return undefined;
  const isOpen =
    endpoints.kind === "selected" &&
    endpoints.pods.some((source) => source.match === "possible" || isUncounted(source));
  if (isOpen) return "endpoint-count";
  return used.some(({ address }) => address.origin === "simulated") ? "endpoint-addresses" : undefined;
}
