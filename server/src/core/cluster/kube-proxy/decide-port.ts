import type { ServicePort } from "./proxy-input.ts";
import { isExternallyAccessible, type UsedEndpoints } from "./used-endpoints.ts";

/** What kube-proxy decides about one service port from its policies and endpoints, before it writes a line. */
export interface PortDecisions {
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** Whether any node could serve it: if not, it is rejected; if this node alone cannot, it is dropped. */
  readonly hasEndpoints: boolean;
  /** Whether the cluster IP leads anywhere, and whether external traffic does. */
  readonly hasInternalEndpoints: boolean;
  readonly hasExternalEndpoints: boolean;
  /** Whether there are chains that choose among endpoints of the cluster, and of the node. */
  readonly writesCluster: boolean;
  readonly writesLocal: boolean;
  /** Whether there is a chain for external traffic; also where only pods and the node itself get through it. */
  readonly writesExternal: boolean;
}

/** Decides from the policies of a port and the endpoints that they leave. */
export function decidePort(port: ServicePort, used: UsedEndpoints): PortDecisions {
  const internalLocal = port.internalTrafficPolicy === "Local";
  const externalLocal = port.externalTrafficPolicy === "Local";
  const hasLocal = used.local.length > 0;
  return {
    internalLocal,
    externalLocal,
    hasEndpoints: used.any,
    hasInternalEndpoints: used.any && (!internalLocal || hasLocal),
    hasExternalEndpoints: used.any && (!externalLocal || hasLocal),
    writesCluster: used.cluster.length > 0,
    writesLocal: hasLocal,
    writesExternal: used.any && isExternallyAccessible(port),
  };
}
