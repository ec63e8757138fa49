import type { Labels, WorkloadManifest } from "../manifest/model.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { borrowTemplate } from "./borrowed-template.ts";
import { matchSelector } from "./labels.ts";
import type { Found } from "./matching.ts";
import { ownershipAmong } from "./ownership.ts";
import type { PodSource } from "./resolution.ts";

/**
 * The workloads behind a selector, each pod counted once: what one of them made is that one's, and dumped Pods stand in
 * the place of those that it would be given. A ReplicaSet that a rollout left behind makes no pods, whoever made it.
 */
export function podSources(snapshot: Snapshot, selector: Labels, found: readonly Found[]): readonly PodSource[] {
  const workloads = found.map(({ workload }) => workload);
  const { makerOf, standIns } = ownershipAmong(snapshot, workloads, new Set(workloads));
  const matches = new Map(found.map(({ workload, match }) => [workload, match]));
  const partsByMaker = new Map<WorkloadManifest, WorkloadManifest[]>();
  for (const [part, maker] of makerOf) {
    const parts = partsByMaker.get(maker);
    if (parts) parts.push(part);
    else partsByMaker.set(maker, [part]);
  }
  const sources = found
    .filter(({ workload }) => !makerOf.has(workload) && !standIns.has(workload))
    .map(({ workload, match }): PodSource => {
      const made = partsByMaker.get(workload) ?? [];
      const matchOf = (part: WorkloadManifest) => matches.get(part) ?? matchSelector(selector, part);
      const dumped = made.filter(({ kind }) => kind.value === "Pod");
      const selected = made.filter((part) => matchOf(part) !== "none");
      return {
        workload: borrowTemplate(snapshot, workload),
        // What was made carries labels that nobody could know beforehand.
        match: selected.some((part) => matchOf(part) === "certain") ? "certain" : match,
        observed: dumped.length > 0 ? dumped.filter((pod) => matchOf(pod) !== "none") : undefined,
        parts: selected.filter(({ kind }) => kind.value !== "Pod"),
      };
    });
  const current = sources.filter(({ workload }) => !isLeftBehind(workload));
  return current.length > 0 ? current : sources;
}

/** Whether a ReplicaSet was scaled to 0 by what made it, which is not to be seen. */
const isLeftBehind = ({ owner, replicas }: WorkloadManifest): boolean => owner !== undefined && replicas?.value === 0;
