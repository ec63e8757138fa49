import type { Branch } from "../netfilter/walk.ts";
import type { FilterStep } from "../packet-filter.ts";
import type { Stop } from "./stop-reason.ts";
import { findPort, stop } from "./stops.ts";
import type { ReachedEndpoint } from "./trace.ts";
import type { Flight } from "./travel.ts";
import type { World } from "./world.ts";

/**
 * A connection whose answers bypass the node that translated it, so that the client never knows them for answers. Only
 * IPVS takes endpoints of other nodes and leaves the client's address as it is: where the policy Local finds none here.
 * @returns `undefined` where the answers come back
 */
export function stopAstray(
  world: World,
  { client, seen, ip }: Flight,
  node: string,
  { verdict, steps }: Branch<FilterStep>,
  end: ReachedEndpoint | Stop,
): Stop | undefined {
  if (end.kind !== "endpoint" || verdict.kind !== "delivered" || verdict.masqueraded || end.node === node) {
    return undefined;
  }
  const taken = steps.find((step) => step.tool === "ipvs" && step.action.kind === "dnat");
  const found = taken?.port && findPort(world, taken.port);
  const toService = verdict.from !== undefined;
  // A node knows the answers to its own processes and pods, which come to it anyway.
  if (found === undefined || (client.node === node && client.kind !== "external" && !seen.translated && !toService)) {
    return undefined;
  }
  const policy = found.served.addresses.clusterIPs.some((address) => address.ip === ip) ? "internal" : "external";
  const { internalTrafficPolicy, externalTrafficPolicy } = found.served.service;
  const range = (policy === "internal" ? internalTrafficPolicy : externalTrafficPolicy).range;
  return stop("dropped", { kind: "answer-astray", ...found, node, endpoint: end, policy, toService }, range);
}
