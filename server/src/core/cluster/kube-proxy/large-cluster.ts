import type { ProxyInput } from "./proxy-input.ts";
import type { NamedPort } from "./service-order.ts";
import { distinctEndpoints } from "./used-endpoints.ts";

/** Whether a cluster has so many endpoints that kube-proxy saves the comments on their rules. */
export function isLargeCluster({ node, otherEndpoints = 0 }: ProxyInput, ports: readonly NamedPort[]): boolean {
  const listed = ports.reduce((sum, { port }) => sum + distinctEndpoints(node, port.endpoints).length, 0);
  return listed + otherEndpoints > MOST_COMMENTED;
}

const MOST_COMMENTED = 1000;
