import { parseIP } from "../../base/ip.ts";
import type { ServiceManifest } from "../../manifest/model.ts";
import type { ClusterNode } from "../../settings/profile.ts";
import { podId } from "../pod-addresses.ts";
import type { PlannedPod } from "../pods.ts";
import { insideAddresses } from "../proxy.ts";
import type { View } from "../view.ts";

/** Who has an address. */
export type Claimant =
  | { readonly kind: "node"; readonly node: ClusterNode }
  | { readonly kind: "pod"; readonly pod: PlannedPod }
  | {
      readonly kind: "service";
      readonly service: ServiceManifest;
      readonly as: "cluster-ip" | "external-ip" | "load-balancer";
    }
  /** A load balancer that proxies, for a Service: no node takes packets for its address. */
  | { readonly kind: "balancer"; readonly service: ServiceManifest };

/** Nodes before pods before Services; of two that claim one address, the first. */
export function findClaimants({ profile, pods: podsByWorkload, plan }: View): ReadonlyMap<string, Claimant> {
  const claimants = new Map<string, Claimant>();
  const claim = (ip: string | undefined, claimant: Claimant): void => {
    if (ip !== undefined && !claimants.has(ip)) claimants.set(ip, claimant);
  };
  for (const node of profile.nodes) claim(node.address, { kind: "node", node });
  for (const node of profile.nodes) {
    for (const ip of insideAddresses(profile, node.name)) claim(ip, { kind: "node", node });
  }
  for (const pod of [...podsByWorkload.values()].flat()) {
    if (pod.key.hostNetwork) continue;
    for (const { ip } of plan.pods.get(podId(pod.key))?.addresses ?? []) claim(ip, { kind: "pod", pod });
  }
  for (const [service, { clusterIPs, loadBalancerIPs }] of plan.services) {
    for (const { ip } of clusterIPs) claim(ip, { kind: "service", service, as: "cluster-ip" });
    for (const { ip } of loadBalancerIPs) claim(ip, { kind: "service", service, as: "load-balancer" });
    for (const { value } of service.externalIPs) claim(parseIP(value), { kind: "service", service, as: "external-ip" });
    for (const { ip, proxied } of service.loadBalancerIngress) {
      if (proxied) claim(parseIP(ip.value), { kind: "balancer", service });
    }
  }
  return claimants;
}

/** Services by every address that they have, and by every port that they have on the nodes. */
export function findEntrances({ plan }: View): ReadonlyMap<string, readonly ServiceManifest[]> {
  const entrances = new Map<string, ServiceManifest[]>();
  for (const [service, { clusterIPs, loadBalancerIPs, nodePorts }] of plan.services) {
    const addresses = [...clusterIPs, ...loadBalancerIPs].map(({ ip }) => ip);
    const external = service.externalIPs.flatMap(({ value }) => parseIP(value) ?? []);
    const ports = [...nodePorts.ports, nodePorts.healthCheck].flatMap((allocated) => allocated?.port ?? []);
    for (const key of new Set([...addresses, ...external, ...ports.map(String)])) {
      const others = entrances.get(key);
      if (others) others.push(service);
      else entrances.set(key, [service]);
    }
  }
  return entrances;
}
