import { addressAt, type Family, familyOf, formatCidr, parseCidr, parseIP } from "../base/ip.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import { type Profile, type ProxyMode, podSubnet } from "../settings/profile.ts";
import { countOtherEndpoints } from "./count-endpoints.ts";
import { generateRules } from "./iptables/generate.ts";
import { generateIpvs } from "./ipvs/generate-ipvs.ts";
import {
  type DetectLocal,
  type Endpoint,
  kubeadmConfig,
  type NodeInfo,
  type ProxyConfig,
  type ProxyInput,
  type ServicePort,
} from "./kube-proxy/proxy-input.ts";
import { generateTable } from "./nftables/generate-table.ts";
import type { PacketFilter } from "./packet-filter.ts";
import type { Endpoint as ListedEndpoint } from "./resolution.ts";
import { type ServedService, servedServices } from "./served.ts";
import { hintsOf, isAuto } from "./topology-hints.ts";
import { generateUserspace } from "./userspace/generate-userspace.ts";
import type { View } from "./view.ts";

/** What kube-proxy in a mode makes of one node for all that is in view. */
export const filterFor = (view: View, mode: ProxyMode, nodeName: string, family: Family): PacketFilter =>
  generateFilter(mode, proxyInput(view.profile, servedServices(view), nodeName, family));

/**
 * The same with one Service alone; of all others only the endpoints are counted. In iptables and nftables mode its rules
 * are just those that it has among them, but that the chains of every node are referred to less often.
 */
export function filterForService(
  view: View,
  mode: ProxyMode,
  nodeName: string,
  family: Family,
  served: ServedService,
): PacketFilter {
  const input = proxyInput(view.profile, [served], nodeName, family);
  return generateFilter(mode, { ...input, otherEndpoints: countOtherEndpoints(view, [served.service], family) });
}

/** The packet filter that kube-proxy makes of its input. */
export function generateFilter(mode: ProxyMode, input: ProxyInput): PacketFilter {
  switch (mode) {
    case "ipvs":
      return { tool: "ipvs", state: generateIpvs(input) };
    case "userspace":
      return { tool: "userspace", rules: generateUserspace(input) };
    case "nftables":
      return { tool: "nftables", table: generateTable(input) };
    case "iptables":
      return { tool: "iptables", rules: generateRules(input) };
  }
}

/**
 * What the kube-proxy of a node reads. Services that it passes over are left out: headless ones, ExternalNames, those of
 * another proxy and those without an address of the family. A node that the profile does not know has no addresses.
 */
export const proxyInput = (
  profile: Profile,
  services: readonly ServedService[],
  nodeName: string,
  family: Family,
): ProxyInput => ({
  family,
  config: proxyConfig(profile),
  node: nodeInfo(profile, nodeName),
  servicePorts: services.flatMap((served) => servicePorts(profile, served, family)),
});

/** The families in which a cluster has rules: those of its Service CIDRs, and those of addresses that are written. */
export function proxyFamilies({ profile, plan }: Pick<View, "profile" | "plan">): readonly Family[] {
  const families = new Set(profile.serviceCIDR.map(({ family }) => family));
  for (const { clusterIPs } of plan.services.values()) for (const { ip } of clusterIPs) families.add(familyOf(ip));
  return (["IPv4", "IPv6"] as const).filter((family) => families.has(family));
}

/** Why kube-proxy writes no rule for a Service; `undefined` for one that it looks after. */
export function passedOver({
  service,
  addresses,
}: ServedService): "external-name" | "headless" | "foreign-proxy" | "no-address" | undefined {
  if (service.serviceType.value === "ExternalName") return "external-name";
  if (service.headless !== undefined) return "headless";
  if (service.foreignProxy) return "foreign-proxy";
  return addresses.clusterIPs.length === 0 ? "no-address" : undefined;
}

/** The interfaces of a node that is set up with a bridge for its pods. */
export const interfaces = { bridge: "cni0", pod: "veth", outside: "eth0" } as const;

/** The address of the bridge that a node's pods hang on; `undefined` where the node has no block for its pods. */
export function bridgeAddress(profile: Profile, nodeName: string, family: Family): string | undefined {
  const block = podSubnet(profile, nodeIndex(profile, nodeName), family);
  return block && addressAt(block, 1n);
}

/** The address of a node's end of the tunnels to other nodes; `undefined` where packets are routed instead. */
export function tunnelAddress(profile: Profile, nodeName: string, family: Family): string | undefined {
  if (profile.overlay !== "vxlan") return undefined;
  const block = podSubnet(profile, nodeIndex(profile, nodeName), family);
  return block && addressAt(block, 0n);
}

