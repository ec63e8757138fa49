import { familyOf } from "../../base/ip.ts";
import { bridgeAddress, tunnelAddress } from "../proxy.ts";
import type { Route, SeenAddress } from "./trace.ts";
import type { World } from "./world.ts";

/**
 * The address that MASQUERADE puts in the place of the client's: that of the interface by which the packet leaves.
 * @returns `undefined` where the node is not known
 */
export function masqueradeAs({ profile }: World, nodeName: string, to: Place): SeenAddress | undefined {
  const family = familyOf(to.ip);
  const simulated = (ip: string | undefined, of: "bridge" | "tunnel"): SeenAddress | undefined =>
    ip === undefined ? undefined : { ip, origin: "simulated", translated: true, of, node: nodeName };
  const inside = to.onHost
    ? undefined
    : to.node === nodeName
      ? simulated(bridgeAddress(profile, nodeName, family), "bridge")
      : simulated(tunnelAddress(profile, nodeName, family), "tunnel");
  if (inside !== undefined) return inside;
  const node = profile.nodes.find(({ name, address }) => name === nodeName && familyOf(address) === family);
  return node && { ip: node.address, origin: node.origin, translated: true, of: "node", node: nodeName };
}

/** What an address is to the node that sends a packet there. */
export interface Place {
  readonly ip: string;
  readonly node: string | undefined;
  /** The address is a node's, or outside of the pods' network altogether. */
  readonly onHost: boolean;
}

/** How a packet gets from a node to a place. */
export function routeTo({ profile }: World, from: string, { node, onHost }: Place): Route {
  if (onHost) return node === from ? "host" : "routed";
  if (node === from) return "same-node";
  return profile.overlay === "vxlan" ? "tunnel" : "routed";
}
