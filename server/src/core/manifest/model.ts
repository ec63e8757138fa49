import type { Family } from "../base/ip.ts";
import type { Message } from "../base/message.ts";
import type { DocumentUri, Field, SourceRange } from "../base/source.ts";

/**
 * What a manifest says, with the range of every value. It may hold nonsense: `cluster/` decides what Kubernetes would
 * make of it. Where a value is absent and the API has a default, the default is filled in with `origin: "default"`.
 */
export type Manifest =
  | ServiceManifest
  | WorkloadManifest
  | EndpointsManifest
  | NetworkPolicyManifest
  | NodeManifest
  | OtherManifest;

/** What every object has. */
export interface ObjectHeader {
  readonly apiVersion: Field<string>;
  /** The kind in Kubernetes' spelling where it is a known one; what is written stands in {@link ObjectHeader.miscased}. */
  readonly kind: Field<string>;
  /** Empty, with the range of `metadata` or of the document, where the manifest gives none. */
  readonly name: Field<string>;
  /** `default` with `origin: "default"` where the manifest gives none: any namespace, until it is applied. */
  readonly namespace: Field<string>;
  readonly labels: Labels;
  /** What a dump says of who made it: a controller, for the object that is named here. */
  readonly owner: OwnerReference | undefined;
  /** `metadata.uid` of a dump. */
  readonly uid: string | undefined;
  /** The whole object: a YAML document, or an item of a list. */
  readonly range: SourceRange;
  /** Which YAML document of its file it stands in, counted from 0. */
  readonly document: number;
  /** Names and values that differ from the API's only by case or separators, so that the API does not know them. */
  readonly miscased: readonly Miscased[];
  /** True for the last good reading of a document that cannot be read now: others still see it. */
  readonly stale: boolean;
}

/** The one entry of `metadata.ownerReferences` with `controller: true`. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: Field<string>;
  readonly name: Field<string>;
  readonly uid: string | undefined;
}

/** A field name or value in the wrong spelling. */
export interface Miscased {
  readonly what: "field" | "value" | "kind";
  /** Where it stands: `spec`, `spec.ports[0]`. */
  readonly path: string;
  readonly written: Field<string>;
  /** The API's own spelling. */
  readonly right: string;
}

/**
 * `metadata.labels`, a selector, `matchLabels`: a map of strings in the order written. A placeholder in the place of the
 * whole map is one key that is filled in later.
 */
export interface Labels {
  readonly entries: readonly Label[];
  /** The key that holds the map, such as the word `selector`; of the parent where there is none. */
  readonly key: SourceRange;
}

/** One entry of a map of labels. A value of `null` is the empty string, as the API stores it. */
export interface Label {
  readonly key: Field<string>;
  readonly value: Field<string>;
}

export type Protocol = "TCP" | "UDP" | "SCTP";
export type ServiceType = "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
export type TrafficPolicy = "Cluster" | "Local";