/** The addresses that a node has in the pods' network. */
export const insideAddresses = (profile: Profile, nodeName: string): readonly string[] =>
  (["IPv4", "IPv6"] as const)
    .flatMap((family) => [bridgeAddress(profile, nodeName, family), tunnelAddress(profile, nodeName, family)])
    .filter((ip) => ip !== undefined);

function proxyConfig(profile: Profile): ProxyConfig {
  const { detectLocal, mode: _, ...settings } = profile.proxy;
  const config = kubeadmConfig(
    profile.kubernetesVersion,
    profile.podCIDR.map(formatCidr),
    profile.serviceCIDR.map(formatCidr),
  );
  return { ...config, ...settings, detectLocal: detectLocalOf(config, detectLocal) };
}

function detectLocalOf(config: ProxyConfig, mode: Profile["proxy"]["detectLocal"]): DetectLocal {
  switch (mode) {
    case "ClusterCIDR":
      return config.detectLocal;
    case "NodeCIDR":
    case "none":
      return { mode };
    case "BridgeInterface":
      return { mode, name: interfaces.bridge };
    case "InterfaceNamePrefix":
      return { mode, prefix: interfaces.pod };
  }
}

/** What kube-proxy knows of its own node; nothing of one that the profile does not have. */
export function nodeInfo(profile: Profile, name: string): NodeInfo {
  const index = nodeIndex(profile, name);
  const node = profile.nodes[index];
  const blocks = profile.podCIDR.flatMap(({ family }) => podSubnet(profile, index, family) ?? []);
  // In a family in which the node itself has no address, its bridge's would pass for the primary one.
  const inside = node ? insideAddresses(profile, name).filter((ip) => familyOf(ip) === familyOf(node.address)) : [];
  return {
    name,
    addresses: node === undefined ? [] : [node.address, ...inside],
    podCIDRs: blocks.map(formatCidr),
    zone: node?.zone,
  };
}

const nodeIndex = (profile: Profile, name: string): number => profile.nodes.findIndex((node) => node.name === name);

function servicePorts(profile: Profile, served: ServedService, family: Family): readonly ServicePort[] {
  const { service, addresses } = served;
  const clusterIP = addresses.clusterIPs.find(({ ip }) => familyOf(ip) === family)?.ip;
  if (clusterIP === undefined || passedOver(served) !== undefined) return [];
  const shared = {
    namespace: service.namespace.value,
    service: service.name.value,
    clusterIP,
    externalIPs: ofFamily(
      family,
      service.externalIPs.map(({ value }) => value),
    ),
    loadBalancerVIPs: ofFamily(
      family,
      addresses.loadBalancerIPs.map(({ ip }) => ip),
    ),
    sourceRanges: service.loadBalancerSourceRanges.flatMap(({ value }) => {
      const block = parseCidr(value.trim());
      return block?.family === family ? [formatCidr(block)] : [];
    }),
    internalTrafficPolicy: service.internalTrafficPolicy.value,
    externalTrafficPolicy: service.externalTrafficPolicy.value,
    affinitySeconds: service.sessionAffinity.value === "ClientIP" ? service.sessionAffinityTimeout.value : undefined,
    healthCheckNodePort: addresses.nodePorts.healthCheck?.port,
    topologyModeAuto: isAuto(service),
  };
  const ports = served.ports.flatMap(({ resolution: { port }, endpoints }, index): ServicePort[] => {
    // The API server refuses such a port, so no proxy ever sees it.
    if (port.port.value < 1 || port.port.value > 65535) return [];
    return [
      {
        ...shared,
        portName: port.name?.value ?? "",
        protocol: port.protocol.value,
        port: port.port.value,
        nodePort: addresses.nodePorts.ports[index]?.port,
        endpoints: endpoints
          .filter(({ address }) => familyOf(address.ip) === family)
          .map((endpoint) => endpointOf(profile, service, endpoint)),
        because: port.range,
      },
    ];
  });
  // Of two ports with one name the API server takes neither; the later one would win in kube-proxy's map.
  return [...new Map(ports.map((port) => [`${port.portName} ${port.protocol}`, port])).values()];
}

function endpointOf(profile: Profile, service: ServiceManifest, endpoint: ListedEndpoint): Endpoint {
  const hints = hintsOf(profile, service, endpoint);
  return {
    ip: endpoint.address.ip,
    port: endpoint.port,
    nodeName: endpoint.node,
    ready: endpoint.ready,
    serving: endpoint.serving,
    terminating: endpoint.terminating,
    zoneHints: hints.zones,
    nodeHints: hints.nodes,
    label: endpoint.pod ?? "",
    because: endpoint.because,
  };
}

const ofFamily = (family: Family, texts: readonly string[]): readonly string[] =>
  texts.flatMap((text) => {
    const ip = parseIP(text);
    return ip !== undefined && familyOf(ip) === family ? [ip] : [];
  });
