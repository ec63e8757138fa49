import { familyOf } from "../../base/ip.ts";
import type { NegatableMatch } from "./matches.ts";
import type { ProxyInput } from "./proxy-input.ts";

/**
 * The match that holds for traffic of pods, `undefined` where no detector is configured.
 * With ClusterCIDR that is any pod's traffic, with the other modes only that of pods on this node.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/util/localdetector.go
 */
export function matchPodTraffic({ family, config, node }: ProxyInput): NegatableMatch | undefined {
  const { detectLocal } = config;
  switch (detectLocal.mode) {
    case "ClusterCIDR":
      return matchBlock(detectLocal.cidrs.find((block) => familyOf(block) === family));
    case "NodeCIDR":
      return matchBlock(node.podCIDRs.find((block) => familyOf(block) === family));
    case "BridgeInterface":
      return matchInterface(detectLocal.name);
    case "InterfaceNamePrefix":
      return matchInterface(detectLocal.prefix && `${detectLocal.prefix}+`);
    case "none":
      return undefined;
  }
}

const matchBlock = (block: string | undefined): NegatableMatch | undefined =>
  block === undefined ? undefined : { kind: "source", block, negated: false };

const matchInterface = (name: string): NegatableMatch | undefined =>
  name === "" ? undefined : { kind: "in-interface", name, negated: false };
