import type { Family } from "../../base/ip.ts";
import type { Field, SourceRange } from "../../base/source.ts";
import type { ServiceManifest, ServicePort } from "../../manifest/model.ts";
import type { NameResolution } from "../dns.ts";
import type { NoData, NoName } from "../dns-answer.ts";
import type { DnsHint } from "../dns-hints.ts";
import type { ProtocolToken } from "../netfilter/packet.ts";
import type { AllocatedPort } from "../node-ports.ts";
import type { FilterStep } from "../packet-filter.ts";
import type { PlannedPod } from "../pods.ts";
import type { ServedService } from "../served.ts";
import type { PolicyCheck, ReachedEndpoint, TraceVerdict } from "./trace.ts";

/** Why a connection ends before it reaches an endpoint. */
export interface Stop {
  readonly kind: "stop";
  readonly verdict: Exclude<TraceVerdict, "delivered">;
  readonly reason: StopReason;
  readonly because: SourceRange | undefined;
}

/** What ends a connection, with all that words about it need. */
export type StopReason =
  | {
      readonly kind: "no-such-name";
      readonly because: NoName;
      readonly resolution: NameResolution;
      /** A Service of the namespace that is called nearly so. */
      readonly similar: ServiceManifest | undefined;
      /** The Service that the name is about, where there is one. */
      readonly served: ServedService | undefined;
    }
  | { readonly kind: "no-address"; readonly because: NoData; readonly resolution: NameResolution }
  /** A variable of the destination without a value, or without one that is known. */
  | { readonly kind: "no-such-variable"; readonly name: string; readonly why: MissingVariable }
  /** A name that no server of the cluster answers for. */
  | { readonly kind: "outside-name"; readonly name: string; readonly hints: readonly DnsHint[] }
  /** The API server or the DNS server, which every cluster has and these manifests do not show. */
  | { readonly kind: "cluster-itself"; readonly what: "API server" | "DNS server" }
  /** The client has no address at all. */
  | { readonly kind: "no-client-address" }
  /** The client has no address of the family. */
  | { readonly kind: "no-common-family"; readonly family: Family }
  | { readonly kind: "no-endpoints"; readonly served: ServedService; readonly port: ServicePort }
  /** Endpoints there are, but none on the node that a traffic policy insists on. */
  | {
      readonly kind: "no-local-endpoints";
      readonly served: ServedService;
      readonly port: ServicePort;
      readonly node: string;
      readonly policy: "internal" | "external";
    }
  /** IPVS took an endpoint of another node, and its answer does not come back through this one. */
  | {
      readonly kind: "answer-astray";
      readonly served: ServedService;
      readonly port: ServicePort;
      readonly node: string;
      readonly endpoint: ReachedEndpoint;
      readonly policy: "internal" | "external";
      /** Whether the endpoint takes the Service for its client. */
      readonly toService: boolean;
    }
  | { readonly kind: "source-not-allowed"; readonly served: ServedService; readonly source: string }
  /** A rule that every node has. */
  | { readonly kind: "dropped-by-rule"; readonly rule: FilterStep }
  /** The Service has the address and not the port. */
  | {
      readonly kind: "no-such-port";
      readonly served: ServedService;
      readonly port: number;
      readonly protocol: ProtocolToken;
      readonly address: "cluster-ip" | "external-ip" | "load-balancer";
    }
  /** A load balancer that proxies, and has no node port to send to. */
  | { readonly kind: "balancer-to-pods"; readonly served: ServedService }
  /** Another proxy looks after the Service. */
  | { readonly kind: "foreign-proxy"; readonly served: ServedService }
  /** A host outside has no route to the inside of the cluster. */
  | {
      readonly kind: "not-routed";
      readonly what: "cluster-ip" | "pod";
      readonly ip: string;
      readonly served: ServedService | undefined;
    }
  /** The address belongs to the cluster and to nothing in it. */
  | { readonly kind: "nobody"; readonly ip: string; readonly range: "service" | "pod" }
  /** Nothing listens on a port of the node-port range that no Service has. */
  | {
      readonly kind: "no-such-node-port";
      readonly port: number;
      readonly node: string;
      /** The node ports that Services do have. */
      readonly others: readonly NodePort[];
    }
  /** A node port that answers on other addresses of the node alone. */
  | {
      readonly kind: "not-on-address";
      readonly nodePort: NodePort;
      readonly node: string;
      readonly ip: string;
      /** Whether it answers on the address by which the node is known. */
      readonly answersOnPrimary: boolean;
    }
  /** A headless Service translates nothing: its pods listen on another port. */
  | {
      readonly kind: "headless-port";
      readonly served: ServedService;
      readonly servicePort: ServicePort;
      readonly target: number;
    }
  /** No manifest says whether a process listens there. */
  | { readonly kind: "undeclared"; readonly pod: PlannedPod; readonly port: number }
  | {
      readonly kind: "node-process";
      readonly node: string;
      readonly port: number;
      /** Node ports of the Services that have the port themselves. */
      readonly meant: readonly NodePort[];
    }
  | { readonly kind: "outside-address"; readonly ip: string }
  /** The targetPort is filled in later. */
  | { readonly kind: "unknown-target"; readonly served: ServedService; readonly port: ServicePort }
  /** NetworkPolicies keep a connection from an endpoint, or may do so. */
  | {
      readonly kind: "network-policy";
      readonly check: PolicyCheck;
      /** `undefined` where nothing is known to listen. */
      readonly endpoint: ReachedEndpoint | undefined;
    }
  /** NetworkPolicies keep the client from the cluster's DNS server, so that it never learns an address. */
  | { readonly kind: "dns-policy"; readonly check: PolicyCheck }
  /** An address kept by hand is the cluster IP of a Service: nothing translates it again. */
  | { readonly kind: "endpoint-is-service"; readonly ip: string; readonly other: ServiceManifest };

/** A node port, and the Service port that it leads to. */
export interface NodePort {
  readonly allocated: AllocatedPort;
  readonly service: ServiceManifest;
  readonly port: ServicePort;
}

/** A variable that has no value, or none that is known. */
export type MissingVariable =
  /** The client is no container. */
  | { readonly kind: "no-container" }
  /** The container sets it itself, to what is not looked at. */
  | { readonly kind: "own"; readonly field: Field<string> }
  /** Two Services make it. */
  | { readonly kind: "contested" }
  /** No Service makes it. */
  | { readonly kind: "nobody"; readonly similar: string | undefined }
  | { readonly kind: "headless" | "external-name" | "no-links"; readonly service: ServiceManifest }
  | { readonly kind: "other-namespace"; readonly service: ServiceManifest; readonly namespace: string }
  /** The Service makes others. */
  | { readonly kind: "other-port"; readonly service: ServiceManifest; readonly similar: string | undefined };
