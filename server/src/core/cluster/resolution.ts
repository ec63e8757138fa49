import type { DocumentUri, Field, Origin, SourceRange } from "../base/source.ts";
import type {
  Container,
  ContainerPort,
  EndpointsManifest,
  Labels,
  Manifest,
  Protocol,
  ServiceManifest,
  ServicePort,
  TopologyHints,
  WorkloadManifest,
} from "../manifest/model.ts";
import type { Reach } from "./reach.ts";
import type { Scope } from "./scope.ts";

/** Where traffic to a Service ends up, in one scope. A Service whose pods differ by environment has several. */
export interface Resolution {
  readonly service: ServiceManifest;
  readonly scope: Scope;
  /** A text to look at this scope from: the Service's own, or where there are several scopes one that no other has. */
  readonly from: DocumentUri;
  /** The namespace that the Service or what it meets there names; `undefined` where all of them leave it open. */
  readonly namespace: string | undefined;
  readonly endpoints: Endpoints;
  /** Its Endpoints and EndpointSlices that a controller wrote and somebody dumped. Where there are any, they count. */
  readonly observed: readonly EndpointsManifest[];
  /** What it was meant for and what matches elsewhere, for an orphan. */
  readonly reach: Reach | undefined;
  /** One for each entry of `spec.ports`, in that order. Empty for an ExternalName. */
  readonly ports: readonly PortResolution[];
}

/** The manifests that stand behind a Service in one scope. */
export function manifestsBehind({ endpoints, observed }: Resolution): readonly Manifest[] {
  if (endpoints.kind === "manual") return [...endpoints.slices, ...observed];
  if (endpoints.kind !== "selected") return observed;
  const pods = endpoints.pods.flatMap(({ workload, observed: dumped = [], parts }) => [workload, ...dumped, ...parts]);
  return [...pods, ...observed];
}

/** What stands behind a Service. */
export type Endpoints =
  /** Pods that carry every label of the selector; none of them, for an orphan. */
  | { readonly kind: "selected"; readonly selector: Labels; readonly pods: readonly PodSource[] }
  /** No selector: addresses kept by hand. */
  | { readonly kind: "manual"; readonly slices: readonly EndpointsManifest[] }
  /** ExternalName: a CNAME, no proxy. */
  | { readonly kind: "external"; readonly name: Field<string> }
  /** No selector, and nothing kept by hand either. */
  | { readonly kind: "none" }
  /** A placeholder in the place of the selector: whatever it will be filled in to select. */
  | { readonly kind: "unknown"; readonly selector: Field<string> };

/** A workload whose pods a Service selects. */
export interface PodSource {
  readonly workload: WorkloadManifest;
  /** `possible`: a label is only known at run time, a value is a placeholder, or the kind is an unknown one. */
  readonly match: "certain" | "possible";
  /**
   * Dumped Pods of this workload that carry the labels. They are its pods, and none are simulated; `undefined` where no
   * Pod of it was dumped.
   */
  readonly observed: readonly WorkloadManifest[] | undefined;
  /** What the workload made on the way to these pods, as a dump shows it: the ReplicaSets of a Deployment. */
  readonly parts: readonly WorkloadManifest[];
}

/**
 * Where one Service port leads, over all selected workloads.
 * `matched`: a name that every one declares, as far as can be known; a number that one of them declares; of addresses
 * kept by hand, a port of its name · `undeclared`: a number that none of them declares; it works all the same, because
 * `containerPort` is informational · `unresolved`: a name that none declares: this port has no endpoint · `partial`: a
 * name that only some declare · `unknown`: none is known to declare it, and of some a placeholder keeps it from being
 * known. A Service without pods has its ports `unresolved`.
 */
export interface PortResolution {
  readonly port: ServicePort;
  readonly state: "matched" | "undeclared" | "unresolved" | "partial" | "unknown";
  readonly targets: readonly PortTarget[];
}

/** What a targetPort is in the pods of one workload, or in one hand-written list of addresses. */
export type PortTarget =
  | {
      readonly kind: "declared";
      readonly source: PodSource;
      readonly number: number;
      readonly container: Container;
      readonly containerPort: ContainerPort;
    }
  | { readonly kind: "undeclared"; readonly source: PodSource; readonly number: number }
  | { readonly kind: "unresolved"; readonly source: PodSource; readonly name: string; readonly because: Unresolved }
  /** A placeholder on either side: it leads wherever it will be filled in to lead. */
  | { readonly kind: "unknown"; readonly source: PodSource }
  | { readonly kind: "manual"; readonly slice: EndpointsManifest; readonly subset: number; readonly number: number };

/** Why a named targetPort is found in no container that counts. */
export type Unresolved =
  | { readonly kind: "no-such-name" }
  | { readonly kind: "other-protocol"; readonly at: ContainerPort }
  /** A plain init container declares it, and has ended before the pod serves. */
  | { readonly kind: "init-container"; readonly at: ContainerPort }
  /** A sidecar declares it, in a release that does not look there yet (before 1.33). */
  | { readonly kind: "sidecar-too-early"; readonly at: ContainerPort }
  /** A container bears the name, not a port. */
  | { readonly kind: "container-name"; readonly at: Container };

/** An IP address and where it comes from. */
export interface Address {
  readonly ip: string;
  readonly origin: Origin;
}

/** One address and port behind a Service port. */
export interface Endpoint {
  readonly address: Address;
  readonly port: number;
  readonly protocol: Protocol;
  /** Taken into account by DNS and kube-proxy. */
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly node: string | undefined;
  /** Name of the pod; `undefined` for an address kept by hand that names none. */
  readonly pod: string | undefined;
  /** Name of the container that declares the port. */
  readonly container: string | undefined;
  /** `spec.hostname` of a pod whose `spec.subdomain` is the Service: it gets a DNS name of its own. */
  readonly hostname: string | undefined;
  /** Whom its EndpointSlice is written for; `undefined` where the EndpointSlice controller would decide. */
  readonly hints?: TopologyHints;
  readonly because: SourceRange;
}
