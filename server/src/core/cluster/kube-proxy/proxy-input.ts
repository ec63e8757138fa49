import type { Family } from "../../base/ip.ts";
import type { SourceRange } from "../../base/source.ts";
import type { IpvsScheduler } from "../../settings/profile.ts";

/**
 * What one kube-proxy reads before it writes the rules of one address family: its configuration, its own node, and
 * every Service with its endpoints. Plain data, free of YAML: addresses are canonical text (see `parseIP`) of
 * `family`, and Services that kube-proxy ignores (headless, ExternalName, another proxy's) are already left out.
 */
export interface ProxyInput {
  readonly family: Family;
  readonly config: ProxyConfig;
  readonly node: NodeInfo;
  readonly servicePorts: readonly ServicePort[];
  /** How many more endpoints there are, of Services that are left out here: a large cluster gets fewer comments. */
  readonly otherEndpoints?: number;
}

/** A transport protocol, as the Service API spells it. */
export type Protocol = "TCP" | "UDP" | "SCTP";

/** Where a Service may send traffic: to endpoints anywhere, or on the node that handles the packet. */
export type TrafficPolicy = "Cluster" | "Local";

/**
 * One entry of a Service's `spec.ports` in one address family, with its endpoints.
 * Source: `ServicePortInfo` in kube-proxy's common code.
 */
export interface ServicePort {
  readonly namespace: string;
  /** The Service's name. */
  readonly service: string;
  /** Empty for an unnamed port. */
  readonly portName: string;
  readonly protocol: Protocol;
  readonly clusterIP: string;
  readonly port: number;
  /** `undefined` where the API has 0 or nothing. */
  readonly nodePort: number | undefined;
  /** In the order of the spec. */
  readonly externalIPs: readonly string[];
  /** `status.loadBalancer.ingress[].ip` whose `ipMode` is not `Proxy`, whatever the Service's type. */
  readonly loadBalancerVIPs: readonly string[];
  /** `loadBalancerSourceRanges` as canonical blocks, such as `198.51.100.0/24`. */
  readonly sourceRanges: readonly string[];
  readonly internalTrafficPolicy: TrafficPolicy;
  readonly externalTrafficPolicy: TrafficPolicy;
  /** The time-out of `sessionAffinity: ClientIP`, `undefined` without affinity. */
  readonly affinitySeconds: number | undefined;
  /** Only of a LoadBalancer with the external policy Local. */
  readonly healthCheckNodePort: number | undefined;
  /** Whether an annotation asks for `topology-mode: Auto`; up to 1.30 kube-proxy obeys zone hints only then. */
  readonly topologyModeAuto: boolean;
  /** Every endpoint of the port, in any order and in any state; kube-proxy chooses. */
  readonly endpoints: readonly Endpoint[];
  /** The YAML that the port comes from. */
  readonly because: SourceRange | undefined;
}

/** One address and port behind a Service, as an EndpointSlice tells it. */
export interface Endpoint {
  readonly ip: string;
  readonly port: number;
  /** `undefined` is never on this node. */
  readonly nodeName: string | undefined;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** Topology hints of the EndpointSlice; usually empty. */
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
  /** For display: usually the pod's name. */
  readonly label: string;
  readonly because: SourceRange | undefined;
}

/** The node whose rules are written. */
export interface NodeInfo {
  readonly name: string;
  /** Addresses of its interfaces in both families, the primary one of each family first; loopback is understood. */
  readonly addresses: readonly string[];
  /** The pod blocks of the node, for the detection mode NodeCIDR. */
  readonly podCIDRs: readonly string[];
  /** The value of `topology.kubernetes.io/zone`. */
  readonly zone: string | undefined;
}

/** How kube-proxy tells traffic of pods from other traffic (`detectLocalMode`). A missing value means no detector. */
export type DetectLocal =
  /** Blocks of all pods, of which the first of each family counts. */
  | { readonly mode: "ClusterCIDR"; readonly cidrs: readonly string[] }
  | { readonly mode: "NodeCIDR" }
  | { readonly mode: "BridgeInterface"; readonly name: string }
  | { readonly mode: "InterfaceNamePrefix"; readonly prefix: string }
  | { readonly mode: "none" };

/** A Kubernetes release, 1.26 as `{ major: 1, minor: 26 }`. */
export interface Release {
  readonly major: number;
  readonly minor: number;
}

/** The part of KubeProxyConfiguration, and of the node's kernel, that shows in the rules. */
export interface ProxyConfig {
  readonly release: Release;
  readonly detectLocal: DetectLocal;
  readonly masqueradeAll: boolean;
  /** Blocks of the cluster's Services, as the ServiceCIDR API tells them; only nftables mode asks for them. */
  readonly serviceCIDRs: readonly string[];
  /** 0 to 31; the mark is `1 << masqueradeBit`. */
  readonly masqueradeBit: number;
  /** Blocks, or the one word `primary`; empty means every address of the node, in nftables mode the primary one. */
  readonly nodePortAddresses: readonly string[];
  /** Node ports on 127.0.0.1; from 1.26, IPv4 only. */
  readonly localhostNodePorts: boolean;
  /** Whether the kernel offers netfilter accounting (nfacct); from 1.32. */
  readonly counters: boolean;
  /** Whether the iptables binary knows `--random-fully`; from iptables 1.6.2. */
  readonly randomFully: boolean;
  /** Whether the sysctl `net.netfilter.nf_conntrack_tcp_be_liberal` is set; from 1.29. */
  readonly conntrackLiberal: boolean;
  /** How IPVS chooses an endpoint, in IPVS mode. */
  readonly ipvsScheduler: IpvsScheduler;
}

/** What kubeadm sets up, for a release and the blocks of a cluster. */
export function kubeadmConfig(
  release: Release,
  clusterCIDRs: readonly string[],
  serviceCIDRs: readonly string[] = [],
): ProxyConfig {
  return {
    release,
    detectLocal: { mode: "ClusterCIDR", cidrs: clusterCIDRs },
    masqueradeAll: false,
    serviceCIDRs,
    masqueradeBit: 14,
    nodePortAddresses: [],
    localhostNodePorts: true,
    counters: false,
    randomFully: true,
    conntrackLiberal: false,
    ipvsScheduler: "rr",
  };
}

/** `1 << masqueradeBit`, the mark that says "masquerade me". */
export const masqueradeMark = ({ config }: ProxyInput): number => 2 ** config.masqueradeBit;

/** Whether a release is `1.minor` or later. */
export const isFrom = (release: Release, minor: number): boolean =>
  release.major > 1 || (release.major === 1 && release.minor >= minor);
