import type { InputSketch, ServicePortSketch } from "../iptables/inputs.ts";
import { labEndpoints } from "./lab-map.ts";

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
