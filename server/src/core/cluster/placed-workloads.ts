import type { WorkloadManifest } from "../manifest/model.ts";
import { isOpen, placeOf } from "./manifests.ts";
import { type Placing, placeIn } from "./namespaces.ts";
import type { Ownership } from "./ownership.ts";
import type { SeenService } from "./seen-services.ts";

/** Workloads as they are in a view: in the namespace that they name, else in each of those where a Service selects them. */
export type PlacedWorkloads = ReadonlyMap<WorkloadManifest, readonly WorkloadManifest[]>;

/** Places some workloads among the Services that are seen with them. */
export function placeWorkloads(
  placing: Placing,
  services: readonly SeenService[],
  workloads: readonly WorkloadManifest[],
): PlacedWorkloads {
  const selected = new Map<string, Set<string>>();
  for (const { resolution } of services) {
    const endpoints = resolution()?.endpoints;
    if (endpoints?.kind !== "selected") continue;
    for (const { workload, observed = [], parts } of endpoints.pods) {
      for (const { namespace, range } of [workload, ...observed, ...parts]) {
        // A Rollout that borrows a template is a copy of its manifest, so it is known by its place.
        const namespaces = selected.get(placeOf({ range })) ?? new Set<string>();
        selected.set(placeOf({ range }), namespaces.add(namespace.value));
      }
    }
  }
  return new Map(
    workloads.map((workload) => {
      if (!isOpen(workload)) return [workload, [workload]];
      const namespaces = selected.get(placeOf(workload)) ?? [placing.namespaceOf(workload)];
      return [workload, [...namespaces].sort().map((namespace) => placeIn(workload, namespace))];
    }),
  );
}

/**
 * Who made whom, among placed workloads: what was made is where its maker is.
 * @param placed `undefined` where all are as they are written
 */
export function placeOwnership(ownership: Ownership, placed: PlacedWorkloads | undefined): Ownership {
  if (placed === undefined) return ownership;
  const { makerOf, standIns } = ownership;
  const copiesOf = (workload: WorkloadManifest): readonly WorkloadManifest[] => placed.get(workload) ?? [workload];
  const inNamespaceOf = (part: WorkloadManifest, maker: WorkloadManifest): WorkloadManifest => {
    const makers = copiesOf(maker);
    return makers.find(({ namespace }) => namespace.value === part.namespace.value) ?? makers[0] ?? maker;
  };
  return {
    makerOf: new Map(
      [...makerOf].flatMap(([part, maker]) =>
        copiesOf(part).map((copy) => [copy, inNamespaceOf(copy, maker)] as const),
      ),
    ),
    standIns: new Set([...standIns].flatMap(copiesOf)),
  };
}
