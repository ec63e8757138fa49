import type { Cluster } from "../cluster/cluster.ts";
import { isReady, listedIn, reachedPods, selectedPods } from "../cluster/endpoints.ts";
import { podId } from "../cluster/pod-addresses.ts";
import { isUncounted, type PlannedPod } from "../cluster/pods.ts";
import type { PodSource, Resolution } from "../cluster/resolution.ts";
import { sliceEndpoints } from "../cluster/slice-endpoints.ts";
import type { EndpointsManifest } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";

/** How many addresses serve a Service in one scope; an address with several ports counts once. */
export interface EndpointCount {
  readonly certain: number;
  /** Those of pods that may or may not be selected, or reached; only a cluster could tell. */
  readonly possible: number;
  /** There may be any number of others: a placeholder, or an autoscaler, will tell. */
  readonly open: boolean;
}

/** Counts the ready endpoints of a Service without handing out a single address. An ExternalName has none. */
export function countEndpoints(cluster: Cluster, resolution: Resolution): EndpointCount {
  const { service, endpoints } = resolution;
  const profile = cluster.profileAt(service.range.uri);
  const listed = listedIn(resolution);
  if (listed) return { certain: readyAddresses(profile, resolution, listed), possible: 0, open: false };
  switch (endpoints.kind) {
    case "selected": {
      const counts = endpoints.pods.map((source) => countPods(profile, resolution, source));
      const sum = (count: (one: EndpointCount) => number): number =>
        counts.reduce((total, one) => total + count(one), 0);
      return {
        certain: sum(({ certain }) => certain),
        possible: sum(({ possible }) => possible),
        open: counts.some(({ open }) => open),
      };
    }
    case "unknown":
      return { certain: 0, possible: 0, open: true };
    case "manual":
    case "external":
    case "none":
      return { certain: 0, possible: 0, open: false };
  }
}

function countPods(profile: Profile, resolution: Resolution, source: PodSource): EndpointCount {
  const { service, ports } = resolution;
  const none: EndpointCount = { certain: 0, possible: 0, open: false };
  const own = ports.flatMap((port) =>
    port.targets.flatMap((target) => (target.kind !== "manual" && target.source === source ? [{ port, target }] : [])),
  );
  // Without ports a headless Service has its pods all the same.
  const isPortless = service.ports.length === 0 && service.headless !== undefined;
  if (isUncounted(source)) {
    return { ...none, open: isPortless || own.some(({ target }) => target.kind !== "unresolved") };
  }
  const all = selectedPods(profile, service, source);
  const reached = isPortless
    ? all
    : own.flatMap(({ port, target }) => reachedPods(profile, service, port, target).map(({ pod }) => pod));
  const isOpen = reached.length === 0 && own.some(({ target }) => target.kind === "unknown");
  const count = readyPods(resolution, isOpen ? all : reached);
  return source.match === "certain" && !isOpen ? { ...none, certain: count } : { ...none, possible: count };
}

const readyPods = ({ service }: Resolution, pods: readonly PlannedPod[]): number =>
  new Set(pods.filter((pod) => isReady(service, pod)).map(({ key }) => podId(key))).size;

function readyAddresses(profile: Profile, { service }: Resolution, listed: readonly EndpointsManifest[]): number {
  const ports = service.ports.length > 0 ? service.ports : service.headless ? [undefined] : [];
  const endpoints = ports.flatMap((port) => sliceEndpoints(profile, service, port, listed));
  return new Set(endpoints.filter(({ ready }) => ready).map(({ address }) => address.ip)).size;
}
