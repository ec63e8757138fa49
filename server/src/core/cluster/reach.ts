import type { Labels, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { folderOf, isWithin } from "../workspace/folders.ts";
import { foldersUpwards, type Index, labelKey, type Snapshot } from "../workspace/snapshot.ts";
import { heldByCopies, nearestOf, neighboursOf } from "./copies.ts";
import { likelyIn } from "./likely-workloads.ts";
import { namespacesMeet } from "./manifests.ts";
import { candidatesFor, type Found, findMatching } from "./matching.ts";
import { findNearMiss, identityKeys, type NearMiss } from "./near-miss.ts";
import { type Site, sitesOf } from "./sites.ts";

/** What a Service meets in one scope. */
export interface Reach {
  readonly site: Site<WorkloadManifest>;
  readonly found: readonly Found[];
  /** The workload it was clearly meant for, where it meets none. */
  readonly nearMiss: NearMiss | undefined;
  /** Workloads that match but belong to another scope or namespace, where it meets none. */
  readonly elsewhere: readonly WorkloadManifest[];
  /** It had to look beyond its own folder, so any change around it may change the answer. */
  readonly climbed: boolean;
}

/**
 * Finds the pods that are deployed with a Service: those of its own folder; failing that those below it, then those of
 * the parent's tree, and so on up to the root of the workspace. The search ends early at a workload that was clearly
 * meant for the Service, so that a copy in another environment does not hide a mistake, and it leaves out what belongs
 * to another Service of the same name. Beyond its own folder only a workload that goes by the Service's name can have
 * been meant. Where the pods found are the same object several times over, each variant is a scope of its own.
 * Source: measured on public repositories, most Services stand beside their pods.
 */
export function findReach(snapshot: Snapshot, service: ServiceManifest, selector: Labels): readonly Reach[] {
  const home = folderOf(service.range.uri);
  const candidates = candidatesFor(snapshot, selector);
  const meeting = (workloads: readonly WorkloadManifest[]): readonly Found[] =>
    findMatching(snapshot, service, selector, workloads).filter(({ workload }) => namespacesMeet(service, workload));
  const own = nearestOf(neighboursOf(snapshot, service, candidates), meeting, ({ workload }) => workload);
  if (own.length > 0) return reachesIn(snapshot, service, home, own, false);

  const matching = findMatching(
    snapshot,
    service,
    selector,
    candidates.flatMap((list) => [...list]),
  );
  const missed = findNearMiss(service, selector, likelyIn(snapshot, home, service, selector));
  if (missed) return missedReaches(snapshot, service, home, missed, matching);

  const isHeld = heldByCopies(snapshot, service);
  const isFree = ({ range }: WorkloadManifest): boolean => !isHeld(range.uri);
  const here = matching.filter(({ workload }) => namespacesMeet(service, workload) && isFree(workload));
  const namesakes = namesakesOf(snapshot.index, service).filter(isFree);
  for (const folder of foldersUpwards(snapshot, service.range.uri)) {
    const isInTree = ({ range }: WorkloadManifest): boolean => isWithin(range.uri, folder);
    const inTree = here.filter(({ workload }) => isInTree(workload));
    if (inTree.length > 0) return reachesIn(snapshot, service, folder, inTree, true);
    const meant = findNearMiss(service, selector, namesakes.filter(isInTree));
    if (meant) return missedReaches(snapshot, service, folder, meant, matching);
  }
  return missedReaches(snapshot, service, home, undefined, matching);
}

/** One reach for each variant of what was found on the way up to a folder. */
function reachesIn(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  found: readonly Found[],
  climbed: boolean,
): readonly Reach[] {
  const byWorkload = new Map(found.map((met) => [met.workload, met]));
  return sitesOf(snapshot, service, folder, [...byWorkload.keys()]).map((site) => ({
    site,
    found: site.members.flatMap((workload) => byWorkload.get(workload) ?? []),
    nearMiss: undefined,
    elsewhere: [],
    climbed,
  }));
}

const missedReaches = (
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  nearMiss: NearMiss | undefined,
  matching: readonly Found[],
): readonly Reach[] =>
  sitesOf<WorkloadManifest>(snapshot, service, folder, []).map((site) => ({
    site,
    found: [],
    nearMiss,
    elsewhere: matching.map(({ workload }) => workload),
    climbed: true,
  }));

/** Workloads that go by a Service's name: their own, or what their pods say they are. */
function namesakesOf({ workloadsByName, workloadsByLabel }: Index, { name }: ServiceManifest): WorkloadManifest[] {
  if (name.value === "") return [];
  const labelled = identityKeys.flatMap((key) => [...(workloadsByLabel.get(labelKey(key, name.value)) ?? [])]);
  return [...new Set([...(workloadsByName.get(name.value) ?? []), ...labelled])];
}
