import { groupOf } from "../manifest/api-groups.ts";
import { cutName, isNameOfPart, isNameOfPod } from "../manifest/generated-names.ts";
import type { OwnerReference, WorkloadManifest } from "../manifest/model.ts";
import { workloadKindOf } from "../manifest/workload-kinds.ts";
import { folderOf } from "../workspace/folders.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { podLabel, selectsOwnTemplate } from "./labels.ts";
import { compareManifests, namespacesMeet } from "./manifests.ts";

/** Which of some workloads are one: a dump shows a Deployment, its ReplicaSets and its Pods beside each other. */
export interface Ownership {
  /** The workload that made each other one, directly or not; the outermost among those that were asked about. */
  readonly makerOf: ReadonlyMap<WorkloadManifest, WorkloadManifest>;
  /** Custom resources of a kind that nobody here knows, where what was made for them is among the workloads, too. */
  readonly standIns: ReadonlySet<WorkloadManifest>;
}

/** Where nobody made anybody. */
export const noOwnership: Ownership = { makerOf: new Map(), standIns: new Set() };

/**
 * Finds out which of some workloads made which others, and which further Pods of their folders.
 *
 * What `ownerReferences` say counts, whether or not the ReplicaSet between a Deployment and its Pods is there. Pods that
 * were dumped without them are known by labels that name their maker, else by names that a controller gave.
 * @param together workloads that are known to belong together, whatever their folders, and their namesakes not
 */
export function ownershipAmong(
  snapshot: Snapshot,
  workloads: readonly WorkloadManifest[],
  together: ReadonlySet<WorkloadManifest> = new Set(),
): Ownership {
  const descendants = new Map<WorkloadManifest, ReadonlySet<WorkloadManifest>>();
  for (const workload of workloads) {
    const parts = partsOf(snapshot, workload, together);
    if (parts.length > 0) descendants.set(workload, withTheirs(snapshot, workload, parts, together));
  }
  const standIns = new Set<WorkloadManifest>();
  if (descendants.size === 0) return noOwnership;
  const all = new Set(workloads);
  for (const [workload, made] of descendants) {
    if (workload.certainty === "known" || ![...made].some((part) => all.has(part))) continue;
    standIns.add(workload);
    descendants.delete(workload);
  }
  const makerOf = new Map<WorkloadManifest, WorkloadManifest>();
  for (const maker of outermost(descendants)) {
    for (const part of [...(descendants.get(maker) ?? [])].sort(compareManifests)) {
      const known = makerOf.get(part);
      // Of two names that would do, `web` and `web-db`, the longer one is meant.
      if (known === undefined || known.name.value.length < maker.name.value.length) makerOf.set(part, maker);
    }
  }
  return { makerOf, standIns };
}

/** Makers that no other one made. Of two that are said to have made each other, the first. */
function outermost(
  descendants: ReadonlyMap<WorkloadManifest, ReadonlySet<WorkloadManifest>>,
): readonly WorkloadManifest[] {
  const inner = new Set<WorkloadManifest>();
  for (const [maker, made] of descendants) {
    if (inner.has(maker)) continue;
    for (const part of made) inner.add(part);
  }
  return [...descendants.keys()].filter((maker) => !inner.has(maker));
}

/** What a workload made, and what was made by that. */
function withTheirs(
  snapshot: Snapshot,
  workload: WorkloadManifest,
  parts: readonly WorkloadManifest[],
  together: ReadonlySet<WorkloadManifest>,
): ReadonlySet<WorkloadManifest> {
  const made = new Set<WorkloadManifest>();
  const pending = [...parts];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === workload || made.has(part)) continue;
    made.add(part);
    pending.push(...partsOf(snapshot, part, together));
  }
  return made;
}

/** What a workload made itself. A Pod makes nothing. */
function partsOf(
  snapshot: Snapshot,
  maker: WorkloadManifest,
  together: ReadonlySet<WorkloadManifest>,
): readonly WorkloadManifest[] {
  if (maker.kind.value === "Pod") return [];
  const { workloadsByMaker } = snapshot.index;
  const cut = cutName(maker.name.value);
  const named = workloadsByMaker.get(maker.name.value) ?? [];
  const candidates = cut === undefined ? named : [...named, ...(workloadsByMaker.get(cut) ?? [])];
  return candidates.filter(
    (part) =>
      part !== maker &&
      namespacesMeet(part, maker) &&
      isNear(snapshot, part, maker, together) &&
      isMadeBy(snapshot, part, maker),
  );
}

/**
 * Whether two workloads stand so near each other that one may be of the other. Of namesakes that in the same file wins,
 * unless it is known not to belong here.
 */
