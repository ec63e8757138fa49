import { parseIP } from "../base/ip.ts";
import type { DocumentUri } from "../base/source.ts";
import type {
  Labels,
  Manifest,
  NetworkPolicyManifest,
  NodeManifest,
  OtherManifest,
  ServiceManifest,
  WorkloadManifest,
} from "../manifest/model.ts";
import { type Profile, withObservedNodes } from "../settings/profile.ts";
import { childTowards, commonFolder, folderOf, isWithin } from "../workspace/folders.ts";
import { filesBelow, manifestsOf, rootOf, type Snapshot } from "../workspace/snapshot.ts";
import { type AddressPlan, planAddresses } from "./addresses.ts";
import { compareManifests } from "./manifests.ts";
import type { Ownership } from "./ownership.ts";
import { ownershipInView } from "./ownership-in-view.ts";
import { type PodKey, podId } from "./pod-addresses.ts";
import { type PlannedPod, podsOf } from "./pods.ts";
import type { Resolution } from "./resolution.ts";

/**
 * The cluster as it is around one text: everything that is applied together with it, with an address for each. Of
 * objects that stand in several places (`dev/`, `prod/`) it has the nearest, and of the trees that hold the others
 * nothing but the pods that stand behind a Service in view.
 */
export interface View {
  readonly profile: Profile;
  /** By file, then by place in it. */
  readonly services: readonly ServiceManifest[];
  readonly workloads: readonly WorkloadManifest[];
  /** The pods of every workload that none in view made; dumped Pods in the place of their workload's. */
  readonly pods: ReadonlyMap<WorkloadManifest, readonly PlannedPod[]>;
  /** The workloads in view that made others in view: a Deployment, for its dumped ReplicaSets and Pods. */
  readonly makerOf: Ownership["makerOf"];
  readonly plan: AddressPlan;
  readonly policies: readonly NetworkPolicyManifest[];
  /** Policies of network plugins and of whole clusters. */
  readonly foreignPolicies: readonly OtherManifest[];
  /** The labels of namespaces that a manifest shows. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** Services left out, because a nearer one bears their name. */
  readonly hidden: readonly ServiceManifest[];
}

/**
 * Looks around from a folder or a text.
 * @param resolve answers what stands behind a Service; of several scopes the one nearest to `from` counts
 */
export function viewFrom(
  snapshot: Snapshot,
  profile: Profile,
  from: DocumentUri,
  resolve: (service: ServiceManifest) => readonly Resolution[],
): View {
  const { services, workloads, nodes, policies, foreignPolicies, namespaces } = objectsBelow(
    snapshot,
    rootOf(snapshot, from),
  );
  const rivals = findRivals(from, services);
  const accepts = ({ range }: Manifest): boolean => !rivals.trees.some((tree) => isWithin(range.uri, tree));
  const seen = services.filter((service) => accepts(service) && !rivals.services.has(service));
  const selected = rivals.trees.length > 0 ? selectedBy(from, seen, resolve) : new Set();
  const objects: Objects = {
    services: seen,
    workloads: workloads.filter((workload) => accepts(workload) || selected.has(workload)),
    nodes: nodes.filter(accepts),
    policies: policies.filter(accepts),
    foreignPolicies: foreignPolicies.filter(accepts),
    namespaces: namespaces.filter(accepts),
  };
  const hidden = services.filter((service) => !accepts(service) || rivals.services.has(service));
  return { ...planView(snapshot, profile, from, resolve, objects), hidden: hidden.sort(compareManifests) };
}

/**
 * Looks at everything in a workspace at once, which no cluster ever does: for a list of all Services. What bears one
 * name shares what is simulated for it, so each has the addresses that it has where it is seen.
 * @param from any text of the workspace
 */
export const viewOfAll = (
  snapshot: Snapshot,
  profile: Profile,
  from: DocumentUri,
  resolve: (service: ServiceManifest) => readonly Resolution[],
): View => planView(snapshot, profile, from, resolve, objectsBelow(snapshot, rootOf(snapshot, from)));

/** What stands in a tree of folders, as far as a view shows it. */
interface Objects {
  readonly services: readonly ServiceManifest[];
  readonly workloads: readonly WorkloadManifest[];
  readonly nodes: readonly NodeManifest[];
  readonly policies: readonly NetworkPolicyManifest[];
  readonly foreignPolicies: readonly OtherManifest[];
  readonly namespaces: readonly OtherManifest[];
}

function objectsBelow(snapshot: Snapshot, folder: string): Objects {
  const services: ServiceManifest[] = [];
  const workloads: WorkloadManifest[] = [];
  const nodes: NodeManifest[] = [];
  const policies: NetworkPolicyManifest[] = [];
  const foreignPolicies: OtherManifest[] = [];
  const namespaces: OtherManifest[] = [];
  for (const manifest of manifestsOf(filesBelow(snapshot, folder))) {
    if (manifest.type === "Service") services.push(manifest);
    else if (manifest.type === "Workload") workloads.push(manifest);
    else if (manifest.type === "Node") nodes.push(manifest);
    else if (manifest.type === "NetworkPolicy") policies.push(manifest);
    else if (manifest.type !== "Other") continue;
    else if (manifest.kind.value === "Namespace") namespaces.push(manifest);
    else if (manifest.kind.value.endsWith("NetworkPolicy")) foreignPolicies.push(manifest);
  }
  return { services, workloads, nodes, policies, foreignPolicies, namespaces };
}

