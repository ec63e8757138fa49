import { hash32 } from "../base/hash.ts";
import { type Family, parseIP } from "../base/ip.ts";
import type { Origin } from "../base/source.ts";
import { type Profile, podSubnet } from "../settings/profile.ts";
import { type Claims, lastPlace, placeAddresses } from "./address-pool.ts";
import type { Address } from "./resolution.ts";

/** A pod, by what stays the same while the rest of the world changes. */
export interface PodKey {
  readonly namespace: string;
  /** What makes it, `Deployment/web`; a bare one is its own owner, `Pod/web`. */
  readonly owner: string;
  /** Which of its owner's pods it is, from 0. */
  readonly ordinal: number;
  readonly hostNetwork: boolean;
  /** `spec.nodeName`, written or observed; `undefined` leaves the choice to the scheduler. */
  readonly node: PlacedOn | undefined;
  /**
   * `status.podIPs` of a dump: they are its addresses, and none are simulated, though there be none yet. `undefined` for
   * a pod that was not dumped.
   */
  readonly observedIPs: readonly string[] | undefined;
}

/** A node that a pod runs on. */
export interface PlacedOn {
  readonly name: string;
  readonly origin: Origin;
}

export interface PodPlacement {
  /** `undefined` where the profile has no nodes. */
  readonly node: PlacedOn | undefined;
  /**
   * One for each family of the pod CIDR that has an address left on the node. A pod on the host network has its node's
   * address, and none if the profile does not know the node.
   */
  readonly addresses: readonly Address[];
}

/** Names a pod within a plan; two keys with the same name are the same pod. */
export const podId = (pod: Pick<PodKey, "namespace" | "owner" | "ordinal">): string =>
  `${pod.namespace}/${pod.owner}#${pod.ordinal}`;

/**
 * Spreads pods over the nodes, one after the other from a node that depends on their owner, and gives each an address
 * of its node's block: not the first two (network and bridge), nor the last.
 * @returns by {@link podId}
 */
export function placePods(
  profile: Profile,
  pods: readonly PodKey[],
  claims: Claims,
): ReadonlyMap<string, PodPlacement> {
  const nodeIndexes = new Map(profile.nodes.map((node, index) => [node.name, index]));
  const unique = new Map(pods.map((pod) => [podId(pod), pod]));
  const scheduled = [...unique].map(([id, pod]) => schedule(profile, nodeIndexes, id, pod));
  const simulated = simulateAddresses(
    profile,
    scheduled.filter(({ pod, seen }) => !pod.hostNetwork && seen === undefined),
    claims,
  );
  return new Map(
    scheduled.map(({ id, pod, node, home, seen }): [string, PodPlacement] => {
      if (seen !== undefined) return [id, { node, addresses: seen }];
      if (!pod.hostNetwork) return [id, { node, addresses: simulated.get(id) ?? [] }];
      const host = profile.nodes[home ?? -1];
      const known = host !== undefined && host.name === node?.name;
      return [id, { node, addresses: known ? [{ ip: host.address, origin: host.origin }] : [] }];
    }),
  );
}

interface ScheduledPod {
  readonly id: string;
  readonly pod: PodKey;
  readonly node: PlacedOn | undefined;
  /** Which node's block its address comes from; any one's, where the profile does not know the pod's node. */
  readonly home: number | undefined;
  /** Its observed addresses. */
  readonly seen: readonly Address[] | undefined;
}

function schedule(profile: Profile, nodeIndexes: ReadonlyMap<string, number>, id: string, pod: PodKey): ScheduledPod {
  const count = profile.nodes.length;
  const turn = count === 0 ? undefined : (hash32(`${pod.namespace}/${pod.owner}`) + pod.ordinal) % count;
  const seen = observed(pod);
  if (pod.node) return { id, pod, node: pod.node, home: nodeIndexes.get(pod.node.name) ?? turn, seen };
  const node = turn === undefined ? undefined : profile.nodes[turn];
  return { id, pod, node: node && { name: node.name, origin: "simulated" }, home: turn, seen };
}

function simulateAddresses(
  profile: Profile,
  scheduled: readonly ScheduledPod[],
  claims: Claims,
): ReadonlyMap<string, readonly Address[]> {
  const idsByNode = new Map<number, string[]>();
  for (const { id, home } of scheduled) {
    if (home === undefined) continue;
    const ids = idsByNode.get(home);
    if (ids) ids.push(id);
    else idsByNode.set(home, [id]);
  }
  const addresses = new Map<string, Address[]>();
  for (const [home, ids] of idsByNode) {
    for (const family of podFamilies(profile)) {
      const block = podSubnet(profile, home, family);
      if (block === undefined) continue;
      for (const [id, ip] of placeAddresses(block, [[2, lastPlace(block)]], claims, ids)) {
        const address: Address = { ip, origin: "simulated" };
        const others = addresses.get(id);
        if (others) others.push(address);
        else addresses.set(id, [address]);
      }
    }
  }
  return addresses;
}

const podFamilies = (profile: Profile): readonly Family[] => profile.podCIDR.map((block) => block.family);

const observed = (pod: PodKey): readonly Address[] | undefined =>
  pod.observedIPs?.flatMap((text): Address[] => {
    const ip = parseIP(text);
    return ip === undefined ? [] : [{ ip, origin: "observed" }];
  });