/** `v1 Service`. */
export interface ServiceManifest extends ObjectHeader {
  readonly type: "Service";
  /** A value that is none of the four counts as `ClusterIP`, with the written range. */
  readonly serviceType: Field<ServiceType>;
  /** `undefined` where it is absent, null or empty: the Service is selector-less, its endpoints are kept by hand. */
  readonly selector: Labels | undefined;
  /** A placeholder in the place of the whole selector: which pods it will ask for, if any, nobody can tell. */
  readonly selectorPlaceholder: Field<string> | undefined;
  readonly ports: readonly ServicePort[];
  /** Written addresses only, first one first; without `None`. */
  readonly clusterIPs: readonly Field<string>[];
  /** `clusterIP: None`. The range is that of the word. */
  readonly headless: Field<true> | undefined;
  readonly ipFamilies: readonly Field<Family>[];
  readonly ipFamilyPolicy: Field<"SingleStack" | "PreferDualStack" | "RequireDualStack"> | undefined;
  readonly externalIPs: readonly Field<string>[];
  readonly externalName: Field<string> | undefined;
  readonly loadBalancerIP: Field<string> | undefined;
  readonly loadBalancerSourceRanges: readonly Field<string>[];
  /** `status.loadBalancer.ingress` of a dump, as far as it has addresses: observed. */
  readonly loadBalancerIngress: readonly IngressAddress[];
  readonly sessionAffinity: Field<"None" | "ClientIP">;
  /** Seconds; 10800 unless written. */
  readonly sessionAffinityTimeout: Field<number>;
  readonly externalTrafficPolicy: Field<TrafficPolicy>;
  readonly internalTrafficPolicy: Field<TrafficPolicy>;
  readonly publishNotReadyAddresses: boolean;
  /** False: a LoadBalancer without node ports, but for those that are written. */
  readonly allocateLoadBalancerNodePorts: boolean;
  readonly healthCheckNodePort: Field<number> | undefined;
  /** `PreferClose`, `PreferSameZone`, `PreferSameNode`, or what else is written. */
  readonly trafficDistribution: Field<string> | undefined;
  /** The annotation `service.kubernetes.io/topology-mode`, or its older name. */
  readonly topologyMode: Field<string> | undefined;
  /** Carries `service.kubernetes.io/service-proxy-name`: some other proxy looks after it. */
  readonly foreignProxy: boolean;
}

/** An address that a load balancer was given. */
export interface IngressAddress {
  readonly ip: Field<string>;
  /** `ipMode: Proxy`: packets come to the nodes with an address of theirs as destination. */
  readonly proxied: boolean;
}

/** One entry of `spec.ports`. */
export interface ServicePort {
  readonly name: Field<string> | undefined;
  readonly port: Field<number>;
  readonly protocol: Field<Protocol>;
  /** A container port's number or name; `origin: "default"` and the number of `port` where it is absent, 0 or "". */
  readonly targetPort: Field<number | string>;
  readonly nodePort: Field<number> | undefined;
  /** The first key of the entry. */
  readonly range: SourceRange;
}

/** Anything that makes pods: a Deployment and its peers, a bare Pod, an unknown kind with a pod template. */
export interface WorkloadManifest extends ObjectHeader {
  readonly type: "Workload";
  /** `known`: a kind whose pods are understood. `possible`: a custom resource that carries a pod template. */
  readonly certainty: "known" | "possible";
  /**
   * How many pods at a time; `undefined` where the manifest cannot tell: one a node, an autoscaler's choice, a placeholder.
   * 0 for a suspended Job and a halted VirtualMachine.
   */
  readonly replicas: Field<number> | undefined;
  /** Number of the first pod of a StatefulSet. */
  readonly firstOrdinal: number;
  /**
   * How many pods a Job with `completionMode: Indexed` makes in all, each with a number of its own from 0; `undefined`
   * for every other workload.
   */
  readonly completions: number | undefined;
  /** The workload's own selector; `undefined` where absent. A ReplicationController's map appears as `matchLabels`. */
  readonly selector: LabelSelector | undefined;
  readonly template: PodTemplate;
  /** A Rollout whose pods come from another workload's template. */
  readonly workloadRef: { readonly kind: Field<string>; readonly name: Field<string> } | undefined;
  /** `spec.serviceName` of a StatefulSet. */
  readonly serviceName: Field<string> | undefined;
  /** Labels that the kind's controller adds to its pods at run time. */
  readonly runtimeLabels: readonly RuntimeLabel[];
  /** What a dumped Pod's status says. */
  readonly observed: ObservedPod | undefined;
}

/** A label that a controller writes. Without a value only its key and how its value begins are known beforehand. */
export interface RuntimeLabel {
  readonly key: string;
  readonly value: string | undefined;
  /** Empty where nothing is known of the value, or all of it is. */
  readonly prefix: string;
}

