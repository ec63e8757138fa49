import type { Cidr } from "../base/ip.ts";
import { type Message, message } from "../base/message.ts";
import {
  type ClusterNode,
  type DetectLocal,
  defaultProfile,
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
  nodeList,
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
  readonly "cluster.proxy.counters": boolean;
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
      vxlan: message`Packets between nodes are wrapped in UDP.`,
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
  "cluster.proxy.counters": {
    type: flag,
    default: defaultProfile.proxy.counters,
    description: message`Whether kube-proxy's rules count packets with nfacct.`,
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
