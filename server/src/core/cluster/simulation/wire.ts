import { type Family, familyOf, formatCidr } from "../../base/ip.ts";
import { podSubnet } from "../../settings/profile.ts";
import type { Address } from "../resolution.ts";
import { type Ends, endsFrom } from "./ends.ts";
import type { Place } from "./masquerade.ts";
import type { World } from "./world.ts";

/** What brings a packet for a pod from one node to another. */
export type Wire =
  /** A packet of the nodes' own around it, in UDP. */
  | { readonly kind: "vxlan"; readonly outer: Ends }
  /** A route to the block that the pod's node hands out, by that node's address. */
  | { readonly kind: "route"; readonly block: Block; readonly gateway: Address };

/** Addresses in the notation of CIDR, and where they come from. */
export interface Block {
  readonly text: string;
  readonly origin: Address["origin"];
}

/**
 * The wire between two nodes in the network that the settings describe.
 * @returns `undefined` on one node, to a node itself, and between nodes whose addresses of the family are not known
 */
export function wireTo({ profile }: World, from: string, { ip, node, onHost }: Place): Wire | undefined {
  const family = familyOf(ip);
  const [source, gateway] = [from, node].map((name) => addressOfNode(profile.nodes, name, family));
  if (onHost || node === from || source === undefined || gateway === undefined) return undefined;
  if (profile.overlay === "vxlan") return { kind: "vxlan", outer: endsFrom(source, gateway, VXLAN_PORT) };
  const index = profile.nodes.findIndex(({ name }) => name === node);
  const block = podSubnet(profile, index, family);
  const origin = (profile.nodes[index]?.podCIDR.length ?? 0) > 0 ? "observed" : "simulated";
  return block && { kind: "route", block: { text: formatCidr(block), origin }, gateway };
}

/**
 * The port that Linux sends VXLAN to, and Flannel with it; other plugins may choose the one that IANA assigned, 4789.
 * @see https://github.com/torvalds/linux/blob/master/drivers/net/vxlan/vxlan_core.c `vxlan_port`
 */
const VXLAN_PORT = 8472;

function addressOfNode(
  nodes: World["profile"]["nodes"],
  name: string | undefined,
  family: Family,
): Address | undefined {
  const node = nodes.find((candidate) => candidate.name === name && familyOf(candidate.address) === family);
  return node && { ip: node.address, origin: node.origin };
}
