import type { Labels, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import type { Bag } from "../workspace/bag.ts";
import { isWithin } from "../workspace/folders.ts";
import { labelKey, rootOf, type Snapshot } from "../workspace/snapshot.ts";
import { borrowTemplate } from "./borrowed-template.ts";
import { type LabelMatch, matchSelector } from "./labels.ts";
import { compareManifests } from "./manifests.ts";

/** A workload whose pods carry what a selector asks for. */
export interface Found {
  readonly workload: WorkloadManifest;
  readonly match: Exclude<LabelMatch, "none">;
}

/** Candidates that are looked at one by one sooner than another label is. */
const FEW = 16;

/**
 * Lists of workloads that hold every one whose pods carry what a selector asks for, wherever they are: those of
 * its rarest label, and those whose labels are not all known.
 */
export function candidatesFor({ index }: Snapshot, selector: Labels): readonly Bag<WorkloadManifest>[] {
  const { workloadsByLabel, vagueWorkloads } = index;
  let smallest: readonly Bag<WorkloadManifest>[] = [];
  let count = Number.POSITIVE_INFINITY;
  for (const { key, value } of selector.entries) {
    const exact = workloadsByLabel.get(labelKey(key.value, value.value)) ?? [];
    const atRuntime = workloadsByLabel.get(key.value) ?? [];
    if (exact.length + atRuntime.length < count) {
      smallest = [exact, atRuntime];
      count = exact.length + atRuntime.length;
    }
    // Labels that everybody carries are not even asked for, so that nothing depends on who carries them.
    if (count <= FEW) break;
  }
  return [...smallest, vagueWorkloads.get("all") ?? []];
}

/** The workloads among some of the same root whose pods carry what a selector asks for, whatever their namespace. */
export function findMatching(
  snapshot: Snapshot,
  service: ServiceManifest,
  selector: Labels,
  candidates: readonly WorkloadManifest[],
): readonly Found[] {
  const root = rootOf(snapshot, service.range.uri);
  const found: Found[] = [];
  for (const workload of new Set(candidates)) {
    if (!isWithin(workload.range.uri, root)) continue;
    const match = matchSelector(selector, borrowTemplate(snapshot, workload));
    if (match !== "none" && workload.kind.value !== "PodTemplate") found.push({ workload, match });
  }
  return found.length > 1 ? found.sort((a, b) => compareManifests(a.workload, b.workload)) : found;
}