export interface LabelSelector {
  readonly matchLabels: Labels;
  readonly matchExpressions: readonly LabelExpression[];
  /** The word `selector`. */
  readonly key: SourceRange;
}

export interface LabelExpression {
  readonly key: Field<string>;
  readonly operator: Field<string>;
  readonly values: readonly Field<string>[];
}

/** What a workload stamps out. */
export interface PodTemplate {
  /** Labels of the pods as written; their `key` is where a missing label would be added. */
  readonly labels: Labels;
  /** In the order of the pod: `containers` first, then `initContainers`. */
  readonly containers: readonly Container[];
  readonly hostNetwork: boolean;
  readonly hostname: Field<string> | undefined;
  readonly subdomain: Field<string> | undefined;
  readonly dnsPolicy: Field<string>;
  readonly dnsConfig: DnsConfig;
  readonly enableServiceLinks: boolean;
  readonly nodeName: Field<string> | undefined;
  /** The word `template`, or `metadata` of a bare Pod. */
  readonly key: SourceRange;
}

/** `spec.dnsConfig` of a pod: what it adds to the settings that `dnsPolicy` gives. */
export interface DnsConfig {
  readonly nameservers: readonly Field<string>[];
  readonly searches: readonly Field<string>[];
  /** In the order written; of two options of one name the later one counts. */
  readonly options: readonly DnsOption[];
}

/** An option of resolv.conf, such as `ndots` with the value `2`. */
export interface DnsOption {
  readonly name: Field<string>;
  readonly value: Field<string> | undefined;
}

export interface Container {
  readonly name: Field<string>;
  /** `init` runs to its end before the others start; `sidecar` is an init container with `restartPolicy: Always`. */
  readonly role: "main" | "init" | "sidecar";
  readonly ports: readonly ContainerPort[];
  /** Names of the environment variables it sets itself. */
  readonly env: readonly Field<string>[];
}

export interface ContainerPort {
  readonly name: Field<string> | undefined;
  readonly containerPort: Field<number>;
  readonly protocol: Field<Protocol>;
}

/** The status of a dumped Pod. */
export interface ObservedPod {
  readonly podIPs: readonly Field<string>[];
  /** As the API has it: `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`. */
  readonly phase: string | undefined;
  readonly nodeName: string | undefined;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** False in phase Succeeded or Failed: no endpoint any more. */
  readonly running: boolean;
}

/** `v1 Endpoints` or `discovery.k8s.io EndpointSlice`: addresses kept by hand, or dumped from a cluster. */
export interface EndpointsManifest extends ObjectHeader {
  readonly type: "Endpoints";
  /** The Service it belongs to: its own name for Endpoints, the `kubernetes.io/service-name` label for a slice. */
  readonly service: Field<string> | undefined;
  readonly subsets: readonly EndpointSubset[];
  /** It was written by a controller and dumped, so it is an observation rather than a wish. */
  readonly observed: boolean;
  /** A slice that a controller copied from an Endpoints object. */
  readonly mirrored: boolean;
}

/** Addresses that share a list of ports. */
export interface EndpointSubset {
  readonly addresses: readonly EndpointAddress[];
  readonly ports: readonly EndpointPort[];
}

export interface EndpointAddress {
  readonly ip: Field<string>;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly nodeName: string | undefined;
  readonly hostname: string | undefined;
  /** The name of the Pod in `targetRef`. */
  readonly pod: string | undefined;
  /** What an EndpointSlice says of whom it is for; an Endpoints object says nothing. */
  readonly hints: TopologyHints;
}

/** The names of zones and nodes whose traffic an endpoint is for; empty where none are written. */
export interface TopologyHints {
  readonly zones: readonly string[];
  readonly nodes: readonly string[];
}

export interface EndpointPort {
  /** Empty for an unnamed port. */
  readonly name: string;
  readonly port: Field<number>;
  readonly protocol: Protocol;
}

