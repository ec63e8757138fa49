import { groupBy } from "../base/group-by.ts";
import type { Labels, Manifest, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { childTowards, commonFolder, folderOf, isWithin } from "../workspace/folders.ts";
import { foldersUpwards, type Index, labelKey, type Snapshot } from "../workspace/snapshot.ts";
import { likelyIn } from "./likely-workloads.ts";
import { listIn, namespacesMeet } from "./manifests.ts";
import { candidatesFor, type Found, findMatching } from "./matching.ts";
import { findNearMiss, identityKeys, type NearMiss } from "./near-miss.ts";
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

/**
 * Finds the pods that are deployed with a Service: those of its own folder; failing that those below it, then those of
 * the parent's tree, and so on up to the root of the workspace. The search ends early at a workload that was clearly
 * meant for the Service, so that a copy in another environment does not hide a mistake, and it leaves out trees that
 * hold another Service of the same name, which have their own. Beyond its own folder only a workload that goes by the
 * Service's name can have been meant. Where the pods found are the same object several times over (`dev/`, `prod/`),
 * each tree is a scope of its own.
 * Source: measured on public repositories, most Services stand beside their pods.
 */
export function findReach(snapshot: Snapshot, service: ServiceManifest, selector: Labels): readonly Reach[] {
  const home = folderOf(service.range.uri);
  const candidates = candidatesFor(snapshot, selector);
  const near = findMatching(
    snapshot,
    service,
    selector,
    candidates.flatMap((list) => listIn(list, home)),
  );
  const meeting = near.filter(({ workload }) => namespacesMeet(service, workload));
  const own = meeting.length > 1 ? withoutRivals(snapshot, service, meeting) : meeting;
  if (own.length > 0) return [reachIn(snapshot, service, home, own, false)];

  const matching = findMatching(
    snapshot,
    service,
    selector,
    candidates.flatMap((list) => [...list]),
  );
  const missed = findNearMiss(service, selector, likelyIn(snapshot, home, service, selector));
  if (missed) return [missedReach(snapshot, service, home, missed, matching)];

  const here = matching.filter(({ workload }) => namespacesMeet(service, workload));
  const namesakes = namesakesOf(snapshot.index, service);
  const copies = new Set(copiesOf(snapshot, service).map((copy) => folderOf(copy.range.uri)));
  for (const folder of foldersUpwards(snapshot, service.range.uri)) {
    const taken = treesOfCopies(copies, home, folder);
    const isInTree = ({ range }: WorkloadManifest): boolean =>
      isWithin(range.uri, folder) && !taken.some((tree) => isWithin(range.uri, tree));
    const inTree = here.filter(({ workload }) => isInTree(workload));
    if (inTree.length > 0) return splitCopies(snapshot, service, folder, inTree);
    const meant = findNearMiss(service, selector, namesakes.filter(isInTree));
    if (meant) return [missedReach(snapshot, service, folder, meant, matching)];
  }
  return [missedReach(snapshot, service, home, undefined, matching)];
}

/**
 * Of the matches in the Service's own folder, those that are applied with it: files that define the Service again, or
 * the same workload as the Service's own file does, are variants to choose from.
 */
function withoutRivals(snapshot: Snapshot, service: ServiceManifest, found: readonly Found[]): readonly Found[] {
  const own = found.filter(({ workload }) => workload.range.uri === service.range.uri);
  const copies = new Set(copiesOf(snapshot, service, folderOf(service.range.uri)).map((copy) => copy.range.uri));
  const identities = new Set(own.map(({ workload }) => identityOf(workload)));
  const others = found.filter(
    ({ workload }) =>
      workload.range.uri !== service.range.uri &&
      !copies.has(workload.range.uri) &&
      !identities.has(identityOf(workload)),
  );
  return own.length > 0 ? [...own, ...others] : others.length > 0 ? others : found;
}

/** Other files' Services of the same name and namespace; in one folder, where that is all that matters. */
function copiesOf(snapshot: Snapshot, service: ServiceManifest, folder?: string): readonly ServiceManifest[] {
  const namesakes = snapshot.index.servicesByName.get(service.name.value) ?? [];
  return (folder === undefined ? namesakes : listIn(namesakes, folder)).filter(
    (copy) => copy.range.uri !== service.range.uri && namespacesMeet(copy, service),
  );
}

/** Trees below a folder that hold another copy of the Service, and so have their own. */
function treesOfCopies(copies: ReadonlySet<string>, home: string, folder: string): readonly string[] {
  const trees = [...copies]
    .filter((other) => isWithin(other, folder) && other !== folder && !isWithin(home, childTowards(folder, other)))
    .map((other) => childTowards(folder, other));
  return [...new Set(trees)];
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
    return reachAt(snapshot, service, () => tree, { found: [...shared, ...own], climbed: true });
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
  const home = (): string => {
    const shared = found.reduce(
      (common, { workload }) => commonFolder(common, folderOf(workload.range.uri)),
      folderOf(service.range.uri),
    );
    return isWithin(shared, folder) ? shared : folder;
  };
  return reachAt(snapshot, service, home, { found, climbed });
}

function missedReach(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  nearMiss: NearMiss | undefined,
  matching: readonly Found[],
): Reach {
  const elsewhere = matching.map(({ workload }) => workload);
  return reachAt(snapshot, service, () => folder, { nearMiss, elsewhere, climbed: true });
}

/** Of most Services nobody asks for the scope, so it is found when somebody does. */
function reachAt(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: () => string,
  { found = [], nearMiss, elsewhere = [], climbed }: Partial<Omit<Reach, "scope" | "climbed">> & Pick<Reach, "climbed">,
): Reach {
  let scope: Scope | undefined;
  return {
    get scope() {
      scope ??= scopeAt(snapshot, service.range.uri, folder());
      return scope;
    },
    found,
    nearMiss,
    elsewhere,
    climbed,
  };
}

/** Workloads that go by a Service's name: their own, or what their pods say they are. */
function namesakesOf({ workloadsByName, workloadsByLabel }: Index, { name }: ServiceManifest): WorkloadManifest[] {
  if (name.value === "") return [];
  const labelled = identityKeys.flatMap((key) => [...(workloadsByLabel.get(labelKey(key, name.value)) ?? [])]);
  return [...new Set([...(workloadsByName.get(name.value) ?? []), ...labelled])];
}
