import type { ProxyInput } from "./proxy-input.ts";
import type { NamedPort } from "./service-order.ts";
import { distinctEndpoints } from "./used-endpoints.ts";

/** Whether a cluster has so many endpoints that kube-proxy saves the comments on their rules. */
export function isLargeCluster({ node, otherEndpoints = 0 }: ProxyInput, ports: readonly NamedPort[]): boolean {
  let listed = otherEndpoints;
  for (const { port } of ports) {
    if (listed > LARGE_CLUSTER) return true;
    listed += distinctEndpoints(node, port.endpoints).length;
  }
  return listed > LARGE_CLUSTER;
}

/** With up to this many endpoints a cluster is not large. */
export const LARGE_CLUSTER = 1000;
