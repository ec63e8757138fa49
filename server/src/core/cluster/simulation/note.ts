import type { SourceRange } from "../../base/source.ts";
import type { WorkloadManifest } from "../../manifest/model.ts";
import type { IpvsScheduler } from "../../settings/profile.ts";
import type { SchedulerBasis } from "../ipvs/scheduler.ts";
import type { Address } from "../resolution.ts";
import type { ServedService } from "../served.ts";

/** What the reader of a trace should know besides. */
export type Note =
  /** IPVS chose by something that no manifest tells. */
  | {
      readonly kind: "scheduler";
      readonly scheduler: IpvsScheduler;
      readonly basis: Exclude<SchedulerBasis, "turns" | "load">;
    }
  /** Userspace mode takes connections that it has no endpoint for. */
  | { readonly kind: "closed-at-once" }
  /** Further nodes drop what reaches them, because they have no endpoint of their own. */
  | {
      readonly kind: "nodes-without-endpoint";
      readonly nodes: readonly string[];
      readonly served: ServedService;
      /** IPVS takes endpoints of other nodes instead, whose answers go another way. */
      readonly astray: boolean;
    }
  /** Hints of EndpointSlices leave only some endpoints to a node. */
  | {
      readonly kind: "topology";
      readonly node: string;
      readonly used: number;
      readonly ready: number;
      readonly served: ServedService;
    }
  /** … and may do so where a Service asks for it by `topology-mode: Auto`. */
  | { readonly kind: "topology-auto"; readonly served: ServedService }
  /** What a load balancer that proxies does is not all told by manifests. */
  | { readonly kind: "balancer"; readonly served: ServedService }
  /** A network plugin may put the node's address in the place of the pod's when a packet goes to another node. */
  | { readonly kind: "plugin-may-masquerade"; readonly node: string }
  /** … and usually does when a packet leaves the cluster. */
  | { readonly kind: "plugin-masquerades-outside" }
  /** Policies of a network plugin, or of the whole cluster, may be about the request; they are not looked at. */
  | { readonly kind: "foreign-policy"; readonly policyKind: string; readonly because: SourceRange }
  /** NetworkPolicies may keep the client from the DNS server. */
  | { readonly kind: "policy-may-block-dns"; readonly because: SourceRange }
  /** Nobody can tell how many pods the workload has: one stands for them. */
  | { readonly kind: "uncounted-pods"; readonly workload: WorkloadManifest }
  /** The client got addresses of the other family as well. */
  | { readonly kind: "other-family"; readonly addresses: readonly Address[] }
  /** The name was answered by CoreDNS; the specification promises no such name. */
  | { readonly kind: "not-guaranteed"; readonly name: string };
