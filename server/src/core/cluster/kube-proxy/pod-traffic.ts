import { familyOf } from "../../base/ip.ts";
import type { ProxyInput } from "./proxy-input.ts";

/** How kube-proxy tells that a packet comes from a pod. */
export type PodTraffic =
  /** By its source address, such as `10.244.0.0/16`. */
  | { readonly by: "block"; readonly block: string }
  /** By the interface that it came in by: one, or all whose names begin so. */
  | { readonly by: "interface"; readonly name: string }
  | { readonly by: "interface-prefix"; readonly prefix: string };

/**
 * How to tell traffic of pods; `undefined` where no detector is configured.
 * With ClusterCIDR that is any pod's traffic, with the other modes only that of pods on this node.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/util/localdetector.go
 */
export function detectPodTraffic({ family, config, node }: ProxyInput): PodTraffic | undefined {
  const { detectLocal } = config;
  switch (detectLocal.mode) {
    case "ClusterCIDR":
      return inBlock(detectLocal.cidrs.find((block) => familyOf(block) === family));
    case "NodeCIDR":
      return inBlock(node.podCIDRs.find((block) => familyOf(block) === family));
    case "BridgeInterface":
      return detectLocal.name === "" ? undefined : { by: "interface", name: detectLocal.name };
    case "InterfaceNamePrefix":
      return detectLocal.prefix === "" ? undefined : { by: "interface-prefix", prefix: detectLocal.prefix };
    case "none":
      return undefined;
  }
}

const inBlock = (block: string | undefined): PodTraffic | undefined =>
  block === undefined ? undefined : { by: "block", block };