function isNear(
  { index }: Snapshot,
  part: WorkloadManifest,
  maker: WorkloadManifest,
  together: ReadonlySet<WorkloadManifest>,
): boolean {
  if (part.range.uri === maker.range.uri) return true;
  if (folderOf(part.range.uri) !== folderOf(maker.range.uri) && !(together.has(part) && together.has(maker)))
    return false;
  const namesakes = (index.workloadsByName.get(maker.name.value) ?? []).filter(
    ({ kind, range }) => range.uri === part.range.uri && kind.value === maker.kind.value,
  );
  return !namesakes.some((namesake) => together.size === 0 || together.has(namesake));
}

function isMadeBy(snapshot: Snapshot, part: WorkloadManifest, maker: WorkloadManifest): boolean {
  const { owner } = part;
  if (owner === undefined) return part.kind.value === "Pod" ? isPodOf(part, maker) : isPartOf(part, maker);
  if (isMeant(owner, maker)) return true;
  if (isShown(snapshot, owner, part)) return false;
  return isMadeOnTheWay(owner, part, maker) || (part.kind.value === "Pod" && isNamedByLabel(part, maker));
}

/** Whether an owner reference is to a workload. A dump's ids tell namesakes apart. */
function isMeant({ apiVersion, kind, name, uid }: OwnerReference, maker: WorkloadManifest): boolean {
  if (name.value !== maker.name.value || kind.value !== maker.kind.value) return false;
  if (uid !== undefined && maker.uid !== undefined && uid !== maker.uid) return false;
  const known = workloadKindOf(maker.apiVersion.value, maker.kind.value);
  return known
    ? apiVersion === "" || workloadKindOf(apiVersion, kind.value) === known
    : groupOf(apiVersion) === groupOf(maker.apiVersion.value);
}

/** Whether the object that an owner reference names stands beside the part. */
const isShown = ({ index }: Snapshot, owner: OwnerReference, part: WorkloadManifest): boolean =>
  (index.workloadsByName.get(owner.name.value) ?? []).some(
    (candidate) =>
      isMeant(owner, candidate) &&
      namespacesMeet(candidate, part) &&
      folderOf(candidate.range.uri) === folderOf(part.range.uri),
  );

/** What a workload makes first, which then makes its pods. */
const onTheWay: Readonly<Record<string, string>> = {
  Deployment: "ReplicaSet",
  Rollout: "ReplicaSet",
  CronJob: "Job",
  DeploymentConfig: "ReplicationController",
};

/** Whether the owner, which no manifest shows, can only be what the maker made on the way to its pods. */
const isMadeOnTheWay = (owner: OwnerReference, part: WorkloadManifest, maker: WorkloadManifest): boolean =>
  onTheWay[maker.kind.value] === owner.kind.value &&
  bearsNoOthersHash(part, maker) &&
  isNameOfPart(owner.name.value, maker, hashIn(part, maker));

/** A dumped Pod without owner: its labels tell, or its name. */
function isPodOf(pod: WorkloadManifest, maker: WorkloadManifest): boolean {
  if (pod.observed === undefined) return false;
  if (isNamedByLabel(pod, maker)) return true;
  if (!isNameOfPod(pod.name.value, maker) || !bearsNoOthersHash(pod, maker)) return false;
  const hash = hashIn(pod, maker);
  if (hash !== undefined && !pod.name.value.startsWith(`${maker.name.value}-${hash}-`)) return false;
  return maker.selector === undefined || selectsOwnTemplate(pod, maker.selector) !== false;
}

/** A ReplicaSet or ReplicationController without owner, whose pods bear a hash or name that only a controller gives. */
const isPartOf = (part: WorkloadManifest, maker: WorkloadManifest): boolean =>
  onTheWay[maker.kind.value] === part.kind.value &&
  (hashIn(part, maker) !== undefined || isNamedByLabel(part, maker)) &&
  isNameOfPart(part.name.value, maker, hashIn(part, maker));

/** Whether a label that a controller writes says who made the pods, such as `job-name`. */
const isNamedByLabel = (part: WorkloadManifest, maker: WorkloadManifest): boolean =>
  maker.runtimeLabels.some(
    ({ key, value }) => value !== undefined && value === maker.name.value && podLabel(part, key) === value,
  );

const hashLabels: Readonly<Record<string, string>> = {
  Deployment: "pod-template-hash",
  Rollout: "rollouts-pod-template-hash",
};

const hashIn = (part: WorkloadManifest, { kind }: WorkloadManifest): string | undefined =>
  podLabel(part, hashLabels[kind.value] ?? "");

const bearsNoOthersHash = (part: WorkloadManifest, { kind }: WorkloadManifest): boolean =>
  hashLabels[kind.value] === undefined ||
  Object.entries(hashLabels).every(([other, label]) => other === kind.value || podLabel(part, label) === undefined);
