import fc from "fast-check";

/**
 * Arbitrary clusters as dumps show them: two nodes in two zones, pods on both and on neither, and Services of every type
 * with addresses, so that nothing about them is left to be simulated.
 */
export const dumpedCluster = fc.record({
  release: fc.integer({ min: 16, max: 36 }),
  proxy: fc.record({
    detectLocal: fc.constantFrom("ClusterCIDR", "none"),
    masqueradeAll: fc.boolean(),
    nodePortAddresses: fc.constantFrom([], ["192.168.10.0/24"]),
    localhostNodePorts: fc.boolean(),
    counters: fc.boolean(),
  }),
  services: fc.array(
    fc.record({
      type: fc.constantFrom("ClusterIP", "NodePort", "LoadBalancer"),
      protocol: fc.constantFrom("TCP", "UDP"),
      isNamed: fc.boolean(),
      internalTrafficPolicy: fc.constantFrom("Cluster", "Local"),
      externalTrafficPolicy: fc.constantFrom("Cluster", "Local"),
      hasExternalIP: fc.boolean(),
      ipMode: fc.constantFrom("VIP", "Proxy"),
      sourceRanges: fc.constantFrom([], ["198.51.100.0/24"], ["192.168.10.0/24", "10.244.0.0/16"]),
      affinity: fc.boolean(),
      distribution: fc.constantFrom(undefined, "PreferClose"),
      endpoints: fc.uniqueArray(
        fc.record({
          pod: fc.constantFrom(...Array.from({ length: 8 }, (_, index) => index)),
          state: fc.constantFrom("ready", "ready", "ready", "unready", "terminating"),
          zone: fc.constantFrom("a", "b"),
        }),
        { maxLength: 5, selector: ({ pod }) => pod },
      ),
      hasHints: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

/** The files of such a cluster. */
export function filesOf({ release, proxy, services }: DumpedCluster) {
  const items = [
    ...nodes,
    ...pods,
    ...services.flatMap((sketch, index) => [serviceOf(sketch, index), sliceOf(sketch, index)]),
  ];
  const settings = { cluster: { kubernetesVersion: `1.${release}`, proxy: { mode: "iptables", ...proxy } } };
  return [
    { path: "/.portolan.yaml", text: JSON.stringify(settings) },
    { path: "/dump.json", text: JSON.stringify({ apiVersion: "v1", kind: "List", items }, undefined, 1) },
  ];
}

type DumpedCluster = typeof dumpedCluster extends fc.Arbitrary<infer Drawn> ? Drawn : never;
type Sketch = DumpedCluster["services"][number];

/** Who may send a request there, and where to. */
export const sources = ["pod:client", "pod:pod-0", "pod:pod-1", "node:node-a", "node:node-b", "external:198.51.100.7"];
export const destinations: readonly string[] = [0, 1, 2, 3].flatMap((index) => [
  `10.96.0.${10 + index}:80`,
  `192.0.2.${10 + index}:80`,
  `203.0.113.${10 + index}:80`,
  `192.168.10.11:${30080 + index}`,
  `192.168.10.12:${30080 + index}`,
  `10.96.0.${10 + index}:81`,
]);

/** The nodes, with their addresses. */
export const nodeAddresses = { "node-a": "192.168.10.11", "node-b": "192.168.10.12" } as const;

const nodes = Object.entries(nodeAddresses).map(([name, address], index) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "topology.kubernetes.io/zone": "ab"[index] } },
  spec: { podCIDR: `10.244.${index}.0/24` },
  status: { addresses: [{ type: "InternalIP", address }] },
}));

const placeOf = (pod: number) => ({
  nodeName: pod % 2 === 0 ? "node-a" : "node-b",
  ip: `10.244.${pod % 2}.${20 + pod}`,
});

const podNamed = (name: string, ip: string, nodeName: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", uid: name },
  spec: { nodeName, containers: [{ name: "main", image: "main", ports: [{ containerPort: 8080 }] }] },
  status: { phase: "Running", podIP: ip, podIPs: [{ ip }] },
});

const pods = [
  podNamed("client", "10.244.0.9", "node-a"),
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((pod) => podNamed(`pod-${pod}`, placeOf(pod).ip, placeOf(pod).nodeName)),
];

function serviceOf(sketch: Sketch, index: number): object {
  const isOutward = sketch.type !== "ClusterIP" || sketch.hasExternalIP;
  const isBalanced = sketch.type === "LoadBalancer";
  const isLocal = isBalanced && sketch.externalTrafficPolicy === "Local";
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: `s${index}`, namespace: "default", uid: `s${index}` },
    spec: {
      type: sketch.type,
      clusterIP: `10.96.0.${10 + index}`,
      clusterIPs: [`10.96.0.${10 + index}`],
      internalTrafficPolicy: sketch.internalTrafficPolicy,
      ...(isOutward ? { externalTrafficPolicy: sketch.externalTrafficPolicy } : {}),
      ...(isLocal ? { healthCheckNodePort: 32000 + index } : {}),
      ...(sketch.hasExternalIP ? { externalIPs: [`192.0.2.${10 + index}`] } : {}),
      ...(isBalanced && sketch.sourceRanges.length > 0 ? { loadBalancerSourceRanges: sketch.sourceRanges } : {}),
      ...(sketch.affinity
        ? { sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } } }
        : { sessionAffinity: "None" }),
      ...(sketch.distribution === undefined ? {} : { trafficDistribution: sketch.distribution }),
      ports: [
        {
          ...(sketch.isNamed ? { name: "http" } : {}),
          port: 80,
          targetPort: 8080,
          protocol: sketch.protocol,
          ...(sketch.type === "ClusterIP" ? {} : { nodePort: 30080 + index }),
        },
      ],
    },
    status: {
      loadBalancer: isBalanced ? { ingress: [{ ip: `203.0.113.${10 + index}`, ipMode: sketch.ipMode }] } : {},
    },
  };
}

const sliceOf = ({ isNamed, protocol, endpoints, hasHints }: Sketch, index: number): object => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name: `s${index}-abcde`,
    namespace: "default",
    uid: `slice-${index}`,
    labels: { "kubernetes.io/service-name": `s${index}` },
  },
  addressType: "IPv4",
  ports: [{ name: isNamed ? "http" : "", port: 8080, protocol }],
  endpoints: endpoints.map(({ pod, state, zone }) => ({
    addresses: [placeOf(pod).ip],
    conditions: { ready: state === "ready", serving: state !== "unready", terminating: state === "terminating" },
    nodeName: placeOf(pod).nodeName,
    targetRef: { kind: "Pod", name: `pod-${pod}`, namespace: "default" },
    ...(hasHints ? { hints: { forZones: [{ name: zone }] } } : {}),
  })),
});
