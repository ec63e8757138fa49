import type {
  DetectLocal,
  ProxyConfig,
  ProxyInput,
  TrafficPolicy,
} from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { type EndpointSketch, proxyInput, type ServicePortSketch } from "../iptables/inputs.ts";
import { type Drawer, openDrawer } from "./drawer.ts";
import { healthCheckPorts, labEndpoints, labNode, ownAddresses } from "./lab-map.ts";

/** A cluster of one to three Services over the endpoints of the laboratory. The same seed gives the same cluster. */
export function randomInput(seed: number): ProxyInput {
  const drawer = openDrawer(seed);
  const input = proxyInput({
    node: { ...labNode, zone: drawer.pick(["east", "east", undefined]) },
    config: randomConfig(drawer),
    servicePorts: Array.from({ length: drawer.between(1, 3) }, (_, index) => randomService(drawer, index)).flat(),
  });
  // With so many endpoints besides, kube-proxy saves the comments.
  return drawer.often(0.1) ? { ...input, otherEndpoints: 1000 } : input;
}

function randomConfig({ pick, often }: Drawer): Partial<ProxyConfig> {
  return {
    release: { major: 1, minor: pick([2, 5, 8, 12, 16, 18, 20, 22, 23, 24, 25, 26, 28, 30, 32, 34, 36]) },
    detectLocal: pick<DetectLocal>([
      { mode: "ClusterCIDR", cidrs: ["10.244.0.0/16", "fd00:10:244::/56"] },
      { mode: "NodeCIDR" },
      { mode: "InterfaceNamePrefix", prefix: "cali" },
      { mode: "BridgeInterface", name: "cali9" },
      { mode: "none" },
    ]),
    masqueradeAll: often(0.2),
    masqueradeBit: pick([14, 14, 0, 20, 31]),
    localhostNodePorts: often(0.8),
    nodePortAddresses: pick([
      [],
      [],
      ["192.168.10.0/24"],
      ["198.51.100.0/24", "127.0.0.0/8"],
      ["primary"],
      ["0.0.0.0/0"],
    ]),
    randomFully: often(0.8),
    conntrackLiberal: often(0.2),
  };
}

/** The ports of one Service. They share its addresses, its policies and its pods, and differ in protocol or number. */
function randomService(drawer: Drawer, index: number): readonly ServicePortSketch[] {
  const { often, pick } = drawer;
  const externalTrafficPolicy = pick<TrafficPolicy>(["Cluster", "Local"]);
  const loadBalancerVIPs = often(0.5)
    ? [pick([`203.0.113.${10 + index}`, `203.0.113.${10 + index}`, ownAddresses[1]])]
    : [];
  const pods = randomPods(drawer);
  const service: ServicePortSketch = {
    service: `s${index}`,
    clusterIP: `10.96.0.${10 + index}`,
    externalIPs: often(0.5) ? [pick([`192.0.2.${10 + index}`, `192.0.2.${10 + index}`, ownAddresses[0]])] : [],
    loadBalancerVIPs,
    sourceRanges: pick([
      [],
      [],
      ["198.51.100.0/24"],
      ["10.244.0.0/16", "192.168.10.0/24"],
      ["0.0.0.0/0"],
      ["203.0.113.0/24"],
    ]),
    internalTrafficPolicy: pick<TrafficPolicy>(["Cluster", "Cluster", "Local"]),
    externalTrafficPolicy,
    affinitySeconds: often(0.2) ? pick([600, 10_800, 86_400]) : undefined,
    healthCheckNodePort:
      externalTrafficPolicy === "Local" && loadBalancerVIPs.length > 0 ? healthCheckPorts[index] : undefined,
    topologyModeAuto: often(0.5),
  };
  const hasNodePorts = often(0.7);
  const port = 80 + 10 * index;
  const nodePort = hasNodePorts ? 30_080 + index : undefined;
  const listed = pick(layouts);
  return listed.map(([protocol, offset], place) => ({
    ...service,
    portName: listed.length > 1 ? `${protocol.toLowerCase()}-${place}` : pick(["", "web"]),
    protocol,
    port: port + offset,
    nodePort: nodePort === undefined ? undefined : nodePort + 100 * offset,
    endpoints: endpointsOf(pods, place % 2),
  }));
}

/** Protocols of the ports of a Service, and how far their numbers are from its first: the same number may be there twice. */
const layouts = [
  [["TCP", 0]],
  [["TCP", 0]],
  [["UDP", 0]],
  [["SCTP", 0]],
  [
    ["TCP", 0],
    ["UDP", 0],
  ],
  [
    ["TCP", 0],
    ["TCP", 2],
  ],
  [
    ["UDP", 0],
    ["SCTP", 0],
    ["TCP", 0],
  ],
] as const;

/** Some of the pods, in any state, with or without hints. */
function randomPods({ often, pick }: Drawer): readonly Omit<EndpointSketch, "port">[] {
  const hintsZones = often(0.3);
  const hintsNodes = often(0.2);
  return labEndpoints
    .filter(() => often(0.5))
    .map(({ ip, nodeName }) => {
      const ready = often(0.75);
      return {
        ip,
        nodeName,
        ready,
        serving: ready || often(0.5),
        terminating: !ready && often(0.7),
        zoneHints: hintsZones && often(0.9) ? [pick(["east", "west"])] : [],
        nodeHints: hintsNodes && often(0.9) ? [pick(["node-a", "node-b"])] : [],
      };
    });
}

/** The same pods behind one port of a Service: the first or second number that each of them listens on. */
const endpointsOf = (pods: readonly Omit<EndpointSketch, "port">[], which: number): readonly EndpointSketch[] =>
  pods.map((pod) => {
    const ports = labEndpoints.find(({ ip }) => ip === pod.ip)?.ports ?? [];
    return { ...pod, port: ports[which] ?? ports[0] ?? 0 };
  });
