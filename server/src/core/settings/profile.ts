import { addressAt, type Cidr, type Family, parseCidr, parseIP, sizeOf } from "../base/ip.ts";
import type { NodeManifest } from "../manifest/model.ts";

/** The cluster that the manifests are meant for: what only a cluster could tell, assumed. */
export interface Profile {
  readonly kubernetesVersion: KubernetesVersion;
  /** The cluster domain, lower case, without the final dot. */
  readonly domain: string;
  /** At most one block for each address family. The first one's family is the cluster's default. */
  readonly serviceCIDR: readonly Cidr[];
  /** At most one block for each address family. The first one's family is that of a pod's first address. */
  readonly podCIDR: readonly Cidr[];
  readonly nodePortRange: PortRange;
  /** How a packet travels from node to node: wrapped, or by a route. */
  readonly overlay: Overlay;
  readonly nodes: readonly ClusterNode[];
  readonly proxy: ProxySettings;
}

export interface KubernetesVersion {
  readonly major: number;
  readonly minor: number;
}

/** Both ends belong to it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** A node, from the settings or from a dump. */
export interface ClusterNode {
  readonly name: string;
  /** An address in canonical text. */
  readonly address: string;
  readonly origin: "simulated" | "observed";
  /** What a dumped Node says about its pods' addresses; empty where nothing does, see {@link podSubnet}. */
  readonly podCIDR: readonly Cidr[];
  /** The value of its label `topology.kubernetes.io/zone`; `undefined` where it has none. */
  readonly zone: string | undefined;
}

/** kube-proxy's configuration, as far as its rules show it. */
export interface ProxySettings {
  readonly mode: ProxyMode;
  readonly detectLocal: DetectLocal;
  readonly masqueradeAll: boolean;
  /** 0 to 31: the bit of a packet's mark that says "masquerade me". */
  readonly masqueradeBit: number;
  /** Blocks of the nodes' addresses that node ports answer on, or the one word `primary`; empty for the mode's default. */
  readonly nodePortAddresses: readonly string[];
  /** Node ports answer on 127.0.0.1, in iptables mode. */
  readonly localhostNodePorts: boolean;
  /** The rules count dropped packets with nfacct, as on nodes that have that kernel module. */
  readonly counters: boolean;
  /** The sysctl `net.netfilter.nf_conntrack_tcp_be_liberal` is set on the nodes. */
  readonly conntrackLiberal: boolean;
  /** How IPVS chooses an endpoint. */
  readonly ipvsScheduler: IpvsScheduler;
}

export type Overlay = (typeof overlays)[number];
export type ProxyMode = (typeof proxyModes)[number];
export type DetectLocal = (typeof detectLocalModes)[number];

export type IpvsScheduler = (typeof ipvsSchedulers)[number];

export const overlays = ["vxlan", "host-gw"] as const;
export const proxyModes = ["iptables", "nftables", "ipvs", "userspace"] as const;
export const detectLocalModes = ["ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix", "none"] as const;

/** The modules of IPVS that choose real servers, by their names in `ipvsadm`. */
export const ipvsSchedulers = [
  "rr",
  "wrr",
  "lc",
  "wlc",
  "lblc",
  "lblcr",
  "dh",
  "sh",
  "mh",
  "sed",
  "nq",
  "fo",
  "ovf",
] as const;

/** A cluster as kubeadm makes one, with two nodes. */
export const defaultProfile: Profile = {
  kubernetesVersion: { major: 1, minor: 34 },
  domain: "cluster.local",
  serviceCIDR: [{ family: "IPv4", network: 0x0a_60_00_00n, prefix: 12 }],
  podCIDR: [{ family: "IPv4", network: 0x0a_f4_00_00n, prefix: 16 }],
  nodePortRange: { first: 30000, last: 32767 },
  overlay: "vxlan",
  nodes: [
    { name: "node-1", address: "192.168.10.11", origin: "simulated", podCIDR: [], zone: undefined },
    { name: "node-2", address: "192.168.10.12", origin: "simulated", podCIDR: [], zone: undefined },
  ],
  proxy: {
    mode: "iptables",
    detectLocal: "ClusterCIDR",
    masqueradeAll: false,
    masqueradeBit: 14,
    nodePortAddresses: [],
    localhostNodePorts: true,
    counters: false,
    conntrackLiberal: false,
    ipvsScheduler: "rr",
  },
};

/** Whether the cluster runs a release or a later one. */
export function atLeast(profile: Profile, major: number, minor: number): boolean {
  const version = profile.kubernetesVersion;
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** The block of a family; `undefined` where the cluster has none. */
export const cidrOf = (blocks: readonly Cidr[], family: Family): Cidr | undefined =>
  blocks.find((block) => block.family === family);

/**
 * The block that a node hands out to its pods: the dumped one, or an equal slice of the cluster's pod CIDR.
 * There are as many slices as the next power of two from the number of nodes.
 * @returns `undefined` for a family that pods do not have, a node that is not there, or a pod CIDR too small to divide
 */
export function podSubnet(profile: Profile, nodeIndex: number, family: Family): Cidr | undefined {
  const node = profile.nodes[nodeIndex];
  const whole = cidrOf(profile.podCIDR, family);
  if (node === undefined) return undefined;
  if (node.podCIDR.length > 0) return cidrOf(node.podCIDR, family);
  if (whole === undefined) return undefined;
  const prefix = whole.prefix + Math.ceil(Math.log2(profile.nodes.length));
  const width = family === "IPv4" ? 32 : 128;
  if (prefix > width) return undefined;
  const slice = sizeOf({ ...whole, prefix });
  return { family, network: whole.network + BigInt(nodeIndex) * slice, prefix };
}

/** The address of the Service `kubernetes` in `default`: the first one of the first Service CIDR. */
export const apiServerAddress = (profile: Profile): string | undefined => wellKnownAddress(profile, 1n);

/** The address of the cluster's DNS server as kubeadm places it: the tenth one of the first Service CIDR. */
export const dnsServerAddress = (profile: Profile): string | undefined => wellKnownAddress(profile, 10n);

/**
 * The profile with the nodes of a dump in the place of the assumed ones, in order of name.
 * A dumped Node without a usable address is left out; where none is usable the profile stays as it is. Of several of
 * one name the first counts.
 */
export function withObservedNodes(profile: Profile, manifests: readonly NodeManifest[]): Profile {
  const nodes = manifests.flatMap((manifest): ClusterNode[] => {
    const address = manifest.addresses.map((field) => parseIP(field.value)).find((ip) => ip !== undefined);
    const podCIDR = manifest.podCIDRs.flatMap((text) => parseCidr(text) ?? []);
    const zone = manifest.labels.entries.find(({ key }) => key.value === ZONE)?.value.value;
    return address === undefined ? [] : [{ name: manifest.name.value, address, origin: "observed", podCIDR, zone }];
  });
  const unique = new Map(nodes.map((node) => [node.name, node] as const).reverse());
  const sorted = [...unique.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  return sorted.length === 0 ? profile : { ...profile, nodes: sorted };
}

/** The label by which a node tells its zone; the only one that kube-proxy and the EndpointSlice controller look at. */
const ZONE = "topology.kubernetes.io/zone";

function wellKnownAddress(profile: Profile, index: bigint): string | undefined {
  const block = profile.serviceCIDR[0];
  return block === undefined || index >= sizeOf(block) ? undefined : addressAt(block, index);
}