/** `networking.k8s.io NetworkPolicy`: who may talk with the pods of a namespace. */
export interface NetworkPolicyManifest extends ObjectHeader {
  readonly type: "NetworkPolicy";
  /** The pods that it isolates; without entries all pods of its namespace. */
  readonly podSelector: LabelSelector;
  /** `undefined` for a direction that it leaves alone: its `policyTypes`, or the API's default for them. */
  readonly ingress: PolicyRules | undefined;
  readonly egress: PolicyRules | undefined;
}

/** What a NetworkPolicy lets through in one direction: a connection that any of the rules admits. */
export interface PolicyRules {
  readonly rules: readonly PolicyRule[];
  /** The word `ingress` or `egress`; of `policyTypes` or `spec` where it is absent. */
  readonly key: SourceRange;
}

/** A connection is admitted by its peer and its port together; an empty list admits any. */
export interface PolicyRule {
  readonly peers: readonly PolicyPeer[];
  readonly ports: readonly PolicyPort[];
  /** An entry cannot be read, such as a placeholder: what it admits is unknown. */
  readonly partial: boolean;
  readonly range: SourceRange;
}

/** One entry of `from` or `to`. */
export type PolicyPeer = { readonly range: SourceRange } & (
  | {
      readonly kind: "pods";
      /** `undefined`: every pod of the namespaces. */
      readonly podSelector: LabelSelector | undefined;
      /** `undefined`: the policy's own namespace. */
      readonly namespaceSelector: LabelSelector | undefined;
    }
  | { readonly kind: "block"; readonly cidr: Field<string>; readonly except: readonly Field<string>[] }
);

/** One entry of `ports`. */
export interface PolicyPort {
  /** A number, or the name of a port of the receiving pod's containers; `undefined` for every port. */
  readonly port: Field<number | string> | undefined;
  /** The last of a range of ports. */
  readonly endPort: Field<number> | undefined;
  readonly protocol: Field<Protocol>;
  readonly range: SourceRange;
}

/** `v1 Node` of a dump. */
export interface NodeManifest extends ObjectHeader {
  readonly type: "Node";
  readonly addresses: readonly Field<string>[];
  readonly podCIDRs: readonly string[];
}

/** Any other object: known by its header only. */
export interface OtherManifest extends ObjectHeader {
  readonly type: "Other";
  /** Its API group is none of Kubernetes' own: an operator may make pods of it. */
  readonly custom: boolean;
}

/** A complaint about a text, before any rule is asked. */
export interface Problem {
  readonly code: ProblemCode;
  readonly range: SourceRange;
  readonly message: Message;
}

export type ProblemCode = "yaml-syntax" | "tab-indentation" | "unreadable-file";

/** What a file is to a deployment. `ignored`: neither manifests nor anything that bears on them. */
export type FileRole = "manifests" | "kustomization" | "chart" | "settings" | "ignored";

/** One YAML document of a file, read. */
export interface Part {
  /** Offsets in the file, the marker in front excluded. */
  readonly start: number;
  readonly end: number;
  /** It stands behind `...`, not behind `---`: a document to YAML, but Kubernetes' tools read no further than `...`. */
  readonly isBare: boolean;
  readonly manifests: readonly Manifest[];
  readonly problems: readonly Problem[];
  /** What it holds is unknown, or only known from its last good reading. */
  readonly opaque: "template" | "unreadable" | undefined;
  /** It holds nothing besides comments. */
  readonly empty: boolean;
  /** How many values its aliases and merge keys stand for. */
  readonly aliased: number;
}

/** A text, read. Total for any text: what cannot be read is a problem, and everything around it still counts. */
export interface ParsedFile {
  readonly uri: DocumentUri;
  readonly text: string;
  readonly role: FileRole;
  /** What a kustomization names: paths as {@link namesIn} gives them. Empty for every other file. */
  readonly names: ReadonlySet<string>;
  readonly parts: readonly Part[];
  /** The manifests of all parts. */
  readonly manifests: readonly Manifest[];
  readonly problems: readonly Problem[];
}
