import type { NamedPort } from "../kube-proxy/service-order.ts";
import { isExternallyAccessible, type UsedEndpoints } from "../kube-proxy/used-endpoints.ts";
import { portChain } from "./chain-names.ts";
import type { Cause } from "./rule-set-writer.ts";

/** What kube-proxy decides about one service port before it writes a line. */
export interface Plan extends NamedPort {
  readonly svc: string;
  readonly svl: string;
  readonly ext: string;
  readonly fw: string;
  /** Where traffic to the cluster IP goes, and where external traffic ends up. */
  readonly internalChain: string;
  readonly externalChain: string;
  readonly hasEndpoints: boolean;
  readonly hasInternalEndpoints: boolean;
  readonly hasExternalEndpoints: boolean;
  readonly writesSVC: boolean;
  readonly writesSVL: boolean;
  readonly writesEXT: boolean;
  readonly writesFW: boolean;
  readonly cause: Cause;
}

/** Decides from the policies of a port and the endpoints that they leave. */
export function planPort({ name, port }: NamedPort, used: UsedEndpoints): Plan {
  const chain = (kind: "SVC" | "SVL" | "EXT" | "FW"): string => portChain(kind, name, port.protocol);
  const [svc, svl] = [chain("SVC"), chain("SVL")];
  const internalLocal = port.internalTrafficPolicy === "Local";
  const externalLocal = port.externalTrafficPolicy === "Local";
  const hasLocal = used.local.length > 0;
  return {
    name,
    port,
    svc,
    svl,
    ext: chain("EXT"),
    fw: chain("FW"),
    internalChain: internalLocal ? svl : svc,
    externalChain: externalLocal ? svl : svc,
    hasEndpoints: used.any,
    hasInternalEndpoints: used.any && (!internalLocal || hasLocal),
    hasExternalEndpoints: used.any && (!externalLocal || hasLocal),
    writesSVC: used.cluster.length > 0,
    writesSVL: hasLocal,
    writesEXT: used.any && isExternallyAccessible(port),
    writesFW: used.any && port.loadBalancerVIPs.length > 0 && port.sourceRanges.length > 0,
    cause: { port },
  };
}
