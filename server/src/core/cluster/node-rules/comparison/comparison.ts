import type { Family } from "../../../base/ip.ts";
import type { SourceRange } from "../../../base/source.ts";
import type { Capture } from "../../iptables/reading/capture.ts";
import type { Protocol } from "../../kube-proxy/proxy-input.ts";
import type { Address } from "../../resolution.ts";
import type { EndpointPlace } from "../node-rules.ts";

/** The rules of one node in one family beside what the manifests come to. */
export interface RulesComparison {
  readonly capture: Capture;
  readonly family: Family;
  /** Why nothing can be compared; `undefined` where it can. */
  readonly obstacle: "ipvs" | "userspace" | "no-kube-proxy" | undefined;
  /** By name, then in the order of the Service's ports. */
  readonly ports: readonly ComparedPort[];
  readonly notes: readonly ComparisonNote[];
}

/** One port of a Service on the node, in the manifests, or in both. */
export interface ComparedPort {
  readonly namespace: string;
  readonly service: string;
  /** Empty for an unnamed port. */
  readonly portName: string;
  readonly protocol: Protocol;
  readonly number: number;
  /** Where the node's rules speak of it. */
  readonly onNode: SourceRange | undefined;
  /** Where a manifest defines it. */
  readonly inManifest: SourceRange | undefined;
  readonly differences: readonly Difference[];
  readonly left: readonly LeftOut[];
}

/** Something in which rules and manifests differ. */
export type Difference =
  | { readonly kind: "only-on-node"; readonly endpoints: number | undefined; readonly because: WhyOnlyOnNode }
  | { readonly kind: "only-in-manifests" }
  /** The node does not know it, or has no endpoints for it: the rules that would tell are not shown. */
  | { readonly kind: "not-served"; readonly endpoints: number }
  | { readonly kind: "cluster-ip"; readonly node: readonly string[]; readonly manifest: Address }
  | { readonly kind: "number"; readonly node: number; readonly manifest: number }
  /** `undefined` where there is none. */
  | { readonly kind: "node-port"; readonly node: number | undefined; readonly manifest: number | undefined }
  /** Of a port that the cluster hands out the number is not known. */
  | { readonly kind: "no-node-port" }
  | { readonly kind: "external-addresses"; readonly node: readonly string[]; readonly manifest: readonly string[] }
  | {
      readonly kind: "endpoint-count";
      readonly node: number;
      readonly manifest: number;
      readonly because: WhyNoEndpoint | undefined;
    }
  | { readonly kind: "target-ports"; readonly node: readonly number[]; readonly manifest: readonly number[] }
  | {
      readonly kind: "endpoints";
      readonly onlyOnNode: readonly EndpointPlace[];
      readonly onlyInManifests: readonly EndpointPlace[];
    }
  /** Seconds; `undefined` without affinity. */
  | { readonly kind: "affinity"; readonly node: number | undefined; readonly manifest: number | undefined };

/** Why the manifests have no rules for what the node has rules for. */
export type WhyOnlyOnNode =
  /** No manifest defines the Service. */
  | "unknown-service"
  /** The Service has no such port. */
  | "unknown-port"
  | "headless"
  | "external-name"
  | "foreign-proxy"
  /** The manifest gives it no address in this family. */
  | "no-address";

/** Why a Service port has no endpoint by the manifests; readiness aside, which only a cluster tells. */
export type WhyNoEndpoint =
  /** No pod has the labels of the selector. */
  | { readonly kind: "no-pod" }
  /** No container of the pods has a port of that name. */
  | { readonly kind: "no-such-port"; readonly name: string };

/** What cannot be compared in a port, and why. */
export type LeftOut =
  | "cluster-ip"
  | "node-port"
  | "endpoint-addresses"
  /** An autoscaler or a placeholder will tell how many endpoints there are. */
  | "endpoint-count"
  /** The Service has no selector, and no addresses are kept for it either. */
  | "endpoints-by-others"
  /** A placeholder stands where the selector or the port should be. */
  | "endpoints-by-placeholder"
  /** Only endpoints on the node itself count, and nobody knows which node it is. */
  | "endpoints-of-one-node"
  /** Topology hints keep some endpoints for some nodes. */
  | "endpoints-by-hints"
  /** The text does not show the rules that choose. */
  | "endpoints-not-shown";

/** What a reader should know besides. */
export type ComparisonNote =
  /** The text has the rules of several nodes of the family; the first counts. */
  | { readonly kind: "several-nodes"; readonly count: number }
  /** Only a part of the rules is shown, so that nobody can tell what is missing on the node. */
  | { readonly kind: "only-a-part" }
  /** Services of the cluster itself are not compared, because hardly anybody keeps their manifests. */
  | { readonly kind: "of-the-cluster"; readonly services: readonly string[] }
  /** The rules look like those of other releases than the one in the settings: from one minor version to another. */
  | {
      readonly kind: "other-release";
      readonly first: number | undefined;
      readonly last: number | undefined;
      readonly set: string;
    };
