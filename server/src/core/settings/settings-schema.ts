import type { Cidr } from "../base/ip.ts";
import { type Message, message } from "../base/message.ts";
import {
  type ClusterNode,
  type DetectLocal,
  defaultProfile,
  type IpvsScheduler,
  type KubernetesVersion,
  type Overlay,
  type PortRange,
  type ProxyMode,
} from "./profile.ts";
import {
  addressBlocks,
  domainName,
  filePatterns,
  flag,
  type JsonSchema,
  markBit,
  nodeList,
  nodePortBlocks,
  oneOf,
  portRange,
  release,
  type SettingType,
} from "./setting-types.ts";
import type { Severity } from "./severity.ts";

/** Every setting but the severities of rules, by its key in `.portolan.yaml`; VS Code's has `portolan.` before it. */
export interface SettingValues {
  readonly "cluster.kubernetesVersion": KubernetesVersion;
  readonly "cluster.domain": string;
  readonly "cluster.serviceCIDR": readonly Cidr[];
  readonly "cluster.podCIDR": readonly Cidr[];
  readonly "cluster.nodePortRange": PortRange;
  readonly "cluster.overlay": Overlay;
  readonly "cluster.nodes": readonly ClusterNode[];
  readonly "cluster.proxy.mode": ProxyMode;
  readonly "cluster.proxy.detectLocal": DetectLocal;
  readonly "cluster.proxy.masqueradeAll": boolean;
  readonly "cluster.proxy.masqueradeBit": number;
  readonly "cluster.proxy.nodePortAddresses": readonly string[];
  readonly "cluster.proxy.localhostNodePorts": boolean;
  readonly "cluster.proxy.counters": boolean;
  readonly "cluster.proxy.conntrackLiberal": boolean;
  readonly "cluster.proxy.ipvsScheduler": IpvsScheduler;
  readonly exclude: readonly string[];
}

export type SettingKey = keyof SettingValues;

/** One setting: what the readers, the editor's settings page and the documentation know of it. */
export interface Setting<Value> {
  readonly type: SettingType<Value>;
  readonly default: Value;
  readonly description: Message;
}

