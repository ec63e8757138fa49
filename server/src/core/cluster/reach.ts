import type { Labels, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { folderOf, isWithin } from "../workspace/folders.ts";
import { foldersUpwards, type Index, labelKey, rootOf, type Snapshot } from "../workspace/snapshot.ts";
import { heldByCopies, nearestOf, neighboursOf } from "./copies.ts";
import { likelyIn } from "./likely-workloads.ts";
import { compareManifests, namespacesMeet } from "./manifests.ts";
import { candidatesFor, type Found, findMatching, findPossible } from "./matching.ts";
import { findNearMiss, identityKeys, type NearMiss } from "./near-miss.ts";
import { type Site, sitesOf } from "./sites.ts";

/** What a Service meets in one scope. */
export interface Reach {
  readonly site: Site<WorkloadManifest>;
  readonly found: readonly Found[];
  /** More may match: of those that placeholders alone let match, only the first ones are among them. */
  readonly isCut: boolean;
  /** The workload it was clearly meant for, where it meets none. */
  readonly nearMiss: NearMiss | undefined;
  /** Workloads that match but belong to another scope or namespace, where it meets none. */
  readonly elsewhere: readonly WorkloadManifest[];
}

/**
 * Finds the pods that are deployed with a Service: those of its own folder; failing that those below it, then those of
 * the parent's tree, and so on up to the root of the workspace. The search ends early at a workload that was clearly
 * meant for the Service, so that a copy in another environment does not hide a mistake, and it leaves out what belongs
 * to another Service of the same name. Beyond its own folder only a workload that goes by the Service's name can have
 * been meant, and of workloads that placeholders alone let match only some count. Where the pods found are the same
 * object several times over, each variant is a scope of its own.
 * Source: measured on public repositories, most Services stand beside their pods.
 */
export function findReach(snapshot: Snapshot, service: ServiceManifest, selector: Labels): readonly Reach[] {
  const home = folderOf(service.range.uri);
  const { known, vagueIn, vague } = candidatesFor(snapshot, selector);
  const meeting = (workloads: readonly WorkloadManifest[]): readonly Found[] =>
    findMatching(snapshot, service, selector, workloads).filter(({ workload }) => namespacesMeet(service, workload));
  const own = nearestOf(
    neighboursOf(snapshot, service, [...known, vagueIn(home)]),
    meeting,
    ({ workload }) => workload,
  );
  if (own.length > 0) return reachesIn(snapshot, service, home, own);

  const findKnown = (): readonly Found[] =>
    findMatching(
      snapshot,
      service,
      selector,
      known.flatMap((list) => [...list]),
    );
  const findElsewhere = (): readonly Found[] => [
    ...findKnown(),
    ...findPossible(snapshot, selector, vague(), rootOf(snapshot, service.range.uri)).found,
  ];
  const missed = findNearMiss(service, selector, likelyIn(snapshot, home, service, selector));
  if (missed) return missedReaches(snapshot, service, home, missed, findElsewhere);

  const isHeld = heldByCopies(snapshot, service);
  const isFree = ({ range }: WorkloadManifest): boolean => !isHeld(range.uri);
  const isMeant = (workload: WorkloadManifest): boolean => namespacesMeet(service, workload) && isFree(workload);
  const here = findKnown().filter(({ workload }) => isMeant(workload));
  const namesakes = namesakesOf(snapshot.index, service).filter(isFree);
  for (const folder of foldersUpwards(snapshot, service.range.uri)) {
    const isInTree = ({ range }: WorkloadManifest): boolean => isWithin(range.uri, folder);
    const inTree = here.filter(({ workload }) => isInTree(workload));
    const { found, isCut } = findPossible(snapshot, selector, vague(), folder, isMeant);
    inTree.push(...found);
    if (inTree.length > 0) return reachesIn(snapshot, service, folder, inTree.sort(byPlace), isCut);
    const meant = findNearMiss(service, selector, namesakes.filter(isInTree));
    if (meant) return missedReaches(snapshot, service, folder, meant, findElsewhere);
  }
  return missedReaches(snapshot, service, home, undefined, findElsewhere);
}

const byPlace = (a: Found, b: Found): number => compareManifests(a.workload, b.workload);

/** One reach for each variant of what was found on the way up to a folder. */
function reachesIn(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  found: readonly Found[],
  isCut = false,
): readonly Reach[] {
  const byWorkload = new Map(found.map((met) => [met.workload, met]));
  return sitesOf(snapshot, service, folder, [...byWorkload.keys()]).map((site) => ({
    site,
    found: site.members.flatMap((workload) => byWorkload.get(workload) ?? []),
    isCut,
    nearMiss: undefined,
    elsewhere: [],
  }));
}

function missedReaches(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  nearMiss: NearMiss | undefined,
  findElsewhere: () => readonly Found[],
): readonly Reach[] {
  let elsewhere: readonly WorkloadManifest[] | undefined;
  return sitesOf<WorkloadManifest>(snapshot, service, folder, []).map((site) => ({
    site,
    found: [],
    isCut: false,
    nearMiss,
    // Of most Services nobody asks.
    get elsewhere() {
      elsewhere ??= [...new Set(findElsewhere().map(({ workload }) => workload))];
      return elsewhere;
    },
  }));
}

/** Workloads that go by a Service's name: their own, or what their pods say they are. */
function namesakesOf({ workloadsByName, workloadsByLabel }: Index, { name }: ServiceManifest): WorkloadManifest[] {
  if (name.value === "") return [];
  const labelled = identityKeys.flatMap((key) => [...(workloadsByLabel.get(labelKey(key, name.value)) ?? [])]);
  return [...new Set([...(workloadsByName.get(name.value) ?? []), ...labelled])];
}