/** Hands out addresses to what is in view. */
function planView(
  snapshot: Snapshot,
  profile: Profile,
  from: DocumentUri,
  resolve: (service: ServiceManifest) => readonly Resolution[],
  objects: Objects,
): View {
  const services = [...objects.services].sort(compareManifests);
  const workloads = [...objects.workloads].sort(compareManifests);
  const observedProfile = withObservedNodes(profile, nearestFirst(from, objects.nodes));
  const ownership = ownershipInView(snapshot, services, workloads, resolve);
  const pods = podsOf(observedProfile, workloads, ownership);
  const claimed = [...snapshot.index.endpointsByService.entries()].flatMap(([, slices]) =>
    slices.flatMap(({ subsets }) => subsets.flatMap(({ addresses }) => addresses.map(({ ip }) => ip.value))),
  );
  const plan = planAddresses(
    observedProfile,
    services,
    distinctKeys(from, pods),
    claimed.filter((ip) => parseIP(ip) !== undefined),
  );
  const policies = [...objects.policies].sort(compareManifests);
  const foreignPolicies = [...objects.foreignPolicies].sort(compareManifests);
  const shown = [...objects.namespaces].sort(compareManifests);
  const namespaces = new Map(shown.map(({ name, labels }) => [name.value, labels]));
  return {
    profile: observedProfile,
    services,
    workloads,
    pods,
    makerOf: ownership.makerOf,
    plan,
    policies,
    foreignPolicies,
    namespaces,
    hidden: [],
  };
}

const nearestFirst = (from: DocumentUri, nodes: readonly NodeManifest[]): readonly NodeManifest[] =>
  [...nodes].sort((a, b) => nearness(from, b) - nearness(from, a) || compareManifests(a, b));

/** How much of the way to a manifest it has in common with a text. */
const nearness = (from: DocumentUri, { range }: Manifest): number => commonFolder(from, range.uri).length;

/** The answer of a Service in the scope that lies nearest to a text. */
export function nearestResolution(from: DocumentUri, resolutions: readonly Resolution[]): Resolution | undefined {
  const nearnessOf = ({ scope }: Resolution): number => commonFolder(from, scope.folder).length;
  return [...resolutions].sort((a, b) => nearnessOf(b) - nearnessOf(a))[0];
}

/** The workloads that stand behind Services, whatever else their trees hold. */
function selectedBy(
  from: DocumentUri,
  services: readonly ServiceManifest[],
  resolve: (service: ServiceManifest) => readonly Resolution[],
): ReadonlySet<WorkloadManifest> {
  const selected = new Set<WorkloadManifest>();
  for (const service of services) {
    const endpoints = nearestResolution(from, resolve(service))?.endpoints;
    if (endpoints?.kind !== "selected") continue;
    for (const { workload, observed = [] } of endpoints.pods) {
      for (const pods of [workload, ...observed]) selected.add(pods);
    }
  }
  return selected;
}

/** The keys of all pods. Of one that stands in several places the nearest says where it runs. */
function distinctKeys(
  from: DocumentUri,
  podsByWorkload: ReadonlyMap<WorkloadManifest, readonly PlannedPod[]>,
): readonly PodKey[] {
  const owners = new Map<string, PlannedPod>();
  for (const pod of [...podsByWorkload.values()].flat()) {
    const id = podId(pod.key);
    const known = owners.get(id);
    if (known === undefined || nearness(from, pod.workload) > nearness(from, known.workload)) owners.set(id, pod);
  }
  return [...owners.values()].map(({ key }) => key);
}

/** What a view leaves out. */
interface Rivals {
  /** Folders and files that define a Service again which is already defined nearer, or as near in an earlier one. */
  readonly trees: readonly string[];
  /** Services that are defined again within one such tree. */
  readonly services: ReadonlySet<ServiceManifest>;
}

function findRivals(from: DocumentUri, services: readonly ServiceManifest[]): Rivals {
  const home = folderOf(from);
  const placed = services
    .map((service) => {
      const { uri } = service.range;
      const folder = folderOf(uri);
      const meeting = commonFolder(home, folder);
      const tree = folder === meeting ? uri : childTowards(meeting, folder);
      const identity = `${service.namespace.value}/${service.name.value}`;
      return { service, identity, tree, distance: uri === from ? -1 : home.length - meeting.length };
    })
    .sort((a, b) => a.distance - b.distance || compareManifests(a.service, b.service));
  const owners = new Map<string, string>();
  const trees = new Set<string>();
  const again = new Set<ServiceManifest>();
  for (const { service, identity, tree } of placed) {
    const owner = owners.get(identity);
    if (owner === undefined) owners.set(identity, tree);
    else if (owner === tree) again.add(service);
    else trees.add(tree);
  }
  return { trees: [...trees], services: again };
}