/** The settings, in the order they are shown. */
export const settingsTable: { readonly [Key in SettingKey]: Setting<SettingValues[Key]> } = {
  "cluster.kubernetesVersion": {
    type: release,
    default: defaultProfile.kubernetesVersion,
    description: message`The Kubernetes release that the manifests are meant for.`,
  },
  "cluster.domain": {
    type: domainName,
    default: defaultProfile.domain,
    description: message`The cluster domain: what every Service's DNS name ends in.`,
  },
  "cluster.serviceCIDR": {
    type: addressBlocks,
    default: defaultProfile.serviceCIDR,
    description: message`The blocks that cluster IPs are taken from, one for each address family. The first one's family is the default.`,
  },
  "cluster.podCIDR": {
    type: addressBlocks,
    default: defaultProfile.podCIDR,
    description: message`The blocks that pod IPs are taken from, one for each address family. Each node hands out an equal slice.`,
  },
  "cluster.nodePortRange": {
    type: portRange,
    default: defaultProfile.nodePortRange,
    description: message`The range that node ports are taken from.`,
  },
  "cluster.overlay": {
    type: oneOf({
      vxlan: message`Packets between nodes are wrapped in UDP, to port 8472 as Linux and Flannel have it.`,
      "host-gw": message`Packets between nodes follow a route.`,
    }),
    default: defaultProfile.overlay,
    description: message`How packets between pods travel from node to node.`,
  },
  "cluster.nodes": {
    type: nodeList,
    default: defaultProfile.nodes,
    description: message`The nodes of the cluster, each with a name and an IP address.`,
  },
  "cluster.proxy.mode": {
    type: oneOf({
      iptables: message`Chains of iptables rules.`,
      nftables: message`Maps and chains of nftables.`,
      ipvs: message`Virtual servers in the kernel.`,
      userspace: message`A relay in user space, up to Kubernetes 1.25.`,
    }),
    default: defaultProfile.proxy.mode,
    description: message`The mode that kube-proxy runs in.`,
  },
  "cluster.proxy.detectLocal": {
    type: oneOf({
      ClusterCIDR: message`By the pod CIDR of the cluster.`,
      NodeCIDR: message`By the pod CIDR of the node.`,
      BridgeInterface: message`By the bridge that pods are attached to.`,
      InterfaceNamePrefix: message`By the prefix of pods' network interfaces.`,
      none: message`Not at all.`,
    }),
    default: defaultProfile.proxy.detectLocal,
    description: message`How kube-proxy tells the traffic of pods from other traffic.`,
  },
  "cluster.proxy.masqueradeAll": {
    type: flag,
    default: defaultProfile.proxy.masqueradeAll,
    description: message`Whether kube-proxy masquerades all traffic to cluster IPs, so that pods see a node's address and not the client's.`,
  },
  "cluster.proxy.masqueradeBit": {
    type: markBit,
    default: defaultProfile.proxy.masqueradeBit,
    description: message`The bit of a packet's mark by which kube-proxy's rules know what to masquerade, from 0 to 31.`,
  },
  "cluster.proxy.nodePortAddresses": {
    type: nodePortBlocks,
    default: defaultProfile.proxy.nodePortAddresses,
    description: message`The blocks of the nodes' addresses that node ports answer on, or the word primary. Empty: all addresses, in nftables mode the primary one.`,
  },
  "cluster.proxy.localhostNodePorts": {
    type: flag,
    default: defaultProfile.proxy.localhostNodePorts,
    description: message`Whether node ports answer on 127.0.0.1 in iptables mode.`,
  },
  "cluster.proxy.counters": {
    type: flag,
    default: defaultProfile.proxy.counters,
    description: message`Whether kube-proxy's rules count packets with nfacct.`,
  },
  "cluster.proxy.conntrackLiberal": {
    type: flag,
    default: defaultProfile.proxy.conntrackLiberal,
    description: message`Whether the nodes have the sysctl nf_conntrack_tcp_be_liberal set: from Kubernetes 1.29 on, kube-proxy then lets packets of no known connection pass.`,
  },
  "cluster.proxy.ipvsScheduler": {
    type: oneOf({
      rr: message`Each endpoint in turn.`,
      wrr: message`Each endpoint in turn, by weight; kube-proxy gives all the same.`,
      lc: message`The endpoint with the fewest connections.`,
      wlc: message`The endpoint with the fewest connections, by weight; kube-proxy gives all the same.`,
      lblc: message`The same endpoint for the same address, until it has too many connections.`,
      lblcr: message`One of a group of endpoints for the same address.`,
      dh: message`By a hash of the address that is called.`,
      sh: message`By a hash of the client's address.`,
      mh: message`By a hash of the client's address and port.`,
      sed: message`The endpoint with the shortest expected delay.`,
      nq: message`An idle endpoint, or else the one with the shortest expected delay.`,
      fo: message`The first endpoint that is available.`,
      ovf: message`The first endpoint that has room for more connections.`,
    }),
    default: defaultProfile.proxy.ipvsScheduler,
    description: message`How an endpoint is chosen in IPVS mode.`,
  },
  exclude: {
    type: filePatterns,
    default: [],
    description: message`Glob patterns of files and folders that are not read.`,
  },
};

/** How loudly one rule speaks. The default is the rule's own. Its key is `rules.` and the rule's id. */
export const severityType: SettingType<Severity | "off"> = oneOf({
  off: message`The rule is not applied.`,
  hint: message`Findings are hints: marked faintly, and not listed among the problems.`,
  information: message`Findings are information.`,
  warning: message`Findings are warnings.`,
  error: message`Findings are errors.`,
});

/** A setting as JSON Schema describes it, default included, without description. */
export function schemaOf<Key extends SettingKey>(key: Key): JsonSchema {
  const { type, default: value }: Setting<SettingValues[Key]> = settingsTable[key];
  return { ...type.schema, default: type.write(value) };
}
