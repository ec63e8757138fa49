import type { Family } from "../../base/ip.ts";
import type { Message } from "../../base/message.ts";
import type { SourceRange } from "../../base/source.ts";
import type { IpvsScheduler } from "../../settings/profile.ts";
import type { RuleSet } from "../iptables/rule.ts";
import type { Endpoint, ServicePort } from "../kube-proxy/proxy-input.ts";
import type { IpSet } from "../netfilter/ip-set.ts";

/** What kube-proxy in IPVS mode keeps in the kernel of one node, for one address family. */
export interface IpvsState {
  readonly family: Family;
  /** The addresses of Services that the node calls its own, on the interface {@link DUMMY_INTERFACE}; ascending. */
  readonly addresses: readonly BoundAddress[];
  /** In the order in which `ipvsadm` lists them. */
  readonly virtualServers: readonly VirtualServer[];
  /** By the name that they have in the family; those that hold nothing, too. */
  readonly sets: ReadonlyMap<string, IpSet>;
  /** The rules of iptables that mark, filter and masquerade around IPVS. */
  readonly rules: RuleSet;
  /** What a reader should know, such as how the releases differ. */
  readonly notes: readonly Message[];
}

/** The interface that makes addresses of Services local. It is never up, and needs not be. */
export const DUMMY_INTERFACE = "kube-ipvs0";

/** An address of a Service that a node calls its own. */
export interface BoundAddress {
  /** Canonical text. */
  readonly ip: string;
  /** The first of the service ports that have the address. */
  readonly port: ServicePort;
}

/** An address and port at which IPVS takes connections, and spreads them. */
export interface VirtualServer {
  /** Canonical text. */
  readonly address: string;
  readonly portNumber: number;
  readonly role: "cluster-ip" | "external-ip" | "load-balancer" | "node-port";
  readonly scheduler: IpvsScheduler;
  /** For how long a client stays with its real server; `undefined` without session affinity. */
  readonly persistentSeconds: number | undefined;
  /** In the order in which `ipvsadm` lists them; a connection to a server without any is refused. */
  readonly realServers: readonly RealServer[];
  /** The service port that it is set up for. */
  readonly port: ServicePort;
  readonly because: SourceRange | undefined;
}

/** An endpoint behind a virtual server. Packets are translated to it (`Masq`); all weigh the same. */
export interface RealServer {
  readonly endpoint: Endpoint;
  readonly weight: 1;
}
