import fc from "fast-check";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import type { Packet } from "../../src/core/cluster/netfilter/packet.ts";
import { proxyInput, type ServicePortSketch } from "./inputs.ts";

const policy = fc.constantFrom("Cluster", "Local");

const endpoint = fc.record({
  ip: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 2, max: 40 })).map(([a, b]) => `10.244.${a}.${b}`),
  port: fc.constantFrom(80, 8080),
  nodeName: fc.constantFrom("node-a", "node-b", undefined),
  ready: fc.boolean(),
  serving: fc.boolean(),
  terminating: fc.boolean(),
  zoneHints: fc.constantFrom([], ["a"], ["b"]),
  nodeHints: fc.constantFrom([], ["node-a"]),
});

/** Service ports with distinct addresses and node ports, several to a Service and to a namespace. */
const servicePorts: fc.Arbitrary<readonly ServicePortSketch[]> = fc
  .array(
    fc.record({
      namespace: fc.constantFrom("a", "b"),
      portName: fc.constantFrom("", "http"),
      protocol: fc.constantFrom("TCP", "UDP", "SCTP"),
      hasNodePort: fc.boolean(),
      externalIP: fc.boolean(),
      loadBalancer: fc.boolean(),
      sourceRanges: fc.constantFrom([], ["198.51.100.0/24"], ["192.168.10.0/24", "10.244.0.0/16"]),
      internalTrafficPolicy: policy,
      externalTrafficPolicy: policy,
      affinitySeconds: fc.constantFrom(undefined, 10800),
      healthCheckNodePort: fc.constantFrom(undefined, 32100),
      topologyModeAuto: fc.boolean(),
      endpoints: fc.uniqueArray(endpoint, { maxLength: 6, selector: ({ ip, port }) => `${ip}:${port}` }),
    }),
    { maxLength: 6 },
  )
  .map((ports) =>
    ports.map(({ hasNodePort, externalIP, loadBalancer, ...port }, index) => ({
      ...port,
      service: `s${index}`,
      clusterIP: `10.96.0.${index + 1}`,
      nodePort: hasNodePort ? 30000 + index : undefined,
      externalIPs: externalIP ? [`192.0.2.${index + 1}`] : [],
      loadBalancerVIPs: loadBalancer ? [`203.0.113.${index + 1}`] : [],
    })),
  );

/** What one kube-proxy reads, in any release and configuration. */
export const input: fc.Arbitrary<ProxyInput> = fc
  .record({
    servicePorts,
    minor: fc.integer({ min: 1, max: 36 }),
    zone: fc.constantFrom("a", undefined),
    config: fc.record({
      detectLocal: fc.constantFrom(
        { mode: "ClusterCIDR", cidrs: ["10.244.0.0/16"] } as const,
        { mode: "InterfaceNamePrefix", prefix: "cali" } as const,
        { mode: "none" } as const,
      ),
      masqueradeAll: fc.boolean(),
      masqueradeBit: fc.integer({ min: 0, max: 31 }),
      nodePortAddresses: fc.constantFrom([], ["192.168.10.0/24"], ["127.0.0.0/8", "192.168.0.0/16"], ["primary"]),
      localhostNodePorts: fc.boolean(),
      counters: fc.boolean(),
      randomFully: fc.boolean(),
      conntrackLiberal: fc.boolean(),
    }),
  })
  .map((sketch) =>
    proxyInput({
      config: { ...sketch.config, release: { major: 1, minor: sketch.minor } },
      node: { zone: sketch.zone },
      servicePorts: sketch.servicePorts,
    }),
  );

/** A packet to some address of some port, or to none. */
export const packetTo = ({ servicePorts: ports }: ProxyInput): fc.Arbitrary<Packet> =>
  fc.record({
    protocol: fc.constantFrom("tcp", "udp", "sctp"),
    origin: fc.constantFrom("arrives", "sent"),
    source: fc.constantFrom("10.244.0.2", "198.51.100.7", "192.168.10.11"),
    destination: fc.constantFrom(
      "192.168.10.11",
      "10.244.0.2",
      "8.8.8.8",
      ...ports.flatMap((port) => [port.clusterIP, ...port.externalIPs, ...port.loadBalancerVIPs]),
    ),
    destinationPort: fc.constantFrom(80, 53, ...ports.flatMap(({ nodePort }) => nodePort ?? [])),
  });
