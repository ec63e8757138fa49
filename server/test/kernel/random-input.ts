import type { DetectLocal, ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { proxyInput, type ServicePortSketch } from "../iptables/inputs.ts";
import { labEndpoints, labNode } from "./lab.ts";

/** A cluster of one to three Services over the endpoints of the laboratory. The same seed gives the same cluster. */
export function randomInput(seed: number): ProxyInput {
  const draw = drawer(seed);
  const often = (chance: number): boolean => draw() < chance;
  const pick = <T>(choices: readonly [T, ...T[]]): T => choices[Math.floor(draw() * choices.length)] ?? choices[0];

  const service = (index: number): ServicePortSketch => {
    const port = pick([8080, 8081]);
    return {
      service: `s${index}`,
      clusterIP: `10.96.0.${10 + index}`,
      port: 80 + 10 * index,
      nodePort: often(0.7) ? 30080 + index : undefined,
      externalIPs: often(0.5) ? [`192.0.2.${10 + index}`] : [],
      loadBalancerVIPs: often(0.5) ? [`203.0.113.${10 + index}`] : [],
      sourceRanges: pick([[], [], ["198.51.100.0/24"], ["10.244.0.0/16", "192.168.10.0/24"]]),
      internalTrafficPolicy: pick(["Cluster", "Cluster", "Local"]),
      externalTrafficPolicy: pick(["Cluster", "Local"]),
      affinitySeconds: often(0.2) ? 600 : undefined,
      endpoints: labEndpoints
        .filter(() => often(0.5))
        .map(({ ip, nodeName, ports }) => {
          const ready = often(0.8);
          return {
            ip,
            nodeName,
            port: ports.length > 1 ? port : ports[0],
            ready,
            serving: ready || often(0.5),
            terminating: !ready,
          };
        }),
    };
  };

  return proxyInput({
    node: labNode,
    config: {
      release: { major: 1, minor: pick([2, 5, 8, 12, 16, 20, 22, 24, 28, 32, 36]) },
      detectLocal: pick<DetectLocal>([
        { mode: "ClusterCIDR", cidrs: ["10.244.0.0/16"] },
        { mode: "NodeCIDR" },
        { mode: "InterfaceNamePrefix", prefix: "cali" },
        { mode: "none" },
      ]),
      masqueradeAll: often(0.2),
      masqueradeBit: pick([14, 14, 20, 31]),
      localhostNodePorts: often(0.8),
      nodePortAddresses: pick([[], [], ["192.168.10.0/24"], ["primary"]]),
    },
    servicePorts: Array.from({ length: 1 + Math.floor(draw() * 3) }, (_, index) => service(index)),
  });
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function drawer(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
