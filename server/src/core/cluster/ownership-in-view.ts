import type { ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { placeOf } from "./manifests.ts";
import { noOwnership, type Ownership, ownershipAmong } from "./ownership.ts";
import type { Resolution } from "./resolution.ts";

/**
 * What was made by another of the workloads in a view: found beside it, or by a Service that selects both.
 * @param resolve answers what stands behind a Service
 */
export function ownershipInView(
  snapshot: Snapshot,
  services: readonly ServiceManifest[],
  workloads: readonly WorkloadManifest[],
  resolve: (service: ServiceManifest) => readonly Resolution[],
): Ownership {
  if (!workloads.some(({ observed, owner }) => observed ?? owner)) return noOwnership;
  const { makerOf, standIns } = ownershipAmong(snapshot, workloads);
  const inView = new Map(workloads.map((workload) => [placeOf(workload), workload]));
  const all = new Map([...makerOf].filter(([part]) => inView.has(placeOf(part))));
  for (const service of services) {
    for (const { endpoints } of resolve(service)) {
      if (endpoints.kind !== "selected") continue;
      for (const { workload, observed = [], parts } of endpoints.pods) {
        // A Rollout that borrows a template is a copy of its manifest.
        const maker = inView.get(placeOf(workload));
        for (const part of [...observed, ...parts]) if (maker && !all.has(part)) all.set(part, maker);
      }
    }
  }
  return { makerOf: all, standIns };
}
