import { type Family, familyOf } from "../base/ip.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import { listedIn, reachedPods } from "./endpoints.ts";
import { LARGE_CLUSTER } from "./kube-proxy/large-cluster.ts";
import { sliceEndpoints } from "./slice-endpoints.ts";
import type { View } from "./view.ts";

/**
 * How many endpoints kube-proxy knows of the Services in view but for some, without handing out their addresses. Counts no
 * further than {@link LARGE_CLUSTER}: nothing depends on how much larger a cluster is.
 */
export function countOtherEndpoints(
  { plan, profile, services, resolutionOf }: View,
  some: readonly ServiceManifest[],
  family: Family,
): number {
  const left = new Set(some);
  let count = 0;
  for (const service of services) {
    if (count > LARGE_CLUSTER) break;
    if (left.has(service)) continue;
    if (!plan.services.get(service)?.clusterIPs.some(({ ip }) => familyOf(ip) === family)) continue;
    const resolution = resolutionOf(service);
    if (resolution === undefined) continue;
    const listed = listedIn(resolution);
    for (const port of resolution.ports) {
      if (listed) {
        const endpoints = sliceEndpoints(profile, service, port.port, listed);
        count += endpoints.filter(({ address }) => familyOf(address.ip) === family).length;
      } else {
        for (const target of port.targets) count += reachedPods(profile, service, port, target).length;
      }
    }
  }
  return count;
}
