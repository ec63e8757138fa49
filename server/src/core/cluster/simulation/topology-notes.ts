import { distinctEndpoints, findUsedEndpoints } from "../kube-proxy/used-endpoints.ts";
import { nodeInfo } from "../proxy.ts";
import { mayDistribute } from "../topology-hints.ts";
import type { Note } from "./note.ts";
import { findPort } from "./stops.ts";
import type { Journey } from "./travel.ts";
import type { World } from "./world.ts";

/** Where hints of EndpointSlices keep a request to the endpoints near a node, or may do so. */
export function topologyNotes(world: World, journeys: readonly Journey[]): readonly Note[] {
  const { profile } = world;
  const chosen = journeys.flatMap(({ hops, end }) => {
    const hop = hops.at(-1);
    const port = hop?.steps.findLast(({ action }) => action.kind === "dnat")?.port;
    return hop && port && end.kind === "endpoint" ? [{ node: hop.node, port, end }] : [];
  });
  const [first] = chosen;
  const found = first && findPort(world, first.port);
  if (first === undefined || found === undefined) return [];
  const { served, port } = found;
  const listed = served.ports.find(({ resolution }) => resolution.port === port)?.endpoints ?? [];
  if (mayDistribute(profile, served.service, listed)) return [{ kind: "topology-auto", served }];
  const node = nodeInfo(profile, first.node);
  const ready = distinctEndpoints(node, first.port.endpoints).filter((endpoint) => endpoint.ready);
  const { cluster } = findUsedEndpoints(profile.kubernetesVersion, node, first.port);
  const isNear = cluster.length < ready.length && cluster.length === chosen.length;
  const reached = cluster.every(({ ip }) => chosen.some(({ end }) => end.address.ip === ip));
  return isNear && reached && cluster.every((endpoint) => ready.includes(endpoint))
    ? [{ kind: "topology", node: first.node, used: cluster.length, ready: ready.length, served }]
    : [];
}
