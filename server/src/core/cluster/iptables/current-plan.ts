import { hostPort } from "../../base/ip.ts";
import { remember } from "../../base/once.ts";
import { decidePort, type PortDecisions } from "../kube-proxy/decide-port.ts";
import type { Endpoint } from "../kube-proxy/proxy-input.ts";
import type { NamedPort } from "../kube-proxy/service-order.ts";
import type { UsedEndpoints } from "../kube-proxy/used-endpoints.ts";
import { endpointChain, hashedChain, portHash } from "./chain-names.ts";
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
  /** The chain of an endpoint. */
  readonly sepOf: (endpoint: Endpoint) => string;
}

/** Names the chains of a port by what is decided about it. */
export function planPort({ name, port }: NamedPort, used: UsedEndpoints): Plan {
  // Hashes take most of the time of large rule sets, so each is counted once.
  const hash = portHash(name, port.protocol);
  const [svc, svl] = [hashedChain("SVC", hash), hashedChain("SVL", hash)];
  const decisions = decidePort(port, used);
  return {
    ...decisions,
    name,
    port,
    svc,
    svl,
    ext: hashedChain("EXT", hash),
    fw: hashedChain("FW", hash),
    internalChain: decisions.internalLocal ? svl : svc,
    externalChain: decisions.externalLocal ? svl : svc,
    writesFW: used.any && port.loadBalancerVIPs.length > 0 && port.sourceRanges.length > 0,
    cause: { port },
    sepOf: remember((endpoint) => endpointChain(name, port.protocol, hostPort(endpoint.ip, endpoint.port))),
  };
}
