import { addressAt, contains, type Family, familyOf, parseIP, sizeOf } from "../../../base/ip.ts";
import { findClient } from "../../simulation/client.ts";
import type { RequestSource } from "../../simulation/request.ts";
import type { World } from "../../simulation/world.ts";
import { bridgesOf } from "../bridges.ts";
import { endpointAddressesOf, podBlockOf } from "../node-facts.ts";
import type { NodeRules } from "../node-rules.ts";
import type { RulesClient } from "./rules-trace.ts";

/** A client, and whether a manifest knows it. */
export interface FoundClient {
  readonly client: RulesClient;
  readonly isKnown: boolean;
}

/**
 * Who sends a request on the node of some rules. A pod or node of which no manifest knows the address gets one that
 * stands for any; a pod that no manifest has is any pod of the node.
 */
export function findRulesClient(world: World, rules: NodeRules, source: RequestSource, family: Family): FoundClient {
  switch (source.kind) {
    case "external": {
      const { ip } = source;
      const given = ip !== undefined && familyOf(ip) === family ? ip : undefined;
      const known = given === undefined ? "stand-in" : "given";
      return { isKnown: true, client: { ...outsider, kind: "external", address: given ?? anybody[family], known } };
    }
    case "node": {
      const node = nodeAddress(world, source.name, family);
      return { isKnown: true, client: { ...outsider, kind: "node", name: source.name, ...node } };
    }
    case "workload":
      return podClient(world, rules, source, family);
  }
}

/** The address of a node, as a dump tells it; else one that stands for it. */
export function nodeAddress({ profile }: World, name: string, family: Family): Pick<RulesClient, "address" | "known"> {
  const node = profile.nodes.find((one) => one.name === name && familyOf(one.address) === family);
  return node?.origin === "observed"
    ? { address: node.address, known: "known" }
    : { address: anyNode[family], known: "stand-in" };
}

const outsider = { name: "", namespace: "default" } as const;

/** Addresses that are set aside for documentation stand for any host outside, and for the node. */
const anybody = { IPv4: "198.51.100.10", IPv6: "2001:db8:51:100::10" } as const satisfies Record<Family, string>;
const anyNode = { IPv4: "192.0.2.1", IPv6: "2001:db8::1" } as const satisfies Record<Family, string>;

function podClient(
  world: World,
  rules: NodeRules,
  source: Extract<RequestSource, { kind: "workload" }>,
  family: Family,
): FoundClient {
  const found = findClient(world, source);
  const isKnown = !("error" in found);
  const name = isKnown ? found.name : source.name;
  const namespace = isKnown ? found.namespace : (source.namespace ?? "default");
  if (isKnown && found.onHost) {
    const node = nodeAddress(world, found.node ?? "", family);
    return { isKnown, client: { kind: "node", name, namespace, ...node } };
  }
  const given = parseIP(source.name);
  if (given !== undefined && familyOf(given) === family) {
    return { isKnown: true, client: { kind: "pod", name, namespace, address: given, known: "given" } };
  }
  const own = isKnown
    ? found.addresses.find(({ ip, origin }) => familyOf(ip) === family && origin !== "simulated")
    : undefined;
  const address = own?.ip ?? anyPod(world, rules, family);
  return { isKnown, client: { kind: "pod", name, namespace, address, known: own ? "known" : "stand-in" } };
}

/** The last address of the pods' block, or of the part that a bridge of this node serves, that is no endpoint's. */
function anyPod({ profile }: World, rules: NodeRules, family: Family): string {
  const pods = podBlockOf(rules) ?? profile.podCIDR.find((candidate) => candidate.family === family);
  const here = bridgesOf(rules).find(
    ({ network }) => pods?.family === network.family && contains(pods, addressAt(network, 0n)),
  );
  const block = here && pods && here.network.prefix >= pods.prefix ? here.network : pods;
  if (block === undefined || block.family !== family) return anybody[family];
  const taken = endpointAddressesOf(rules);
  const last = sizeOf(block) - 2n;
  for (let index = last; index > 0n && index > last - MOST_TRIED; index--) {
    const address = addressAt(block, index);
    if (!taken.has(address)) return address;
  }
  return addressAt(block, 0n);
}

const MOST_TRIED = 1000n;
