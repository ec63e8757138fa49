import { isPlaceholder } from "../base/text.ts";
import type { Labels, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import type { Bag } from "../workspace/bag.ts";
import { isWithin } from "../workspace/folders.ts";
import { labelKey, rootOf, type Snapshot } from "../workspace/snapshot.ts";
import { borrowTemplate } from "./borrowed-template.ts";
import { type LabelMatch, matchSelector } from "./labels.ts";
import { compareManifests, listBelow } from "./manifests.ts";

/** A workload whose pods carry what a selector asks for. */
export interface Found {
  readonly workload: WorkloadManifest;
  readonly match: Exclude<LabelMatch, "none">;
}

/** Lists of workloads that hold every one whose pods may carry what a selector asks for. */
export interface Candidates {
  /** Those whose labels are all known. */
  readonly known: readonly Bag<WorkloadManifest>[];
  /** The others in one folder. */
  readonly vagueIn: (folder: string) => Bag<WorkloadManifest>;
  /** The others, wherever they are. */
  readonly vague: () => readonly Bag<WorkloadManifest>[];
}

/** Candidates that are looked at one by one sooner than another label is. */
const FEW = 16;

/** Where to look for the pods of a selector: among those that have its rarest label, or may have it. */
export function candidatesFor({ index }: Snapshot, { entries }: Labels): Candidates {
  const { workloadsByLabel, vagueByFolder, vagueByKey } = index;
  let known: readonly Bag<WorkloadManifest>[] = [];
  let rarest = "";
  let count = Number.POSITIVE_INFINITY;
  const plain = entries.filter(({ value }) => !isPlaceholder(value.value));
  for (const { key, value } of plain.length > 0 ? plain : entries) {
    const exact = workloadsByLabel.get(labelKey(key.value, value.value)) ?? [];
    const atRuntime = workloadsByLabel.get(key.value) ?? [];
    if (exact.length + atRuntime.length < count) {
      known = [exact, atRuntime];
      rarest = key.value;
      count = exact.length + atRuntime.length;
    }
    // Labels that everybody carries are not even asked for, so that nothing depends on who carries them.
    if (count <= FEW) break;
  }
  return {
    known,
    vagueIn: (folder) => vagueByFolder.get(folder) ?? [],
    vague: () => [vagueByKey.get(rarest) ?? [], vagueByKey.get("") ?? []],
  };
}

/** The workloads among some of the same root whose pods carry what a selector asks for, whatever their namespace. */
export function findMatching(
  snapshot: Snapshot,
  service: ServiceManifest,
  selector: Labels,
  candidates: Iterable<WorkloadManifest>,
): readonly Found[] {
  const root = rootOf(snapshot, service.range.uri);
  const found: Found[] = [];
  for (const workload of new Set(candidates)) {
    const match = isWithin(workload.range.uri, root) ? matchWorkload(snapshot, selector, workload) : "none";
    if (match !== "none") found.push({ workload, match });
  }
  return found.length > 1 ? found.sort((a, b) => compareManifests(a.workload, b.workload)) : found;
}

/** Nobody can tell which of more than these a placeholder stands for. */
export const MOST_POSSIBLE = 64;

/** Workloads that a placeholder lets match. */
export interface Possible {
  readonly found: readonly Found[];
  /** The search ended at {@link MOST_POSSIBLE}: there may be more. */
  readonly isCut: boolean;
}

/**
 * The workloads of some lists in a folder and below it whose pods may carry what a selector asks for; of many the first ones
 * in order of their files.
 */
export function findPossible(
  snapshot: Snapshot,
  selector: Labels,
  lists: readonly Bag<WorkloadManifest>[],
  folder: string,
  isMeant: (workload: WorkloadManifest) => boolean = () => true,
): Possible {
  const found: Found[] = [];
  for (const list of lists) {
    for (const workload of listBelow(list, folder)) {
      if (found.length >= MOST_POSSIBLE) return { found, isCut: true };
      const match = isMeant(workload) ? matchWorkload(snapshot, selector, workload) : "none";
      if (match !== "none") found.push({ workload, match });
    }
  }
  return { found, isCut: false };
}

/** Whether the pods of a workload carry what a selector asks for. A PodTemplate makes none. */
const matchWorkload = (snapshot: Snapshot, selector: Labels, workload: WorkloadManifest): LabelMatch =>
  workload.kind.value === "PodTemplate" ? "none" : matchSelector(selector, borrowTemplate(snapshot, workload));
