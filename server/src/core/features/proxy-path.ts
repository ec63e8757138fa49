import { hostPort } from "../base/ip.ts";
import { type Message, message, quote } from "../base/message.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { ServedPort } from "../cluster/endpoints.ts";
import { endpointChain, portChain } from "../cluster/iptables/chain-names.ts";
import { servicePortName } from "../cluster/kube-proxy/service-order.ts";
import {
  endpointChain as endpointNftChain,
  type PortKey,
  portChain as portNftChain,
} from "../cluster/nftables/names.ts";
import { isInlined } from "../cluster/nftables/releases.ts";
import type { Address, Endpoint } from "../cluster/resolution.ts";
import type { ServiceManifest, ServicePort } from "../manifest/model.ts";
import { atLeast, type Profile, type ProxyMode } from "../settings/profile.ts";
import { addressPortText } from "./layout.ts";
import type { Block } from "./markdown.ts";
import { portText } from "./naming.ts";

/** What the way through the rules of a mode is called. */
export function pathTitle(mode: ProxyMode): Message {
  switch (mode) {
    case "iptables":
      return message`iptables path`;
    case "nftables":
      return message`nftables path`;
    case "ipvs":
      return message`IPVS path`;
    case "userspace":
      return message`userspace path`;
  }
}

/**
 * The way of a packet to the cluster IP, in short, for each port: chains, or a virtual server.
 * @param served the endpoints of each port, as far as they are known
 * @param clusterIP as far as one is known; IPVS calls its virtual servers by it
 */
export function listPaths(
  cluster: Cluster,
  service: ServiceManifest,
  served: readonly ServedPort[] | undefined,
  clusterIP: Address | undefined,
): readonly Block[] {
  const profile = cluster.profileAt(service.range.uri);
  const { mode } = profile.proxy;
  if (service.headless || service.foreignProxy || service.ports.length === 0) return [];
  if (mode === "ipvs" && clusterIP === undefined) return [];
  const items = service.ports.map((port, index): Message => {
    const name = quote(portText(port));
    const way = message`${name}: ${wayIn(profile, service, port, clusterIP)}`;
    if (served === undefined) return way;
    const [first, ...others] = usableEndpoints(profile, served[index]?.endpoints ?? []);
    if (first === undefined) {
      if (mode !== "userspace") return message`${name}: no endpoint, every connection is rejected`;
      return port.protocol.value === "UDP"
        ? message`${name}: no endpoint, kube-proxy drops all that comes`
        : message`${name}: no endpoint, kube-proxy closes every connection at once`;
    }
    if (staysOnNode(profile, service)) return message`${way} → endpoints on the client's own node alone`;
    const last = quote(endpointName(profile, service, port, first));
    return others.length === 0 ? message`${way} → ${last}` : message`${way} → ${last} and ${others.length} more`;
  });
  return [
    { kind: "paragraph", words: message`${pathTitle(mode)}:` },
    { kind: "list", items },
  ];
}

/** Endpoints that are ready; from 1.26 on, those that shut down but serve, where none is. */
function usableEndpoints(profile: Profile, endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  if (ready.length > 0 || !atLeast(profile, 1, 26)) return ready;
  return endpoints.filter(({ serving, terminating }) => serving && terminating);
}

/**
 * Whether the cluster IP leads to endpoints of the node alone, whichever node it is: the internal policy Local, from 1.22
 * on. Up to 1.23 it was not heeded beside the external one; IPVS falls back to all endpoints where a Service is reached
 * from outside, too.
 */
function staysOnNode(profile: Profile, service: ServiceManifest): boolean {
  const { internalTrafficPolicy, externalTrafficPolicy, serviceType, externalIPs } = service;
  if (internalTrafficPolicy.value !== "Local" || !atLeast(profile, 1, 22)) return false;
  switch (profile.proxy.mode) {
    case "iptables":
      return atLeast(profile, 1, 24) || externalTrafficPolicy.value !== "Local";
    case "nftables":
      return true;
    case "ipvs":
      return serviceType.value === "ClusterIP" && externalIPs.length === 0;
    case "userspace":
      return false;
  }
}

/** All that comes before the endpoint. */
function wayIn(profile: Profile, service: ServiceManifest, port: ServicePort, clusterIP: Address | undefined): Message {
  const isLocal = service.internalTrafficPolicy.value === "Local";
  switch (profile.proxy.mode) {
    case "iptables": {
      const kind = isLocal && atLeast(profile, 1, 24) ? "SVL" : "SVC";
      const chain = portChain(kind, hashedName(profile, service, port), port.protocol.value);
      return message`${quote("KUBE-SERVICES")} → ${quote(chain)}`;
    }
    case "nftables":
      return message`${quote("services")} → ${quote(portNftChain(isLocal ? "local" : "service", keyOf(service, port)))}`;
    case "ipvs": {
      const server = clusterIP ? `${port.protocol.value} ${addressPortText(clusterIP, port.port.value)}` : "";
      return message`${quote(`${server} ${profile.proxy.ipvsScheduler}`)}`;
    }
    case "userspace":
      return message`${quote("KUBE-PORTALS-CONTAINER")} → ${quote("kube-proxy")}`;
  }
}

/** The chain of an endpoint, or the endpoint itself where it has none. */
function endpointName(
  profile: Profile,
  service: ServiceManifest,
  port: ServicePort,
  { address, port: number }: Endpoint,
): string {
  switch (profile.proxy.mode) {
    case "iptables": {
      const name = hashedName(profile, service, port);
      return endpointChain(name, port.protocol.value, hostPort(address.ip, number));
    }
    case "nftables":
      if (isInlined(profile.kubernetesVersion) && service.sessionAffinity.value === "None") {
        return addressPortText(address, number);
      }
      return endpointNftChain(keyOf(service, port), { ip: address.ip, port: number });
    case "ipvs":
    case "userspace":
      return addressPortText(address, number);
  }
}

const hashedName = (profile: Profile, { namespace, name }: ServiceManifest, port: ServicePort): string =>
  servicePortName(profile.kubernetesVersion, namespace.value, name.value, port.name?.value ?? "");

const keyOf = ({ namespace, name }: ServiceManifest, port: ServicePort): PortKey => ({
  namespace: namespace.value,
  service: name.value,
  portName: port.name?.value ?? "",
  protocol: port.protocol.value,
});
