import type { Cluster } from "../cluster/cluster.ts";
import { selectsOrdinal } from "../cluster/labels.ts";
import { isOnePerNode, podsOf } from "../cluster/pods.ts";
import type { PodSource, Resolution } from "../cluster/resolution.ts";
import { observedSlices } from "../cluster/resolve.ts";
import type { EndpointsManifest } from "../manifest/model.ts";

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
  const dumped = observedSlices(cluster.snapshot, service);
  if (dumped.length > 0) return { certain: readyAddresses(dumped), possible: 0, open: false };
  switch (endpoints.kind) {
    case "selected": {
      let certain = 0;
      let possible = 0;
      let open = false;
      for (const source of endpoints.pods) {
        const reached = reaches(resolution, source);
        if (reached === "no") continue;
        if (isUncounted(source)) {
          open = true;
          continue;
        }
        const count = readyPods(cluster, resolution, source);
        if (source.match === "certain" && reached === "yes") certain += count;
        else possible += count;
      }
      return { certain, possible, open };
    }
    case "manual":
      return { certain: readyAddresses(endpoints.slices), possible: 0, open: false };
    case "external":
    case "none":
      return { certain: 0, possible: 0, open: false };
    case "unknown":
      return { certain: 0, possible: 0, open: true };
  }
}

/** Whether some port leads to a workload's pods. A headless Service without ports has their addresses all the same. */
function reaches({ service, ports }: Resolution, source: PodSource): "yes" | "maybe" | "no" {
  if (service.ports.length === 0) return service.headless ? "yes" : "no";
  const kinds = ports.flatMap(({ targets }) =>
    targets.flatMap((target) => (target.kind !== "manual" && target.source === source ? [target.kind] : [])),
  );
  if (kinds.includes("declared") || kinds.includes("undeclared")) return "yes";
  return kinds.includes("unknown") ? "maybe" : "no";
}

/** Whether nobody can tell how many pods there are; of a DaemonSet there is one a node. */
export const isUncounted = ({ workload, observed }: PodSource): boolean =>
  workload.replicas === undefined && observed.length === 0 && !isOnePerNode(workload);

function readyPods(cluster: Cluster, { service }: Resolution, { workload, observed }: PodSource): number {
  const profile = cluster.profileAt(service.range.uri);
  const planned = podsOf(profile, [workload], observed.length > 0 ? new Map([[workload, observed]]) : new Map());
  const pods = [...planned.values()]
    .flat()
    .filter((pod) => !service.selector || selectsOrdinal(service.selector, pod.workload, pod.key.ordinal));
  return pods.filter((pod) => service.publishNotReadyAddresses || (pod.ready && !pod.terminating)).length;
}

function readyAddresses(slices: readonly EndpointsManifest[]): number {
  const addresses = slices.flatMap(({ subsets }) => subsets.flatMap((subset) => subset.addresses));
  return new Set(addresses.filter(({ ready }) => ready).map(({ ip }) => ip.value)).size;
}
