import type { ServiceManifest, TopologyHints } from "../manifest/model.ts";
import { atLeast, type Profile } from "../settings/profile.ts";
import type { Endpoint } from "./resolution.ts";

/**
 * Whose traffic an endpoint is for: what its EndpointSlice says, else what the EndpointSlice controller would write for
 * `trafficDistribution`. For `topology-mode: Auto` it goes by the CPUs of nodes, which are not known; see
 * {@link mayDistribute}.
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/endpointslice/trafficdist/trafficdist.go
 */
export function hintsOf(profile: Profile, service: ServiceManifest, endpoint: Endpoint): TopologyHints {
  if (endpoint.hints !== undefined) return endpoint.hints;
  const wish = service.trafficDistribution?.value ?? "";
  const isKnown = wish === "PreferClose" ? atLeast(profile, 1, 31) : NEAR.includes(wish) && atLeast(profile, 1, 34);
  // The annotation goes before the field.
  if (!isKnown || isAuto(service) || !endpoint.ready) return { zones: [], nodes: [] };
  const node = profile.nodes.find(({ name }) => name === endpoint.node);
  return {
    zones: node?.zone === undefined ? [] : [node.zone],
    nodes: wish === "PreferSameNode" && node !== undefined ? [node.name] : [],
  };
}

const NEAR: readonly string[] = ["PreferSameZone", "PreferSameNode"];

/** Whether an annotation asks the controller to spread traffic by zones. */
export const isAuto = ({ topologyMode }: ServiceManifest): boolean => /^[Aa]uto$/.test(topologyMode?.value ?? "");

/**
 * Whether the controller may write hints for `topology-mode: Auto`: that depends on the CPUs of the nodes. It certainly
 * writes none where a node has no zone, where all are in one, and where there are fewer endpoints than zones.
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/endpointslice/topologycache/topologycache.go
 */
export function mayDistribute(profile: Profile, service: ServiceManifest, endpoints: readonly Endpoint[]): boolean {
  if (!isAuto(service) || !atLeast(profile, 1, 24) || endpoints.some(({ hints }) => hints !== undefined)) return false;
  const zones = profile.nodes.map(({ zone }) => zone);
  const distinct = new Set(zones).size;
  return !zones.includes(undefined) && distinct >= 2 && endpoints.filter(({ ready }) => ready).length >= distinct;
}
