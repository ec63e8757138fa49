import { hostPort } from "../../base/ip.ts";
import { type Endpoint, isFrom, type NodeInfo, type Release, type ServicePort } from "./proxy-input.ts";

/** Which endpoints of a service port get traffic, and through which policy. Each list is in kube-proxy's order. */
export interface UsedEndpoints {
  /** Behind KUBE-SVC: endpoints of the whole cluster, as topology hints allow. */
  readonly cluster: readonly Endpoint[];
  /** Behind KUBE-SVL: endpoints on this node. */
  readonly local: readonly Endpoint[];
  /** The union: those that get a chain of their own. */
  readonly reachable: readonly Endpoint[];
  /** Whether any node could serve the port; decides between REJECT and DROP. */
  readonly any: boolean;
}

/**
 * The endpoints that kube-proxy uses for a port on a node. Total: no endpoints give empty lists.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/topology.go `CategorizeEndpoints`
 */
export function findUsedEndpoints(release: Release, node: NodeInfo, port: ServicePort): UsedEndpoints {
  const all = distinctEndpoints(node, port.endpoints);
  const ready = all.filter((endpoint) => endpoint.ready);
  const lastResort = lastResortOf(release, all);

  const cluster = usesClusterEndpoints(port)
    ? firstNonEmpty(nearbyEndpoints(release, node, port, ready), lastResort)
    : [];
  if (!usesLocalEndpoints(port)) return { cluster, local: [], reachable: cluster, any: cluster.length > 0 };

  const isLocal = (endpoint: Endpoint): boolean => endpoint.nodeName === node.name;
  const local = firstNonEmpty(ready.filter(isLocal), lastResort.filter(isLocal));
  const reached = new Set([...cluster, ...local]);
  return {
    cluster,
    local,
    // kube-proxy builds a mixed union in no particular order; the sorted one is the predictable choice.
    reachable: all.filter((endpoint) => reached.has(endpoint)),
    any: ready.length > 0 || lastResort.length > 0,
  };
}

/**
 * Endpoints without duplicates, sorted by the code units of `ip:port`, as kube-proxy keeps them. Of two that claim one
 * address the one on this node counts, then the one that is ready.
 */
export function distinctEndpoints(node: NodeInfo, endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const claim = ({ nodeName, ready, serving }: Endpoint): number =>
    (nodeName === node.name ? 4 : 0) + (ready ? 2 : 0) + (serving ? 1 : 0);
  const byText = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const text = hostPort(endpoint.ip, endpoint.port);
    const known = byText.get(text);
    if (known === undefined || claim(endpoint) > claim(known)) byText.set(text, endpoint);
  }
  if (byText.size < 2) return [...byText.values()];
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint);
}

/** Endpoints of pods that are shutting down but still serve: better than none, by default from 1.26 on. */
export const lastResortOf = <One extends Pick<Endpoint, "serving" | "terminating">>(
  release: Release,
  endpoints: readonly One[],
): readonly One[] =>
  isFrom(release, 26) ? endpoints.filter(({ serving, terminating }) => serving && terminating) : [];

/** Whether anything outside the cluster network leads to the port: a node port, a load balancer, an external IP. */
export const isExternallyAccessible = (port: ServicePort): boolean =>
  port.nodePort !== undefined || port.loadBalancerVIPs.length > 0 || port.externalIPs.length > 0;

const usesClusterEndpoints = (port: ServicePort): boolean =>
  port.internalTrafficPolicy === "Cluster" || isExternallyAccessible(port);

/** Whether any way to the port leads to endpoints of the node alone. */
export const usesLocalEndpoints = (port: ServicePort): boolean =>
  port.internalTrafficPolicy === "Local" || (port.externalTrafficPolicy === "Local" && isExternallyAccessible(port));

const firstNonEmpty = (first: readonly Endpoint[], second: readonly Endpoint[]): readonly Endpoint[] =>
  first.length > 0 ? first : second;

/** Topology: node hints (from 1.34), then zone hints (from 1.24), each only if every ready endpoint has one. */
function nearbyEndpoints(
  release: Release,
  node: NodeInfo,
  port: ServicePort,
  ready: readonly Endpoint[],
): readonly Endpoint[] {
  if (isFrom(release, 34) && ready.every(({ nodeHints }) => nodeHints.length > 0)) {
    const here = ready.filter(({ nodeHints }) => nodeHints.includes(node.name));
    if (here.length > 0) return here;
  }
  const zone = node.zone;
  const obeysZones = isFrom(release, 31) || (isFrom(release, 24) && port.topologyModeAuto);
  if (zone !== undefined && obeysZones && ready.every(({ zoneHints }) => zoneHints.length > 0)) {
    const near = ready.filter(({ zoneHints }) => zoneHints.includes(zone));
    if (near.length > 0) return near;
  }
  return ready;
}
