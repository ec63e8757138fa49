import { parseIP } from "../base/ip.ts";
import type { DocumentUri } from "../base/source.ts";
import type {
  EndpointsManifest,
  Labels,
  Manifest,
  NetworkPolicyManifest,
  NodeManifest,
  OtherManifest,
  ServiceManifest,
  WorkloadManifest,
} from "../manifest/model.ts";
import { type Profile, withObservedNodes } from "../settings/profile.ts";
import { commonFolder } from "../workspace/folders.ts";
import { filesBelow, manifestsOf, rootOf, type Snapshot } from "../workspace/snapshot.ts";
import { type AddressPlan, planAddresses } from "./addresses.ts";
import { compareManifests } from "./manifests.ts";
import type { Ownership } from "./ownership.ts";
import { ownershipInView } from "./ownership-in-view.ts";
import { type PodKey, podId } from "./pod-addresses.ts";
import { type PlannedPod, podsOf } from "./pods.ts";
import type { Resolution } from "./resolution.ts";
import { findRivals } from "./rivals.ts";

/**
 * The cluster as it is around one text: everything that is applied together with it, with an address for each. Of
 * objects that stand in several places (`dev/`, `prod/`) it has the nearest, and of the trees that hold the others
 * nothing but the pods that stand behind a Service in view.
 */
export interface View {
  readonly profile: Profile;
  /** By file, then by place in it. */
  readonly services: readonly ServiceManifest[];
  /** What stands behind each of them: of several scopes the nearest. */
  readonly resolutions: ReadonlyMap<ServiceManifest, Resolution>;
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
 * @param about an answer that is to be in view, whatever else bears the name of its Service
 */
export function viewFrom(
  snapshot: Snapshot,
  profile: Profile,
  from: DocumentUri,
  resolve: (service: ServiceManifest) => readonly Resolution[],
  about?: Resolution,
): View {
  const files = [...filesBelow(snapshot, rootOf(snapshot, from))];
  const services = [...manifestsOf(files)].filter((manifest) => manifest.type === "Service");
  const rivals = findRivals(from, services, about?.service);
  const chosen = services
    .filter((service) => !rivals.has(service))
    .flatMap((service) => (service === about?.service ? about : (nearestResolution(from, resolve(service)) ?? [])));
  const together = files.filter(({ uri }) => !rivals.holds(uri));
  // What is applied together with a Service may lie where others are left out.
  const elsewhere = chosen.flatMap(behind).filter(({ range }) => rivals.holds(range.uri));
  const view = planView(snapshot, profile, from, resolve, chosen, [...manifestsOf(together), ...new Set(elsewhere)]);
  return { ...view, hidden: services.filter(rivals.has).sort(compareManifests) };
}

/**
 * Looks at everything in a workspace at once, which no cluster ever does: for a list of all Services. What bears one
 * name shares what is simulated for it, so each has the addresses that it has where it is seen.
 * @param from any text of the workspace
 */
export function viewOfAll(
  snapshot: Snapshot,
  profile: Profile,
  from: DocumentUri,
  resolve: (service: ServiceManifest) => readonly Resolution[],
): View {
  const all = [...manifestsOf(filesBelow(snapshot, rootOf(snapshot, from)))];
  const resolutions = all.flatMap((manifest) => (manifest.type === "Service" ? resolve(manifest) : []));
  return planView(snapshot, profile, from, resolve, resolutions, all);
}

/** Hands out addresses to what is in view. */
function planView(
  snapshot: Snapshot,
  profile: Profile,
  from: DocumentUri,
  resolve: (service: ServiceManifest) => readonly Resolution[],
  chosen: readonly Resolution[],
  manifests: readonly Manifest[],
): View {
  const resolutions = new Map(chosen.map((resolution) => [resolution.service, resolution]));
  const services = [...resolutions.keys()].sort(compareManifests);
  const { workloads, slices, nodes, policies, foreignPolicies, namespaces } = sortOut(manifests);
  const observedProfile = withObservedNodes(profile, nearestFirst(from, nodes));
  const ownership = ownershipInView(snapshot, services, workloads, resolve);
  const pods = podsOf(observedProfile, workloads, ownership);
  const claimed = slices.flatMap(({ subsets }) =>
    subsets.flatMap(({ addresses }) => addresses.map(({ ip }) => ip.value)),
  );
  const plan = planAddresses(
    observedProfile,
    services,
    distinctKeys(from, pods),
    claimed.filter((ip) => parseIP(ip) !== undefined),
  );
  return {
    profile: observedProfile,
    services,
    resolutions,
    workloads,
    pods,
    makerOf: ownership.makerOf,
    plan,
    policies,
    foreignPolicies,
    namespaces: new Map(namespaces.map(({ name, labels }) => [name.value, labels])),
    hidden: [],
  };
}

const nearestFirst = (from: DocumentUri, nodes: readonly NodeManifest[]): readonly NodeManifest[] =>
  [...nodes].sort((a, b) => nearness(from, b) - nearness(from, a) || compareManifests(a, b));

/** How much of the way to a manifest it has in common with a text. */
const nearness = (from: DocumentUri, { range }: Manifest): number => commonFolder(from, range.uri).length;

/** What a view shows besides Services, by type; each by file, then by place in it. */
function sortOut(manifests: readonly Manifest[]) {
  const workloads: WorkloadManifest[] = [];
  const slices: EndpointsManifest[] = [];
  const nodes: NodeManifest[] = [];
  const policies: NetworkPolicyManifest[] = [];
  const foreignPolicies: OtherManifest[] = [];
  const namespaces: OtherManifest[] = [];
  for (const manifest of manifests) {
    if (manifest.type === "Workload") workloads.push(manifest);
    else if (manifest.type === "Endpoints") slices.push(manifest);
    else if (manifest.type === "Node") nodes.push(manifest);
    else if (manifest.type === "NetworkPolicy") policies.push(manifest);
    else if (manifest.type !== "Other") continue;
    else if (manifest.kind.value === "Namespace") namespaces.push(manifest);
    else if (manifest.kind.value.endsWith("NetworkPolicy")) foreignPolicies.push(manifest);
  }
  const all = { workloads, slices, nodes, policies, foreignPolicies, namespaces };
  for (const list of Object.values(all)) list.sort(compareManifests);
  return all;
}

/** The answer of a Service in the scope that lies nearest to a text; of equally near ones, the first. */
export const nearestResolution = (from: DocumentUri, resolutions: readonly Resolution[]): Resolution | undefined =>
  nearestResolutions(from, resolutions)[0];

/** Of several answers those in the scopes that lie nearest to a text. */
export function nearestResolutions(from: DocumentUri, resolutions: readonly Resolution[]): readonly Resolution[] {
  if (resolutions.length < 2) return resolutions;
  const lengths = resolutions.map((resolution) => commonFolder(from, resolution.from).length);
  const most = lengths.reduce((a, b) => Math.max(a, b));
  return resolutions.filter((_, index) => lengths[index] === most);
}

/** The manifests that stand behind a Service. */
function behind({ endpoints, observed }: Resolution): readonly Manifest[] {
  if (endpoints.kind === "manual") return [...endpoints.slices, ...observed];
  if (endpoints.kind !== "selected") return observed;
  return [
    ...endpoints.pods.flatMap((source) => [source.workload, ...(source.observed ?? []), ...source.parts]),
    ...observed,
  ];
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
