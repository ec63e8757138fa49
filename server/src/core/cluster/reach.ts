import { groupBy } from "../base/group-by.ts";
import type { Labels, Manifest, ParsedFile, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { childTowards, commonFolder, folderOf, isWithin } from "../workspace/folders.ts";
import {
  filesBelow,
  filesIn,
  foldersUpwards,
  labelKey,
  manifestsOf,
  rootOf,
  type Snapshot,
} from "../workspace/snapshot.ts";
import { type LabelMatch, matchSelector } from "./labels.ts";
import { findNearMiss, type NearMiss } from "./near-miss.ts";
import { type Scope, scopeAt } from "./scope.ts";

/** What a Service meets in one scope. */
export interface Reach {
  readonly scope: Scope;
  readonly found: readonly Found[];
  /** The workload it was clearly meant for, where it meets none. */
  readonly nearMiss: NearMiss | undefined;
  /** Workloads that match but belong to another scope or namespace, where it meets none. */
  readonly elsewhere: readonly WorkloadManifest[];
  /** It had to look beyond its own folder, so any change around it may change the answer. */
  readonly climbed: boolean;
}

export interface Found {
  readonly workload: WorkloadManifest;
  readonly match: Exclude<LabelMatch, "none">;
}

/** A tree this large is not searched for near misses: nobody meant a workload at the other end of it. */
const MOST_SEARCHED = 400;

/**
 * Finds the pods that are deployed with a Service: those of its own folder; failing that those below it, then those of
 * the parent's tree, and so on up to the root of the workspace. The search ends early at a workload that was clearly
 * meant for the Service, so that a copy in another environment does not hide a mistake, and it leaves out trees that
 * hold another Service of the same name, which have their own. Where the pods found are the same object several times
 * over (`dev/`, `prod/`), each tree is a scope of its own.
 * Source: measured on public repositories, most Services stand beside their pods.
 */
export function findReach(snapshot: Snapshot, service: ServiceManifest, selector: Labels): readonly Reach[] {
  const home = folderOf(service.range.uri);
  const matching = findMatching(snapshot, selector).filter(({ workload }) => isReachable(snapshot, service, workload));
  const here = matching.filter(({ workload }) => namespacesMeet(service, workload));
  const near = here.filter(({ workload }) => folderOf(workload.range.uri) === home);
  const own = withoutRivals(snapshot, service, near);
  if (own.length > 0) return [reachIn(snapshot, service, home, own, false)];

  const missed = nearMissIn(service, selector, filesIn(snapshot, home));
  if (missed) return [missedReach(snapshot, service, home, missed, matching)];

  for (const folder of foldersUpwards(snapshot, service.range.uri)) {
    const inTree = withoutOtherCopies(
      snapshot,
      service,
      folder,
      here.filter(({ workload }) => isWithin(workload.range.uri, folder)),
    );
    if (inTree.length > 0) return splitCopies(snapshot, service, folder, inTree);
    const meant = nearMissIn(service, selector, limit(filesBelow(snapshot, folder)));
    if (meant) return [missedReach(snapshot, service, folder, meant, matching)];
  }
  return [missedReach(snapshot, service, home, undefined, matching)];
}

/** Namespaces within one scope: one that is not written fits any. */
export const namespacesMeet = (a: Manifest, b: Manifest): boolean =>
  a.namespace.origin === "default" || b.namespace.origin === "default" || a.namespace.value === b.namespace.value;

/** Every workload whose pods carry what a selector asks for, wherever it is. */
function findMatching(snapshot: Snapshot, selector: Labels): readonly Found[] {
  const { workloadsByLabel, vagueWorkloads } = snapshot.index;
  let smallest: readonly WorkloadManifest[] | undefined;
  for (const { key, value } of selector.entries) {
    const exact = workloadsByLabel.get(labelKey(key.value, value.value)) ?? [];
    const atRuntime = workloadsByLabel.get(key.value) ?? [];
    const candidates = atRuntime.length > 0 ? [...exact, ...atRuntime] : exact;
    if (smallest === undefined || candidates.length < smallest.length) smallest = candidates;
  }
  const candidates = new Set([...(smallest ?? []), ...(vagueWorkloads.get("all") ?? [])]);
  const found: Found[] = [];
  for (const workload of candidates) {
    const match = matchSelector(selector, workload);
    if (match !== "none" && workload.kind.value !== "PodTemplate") found.push({ workload, match });
  }
  return found.sort((a, b) => compareManifests(a.workload, b.workload));
}

/** By file, then by place in it: the order in which a reader would meet them. */
export function compareManifests(a: Manifest, b: Manifest): number {
  if (a.range.uri !== b.range.uri) return a.range.uri < b.range.uri ? -1 : 1;
  return a.range.start - b.range.start;
}

const isReachable = (snapshot: Snapshot, service: ServiceManifest, workload: WorkloadManifest): boolean =>
  isWithin(workload.range.uri, rootOf(snapshot, service.range.uri));

/**
 * Of the matches in the Service's own folder, those that are applied with it: files that define the Service again, or
 * the same workload as the Service's own file does, are variants to choose from.
 */
function withoutRivals(snapshot: Snapshot, service: ServiceManifest, found: readonly Found[]): readonly Found[] {
  const own = found.filter(({ workload }) => workload.range.uri === service.range.uri);
  const copies = copiesOf(snapshot, service).map((copy) => copy.range.uri);
  const identities = new Set(own.map(({ workload }) => identityOf(workload)));
  const others = found.filter(
    ({ workload }) =>
      workload.range.uri !== service.range.uri &&
      !copies.includes(workload.range.uri) &&
      !identities.has(identityOf(workload)),
  );
  return own.length > 0 ? [...own, ...others] : others.length > 0 ? others : found;
}

/** Other files' Services of the same name and namespace. */
function copiesOf(snapshot: Snapshot, service: ServiceManifest): readonly ServiceManifest[] {
  return (snapshot.index.servicesByName.get(service.name.value) ?? []).filter(
    (copy) => copy.range.uri !== service.range.uri && namespacesMeet(copy, service),
  );
}

/** Leaves out trees below a folder that hold another copy of the Service. */
function withoutOtherCopies(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  found: readonly Found[],
): readonly Found[] {
  const home = folderOf(service.range.uri);
  const taken = new Set(
    copiesOf(snapshot, service)
      .map((copy) => folderOf(copy.range.uri))
      .filter((other) => isWithin(other, folder) && other !== folder && !isWithin(home, childTowards(folder, other)))
      .map((other) => childTowards(folder, other)),
  );
  return found.filter(({ workload }) => ![...taken].some((tree) => isWithin(workload.range.uri, tree)));
}

/** The same object in several places: each place is a scope of its own, with everything that is there only once. */
function splitCopies(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  found: readonly Found[],
): readonly Reach[] {
  const byIdentity = groupBy(found, ({ workload }) => identityOf(workload));
  const several = [...byIdentity.values()].find((copies) => copies.length > 1);
  if (several === undefined) return [reachIn(snapshot, service, folder, found, true)];
  const trees = [...new Set(several.map(({ workload }) => placeBelow(folder, workload)))].sort();
  const shared = found.filter(({ workload }) => !trees.includes(placeBelow(folder, workload)));
  return trees.map((tree) => {
    const own = found.filter(({ workload }) => placeBelow(folder, workload) === tree);
    return {
      ...reachIn(snapshot, service, folder, [...shared, ...own], true),
      scope: scopeAt(snapshot, service.range.uri, tree),
    };
  });
}

const placeBelow = (folder: string, workload: WorkloadManifest): string => {
  const home = folderOf(workload.range.uri);
  return home === folder ? workload.range.uri : childTowards(folder, home);
};

const identityOf = ({ kind, namespace, name }: Manifest): string => `${kind.value}/${namespace.value}/${name.value}`;

function reachIn(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  found: readonly Found[],
  climbed: boolean,
): Reach {
  const home = found.reduce(
    (common, { workload }) => commonFolder(common, folderOf(workload.range.uri)),
    folderOf(service.range.uri),
  );
  const scope = scopeAt(snapshot, service.range.uri, isWithin(home, folder) ? home : folder);
  return { scope, found, nearMiss: undefined, elsewhere: [], climbed };
}

function missedReach(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  nearMiss: NearMiss | undefined,
  matching: readonly Found[],
): Reach {
  const elsewhere = matching.map(({ workload }) => workload);
  return { scope: scopeAt(snapshot, service.range.uri, folder), found: [], nearMiss, elsewhere, climbed: true };
}

function nearMissIn(service: ServiceManifest, selector: Labels, files: Iterable<ParsedFile>): NearMiss | undefined {
  return findNearMiss(service, selector, workloadsOf(files, service));
}

function* workloadsOf(files: Iterable<ParsedFile>, service: ServiceManifest): Generator<WorkloadManifest> {
  for (const manifest of manifestsOf(files)) {
    if (manifest.type === "Workload" && namespacesMeet(manifest, service)) yield manifest;
  }
}

function* limit(files: Iterable<ParsedFile>): Generator<ParsedFile> {
  let count = 0;
  for (const file of files) {
    if (++count > MOST_SEARCHED) return;
    yield file;
  }
}
