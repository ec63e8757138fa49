import { decidePort, type PortDecisions } from "../kube-proxy/decide-port.ts";
import type { NamedPort } from "../kube-proxy/service-order.ts";
import type { UsedEndpoints } from "../kube-proxy/used-endpoints.ts";
import { portChain } from "./chain-names.ts";
import type { Cause } from "./rule-set-writer.ts";

/** What kube-proxy decides about one service port, and the chains that follow from it. */
export interface Plan extends NamedPort, PortDecisions {
  readonly svc: string;
  readonly svl: string;
  readonly ext: string;
  readonly fw: string;
  /** Where traffic to the cluster IP goes, and where external traffic ends up. */
  readonly internalChain: string;
  readonly externalChain: string;
  readonly writesFW: boolean;
  readonly cause: Cause;
}

/** Names the chains of a port by what is decided about it. */
export function planPort({ name, port }: NamedPort, used: UsedEndpoints): Plan {
  const chain = (kind: "SVC" | "SVL" | "EXT" | "FW"): string => portChain(kind, name, port.protocol);
  const [svc, svl] = [chain("SVC"), chain("SVL")];
  const decisions = decidePort(port, used);
  return {
    ...decisions,
    name,
    port,
    svc,
    svl,
    ext: chain("EXT"),
    fw: chain("FW"),
    internalChain: decisions.internalLocal ? svl : svc,
    externalChain: decisions.externalLocal ? svl : svc,
    writesFW: used.any && port.loadBalancerVIPs.length > 0 && port.sourceRanges.length > 0,
    cause: { port },
  };
}
