import assert from "node:assert/strict";
import type { Packet } from "../../src/core/cluster/netfilter/packet.ts";
import type { Walk } from "../../src/core/cluster/netfilter/walk.ts";
import type { InputSketch, ServicePortSketch } from "./inputs.ts";

/** Two endpoints, one of them on the node, and every way to reach them. */
export const everywhere: ServicePortSketch = {
  clusterIP: "10.96.0.80",
  nodePort: 30080,
  externalIPs: ["192.0.2.50"],
  loadBalancerVIPs: ["203.0.113.10"],
  endpoints: [
    { ip: "10.244.0.6", port: 8080, nodeName: "node-a" },
    { ip: "10.244.1.8", port: 8080, nodeName: "node-b" },
  ],
};

export const elsewhere = { ...everywhere, endpoints: everywhere.endpoints?.slice(1) ?? [] };

const sources = {
  pod: { source: "10.244.0.99", origin: "arrives", inInterface: "cali12345" },
  "node process": { source: "192.168.10.11", origin: "sent" },
  "node process, loopback": { source: "127.0.0.1", origin: "sent" },
  external: { source: "198.51.100.7", origin: "arrives", inInterface: "eth0" },
} as const satisfies Record<string, Pick<Packet, "source" | "origin" | "inInterface">>;

const destinations = {
  ClusterIP: { destination: "10.96.0.80", destinationPort: 80 },
  NodePort: { destination: "192.168.10.11", destinationPort: 30080 },
  "NodePort, loopback": { destination: "127.0.0.1", destinationPort: 30080 },
  LB: { destination: "203.0.113.10", destinationPort: 80 },
  externalIP: { destination: "192.0.2.50", destinationPort: 80 },
} as const satisfies Record<string, Pick<Packet, "destination" | "destinationPort">>;

export const host = { localAddresses: ["192.168.10.11", "10.244.0.1"] };

type Source = keyof typeof sources;
type Destination = keyof typeof destinations;

export const packet = (from: Source, to: Destination): Packet => ({
  protocol: "tcp",
  ...sources[from],
  ...destinations[to],
});

/** In the words of the tables below: which endpoints are reached, and what address they see. */
export function describeWalk({ branches }: Walk): string {
  const reached = branches.map(({ verdict }) => (verdict.kind === "delivered" ? verdict.ip : verdict.kind)).sort();
  const masked = new Set(branches.map(({ verdict }) => "masqueraded" in verdict && verdict.masqueraded));
  const where =
    { "10.244.0.6,10.244.1.8": "all", "10.244.0.6": "local", "10.244.1.8": "remote" }[reached.join()] ?? reached.join();
  assert.equal(masked.size, 1, "all branches agree on the source address");
  return where === "dropped" || where === "rejected" ? where : `${where}, ${masked.has(true) ? "SNAT" : "own IP"}`;
}

export const policies = [
  { internalTrafficPolicy: "Cluster", externalTrafficPolicy: "Cluster" },
  { internalTrafficPolicy: "Cluster", externalTrafficPolicy: "Local" },
  { internalTrafficPolicy: "Local", externalTrafficPolicy: "Cluster" },
  { internalTrafficPolicy: "Local", externalTrafficPolicy: "Local" },
] as const;

type Row = readonly [Source, readonly Destination[], readonly [string, string, string, string]];

export const outside = ["NodePort", "LB", "externalIP"] as const;

/** Columns: internal and external policy Cluster; external Local; internal Local; both Local. */
const whatEndpointsSee: readonly Row[] = [
  ["pod", ["ClusterIP"], ["all, own IP", "all, own IP", "local, own IP", "local, own IP"]],
  ["node process", ["ClusterIP"], ["all, SNAT", "all, SNAT", "local, SNAT", "local, SNAT"]],
  ["external", ["ClusterIP"], ["all, SNAT", "all, SNAT", "local, SNAT", "local, SNAT"]],
  ["pod", outside, ["all, SNAT", "all, own IP", "all, SNAT", "all, own IP"]],
  ["node process", outside, ["all, SNAT", "all, SNAT", "all, SNAT", "all, SNAT"]],
  ["node process, loopback", ["NodePort, loopback"], ["all, SNAT", "all, SNAT", "all, SNAT", "all, SNAT"]],
  ["external", outside, ["all, SNAT", "local, own IP", "all, SNAT", "local, own IP"]],
];

const withoutDetector: readonly Row[] = [
  ["pod", ["ClusterIP"], ["all, own IP", "all, own IP", "local, own IP", "local, own IP"]],
  ["node process", ["ClusterIP"], ["all, own IP", "all, own IP", "local, own IP", "local, own IP"]],
  ["external", ["ClusterIP"], ["all, own IP", "all, own IP", "local, own IP", "local, own IP"]],
  ["pod", outside, ["all, SNAT", "local, own IP", "all, SNAT", "local, own IP"]],
  ["node process", outside, ["all, SNAT", "all, SNAT", "all, SNAT", "all, SNAT"]],
  ["external", outside, ["all, SNAT", "local, own IP", "all, SNAT", "local, own IP"]],
];

const withMasqueradeAll: readonly Row[] = [
  ["pod", ["ClusterIP"], ["all, SNAT", "all, SNAT", "local, SNAT", "local, SNAT"]],
  ["pod", outside, ["all, SNAT", "all, own IP", "all, SNAT", "all, own IP"]],
  ["external", ["ClusterIP"], ["all, SNAT", "all, SNAT", "local, SNAT", "local, SNAT"]],
];

export const profiles = [
  ["a detector by cluster CIDR", {}, whatEndpointsSee],
  ["a detector by interface", { detectLocal: { mode: "InterfaceNamePrefix", prefix: "cali" } }, whatEndpointsSee],
  ["no detector", { detectLocal: { mode: "none" } }, withoutDetector],
  ["masqueradeAll", { masqueradeAll: true }, withMasqueradeAll],
] as const satisfies readonly (readonly [string, InputSketch["config"], readonly Row[]])[];
