import type { ProxyInput, ServicePort } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import type { RecentLists } from "../../src/core/cluster/netfilter/packet.ts";
import type { InputSketch, ServicePortSketch } from "../iptables/inputs.ts";
import { labClients, labEndpoints, labNode, type Network } from "./lab.ts";
import { type Effort, type Oracle, type Probe, probe } from "./probe.ts";

/** Where Services lead, unless a case says otherwise. */
export const everyEndpoint = labEndpoints.slice(0, 4).map(({ ip, nodeName }) => ({ ip, port: 8080, nodeName }));
const remoteEndpoints = everyEndpoint.slice(2);

/** A Service with four endpoints on two nodes, and every way to reach them. */
export const full: ServicePortSketch = {
  clusterIP: "10.96.0.80",
  nodePort: 30080,
  externalIPs: ["192.0.2.50"],
  loadBalancerVIPs: ["203.0.113.10"],
  endpoints: everyEndpoint,
};

/** A name that is a claim, and the cluster that it is about. */
export const cases: readonly (readonly [string, ServicePortSketch, InputSketch["config"]?])[] = [
  ["a Service with four endpoints on two nodes", full],
  ["a Service with one endpoint", { ...full, endpoints: everyEndpoint.slice(0, 1) }],
  ["a Service without endpoints", { ...full, endpoints: [] }],
  ["an endpoint in the node's own network", { ...full, endpoints: [{ ip: "192.168.10.11", port: 9443 }] }],
  ["external policy Local, endpoints on both nodes", { ...full, externalTrafficPolicy: "Local" }],
  [
    "external policy Local, no endpoint on the node",
    {
      ...full,
      externalTrafficPolicy: "Local",
      endpoints: remoteEndpoints,
    },
  ],
  ["internal policy Local, endpoints on both nodes", { ...full, internalTrafficPolicy: "Local" }],
  [
    "internal policy Local, no endpoint on the node",
    {
      ...full,
      internalTrafficPolicy: "Local",
      endpoints: remoteEndpoints,
    },
  ],
  ["both policies Local", { ...full, internalTrafficPolicy: "Local", externalTrafficPolicy: "Local" }],
  ["source ranges that leave the client out", { ...full, sourceRanges: ["192.0.2.0/24"] }],
  ["source ranges with the client and the node", { ...full, sourceRanges: ["198.51.100.0/24", "192.168.10.0/24"] }],
  ["session affinity", { ...full, affinitySeconds: 600 }],
  ["session affinity and external policy Local", { ...full, affinitySeconds: 600, externalTrafficPolicy: "Local" }],
  ["no detector", full, { detectLocal: { mode: "none" } }],
  ["pods told by interface", full, { detectLocal: { mode: "InterfaceNamePrefix", prefix: "cali" } }],
  [
    "pods told by the node's block, policy Local",
    { ...full, externalTrafficPolicy: "Local" },
    {
      detectLocal: { mode: "NodeCIDR" },
    },
  ],
  ["masqueradeAll", full, { masqueradeAll: true }],
  ["node ports on one address", full, { nodePortAddresses: ["198.51.100.0/24"] }],
  ["no node ports on localhost", full, { localhostNodePorts: false }],
];

/** Tries every client with every address of every port. What is predicted must have been loaded. */
export async function tryOut(lab: Network, oracle: Oracle, input: ProxyInput, effort: Effort): Promise<void> {
  await Promise.all(
    input.servicePorts.flatMap((port) => {
      const strange = labClients.map((from): Probe => ({ from, ip: port.clusterIP, port: port.port + 1 }));
      const sideBySide = port.affinitySeconds === undefined ? [...strange, ...waysTo(port)] : strange;
      const inTurn = port.affinitySeconds === undefined ? [] : waysTo(port);
      return [
        ...sideBySide.map((request) => probe(lab, oracle, new Map(), request, effort)),
        inTurn.reduce<Promise<RecentLists>>(
          async (recent, request) => probe(lab, oracle, await recent, request, "few"),
          Promise.resolve(new Map()),
        ),
      ];
    }),
  );
}

/** Every client with every address of a port, and the node itself with its node port on localhost. */
function waysTo({ clusterIP, port, externalIPs, loadBalancerVIPs, nodePort }: ServicePort): readonly Probe[] {
  const own = [clusterIP, ...externalIPs, ...loadBalancerVIPs];
  const requests = labClients.flatMap((from) => own.map((ip): Probe => ({ from, ip, port })));
  if (nodePort === undefined) return requests;
  const toNode = labClients.flatMap((from) => labNode.addresses.map((ip): Probe => ({ from, ip, port: nodePort })));
  return [...requests, ...toNode, { from: "node", ip: "127.0.0.1", port: nodePort }];
}
