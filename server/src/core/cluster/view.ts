import { parseIP } from "../base/ip.ts";
import { once } from "../base/once.ts";
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
import { compareManifests, placeOf } from "./manifests.ts";
import { originalOf, type Placing } from "./namespaces.ts";
import type { Ownership } from "./ownership.ts";
import { ownershipInView } from "./ownership-in-view.ts";
import { placeOwnership, placeWorkloads } from "./placed-workloads.ts";
import { type PodKey, podId } from "./pod-addresses.ts";
import { type PlannedPod, podsOf } from "./pods.ts";
import { placePolicies } from "./policy/placed-policies.ts";
import { manifestsBehind, type Resolution } from "./resolution.ts";
import { findRivals } from "./rivals.ts";
import { areMixed, type SeenService, seeServices } from "./seen-services.ts";

/**
 * The cluster as it is around one text: everything that is applied together with it, with an address for each. Of
 * objects that stand in several places (`dev/`, `prod/`) it has the nearest, and of the trees that hold the others
 * nothing but the pods that stand behind a Service in view.
 */
export interface View {
  readonly profile: Profile;
  /** By file, then by place in it, with every namespace filled in; of a Service in several namespaces one for each. */
  readonly services: readonly ServiceManifest[];
  /** What stands behind one of them: of several scopes the nearest in its namespace. */
  readonly resolutionOf: (service: ServiceManifest) => Resolution | undefined;
  readonly workloads: readonly WorkloadManifest[];
  /** The pods of every workload that none in view made; dumped Pods in the place of their workload's. */
  readonly pods: ReadonlyMap<WorkloadManifest, readonly PlannedPod[]>;
  /** The workloads in view that made others in view: a Deployment, for its dumped ReplicaSets and Pods. */
  readonly makerOf: Ownership["makerOf"];
  readonly plan: AddressPlan;
  /** With their namespaces filled in, where something shows them; worked out when they are first asked for. */
  readonly policies: () => readonly NetworkPolicyManifest[];
  /** Policies of network plugins and of whole clusters. */
  readonly foreignPolicies: readonly OtherManifest[];
  /** The labels of namespaces that a manifest shows. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** Services left out, because a nearer one bears their name. */
  readonly hidden: readonly ServiceManifest[];
}

/**
 * Looks around from a folder or a text.
 * @param placing answers what stands behind a Service; of several scopes the one nearest to `from` counts
 * @param about an answer that is to be in view, whatever else bears the name of its Service
 */
export function viewFrom(
  snapshot: Snapshot,
  profile: Profile,
  from: DocumentUri,
  placing: Placing,
  about?: Resolution,
): View {
  const files = [...filesBelow(snapshot, rootOf(snapshot, from))];
  const all = [...manifestsOf(files)];
  const written = all.filter((manifest) => manifest.type === "Service");
  const isMixed = areMixed(all);
  const services = seeServices(from, placing, written, isMixed, about);
  const rivals = findRivals(
    from,
    services.map(({ service }) => service),
    about?.service,
  );
  const seen = services.filter(({ service }) => !rivals.has(service));
  const together = [...manifestsOf(files.filter(({ uri }) => !rivals.holds(uri)))];
  // What is applied together with a Service may lie where others are left out.
  const elsewhere =
    together.length === all.length ? [] : seen.flatMap(behind).filter(({ range }) => rivals.holds(range.uri));
  const view = planView(snapshot, profile, from, placing, {
    services: seen,
    manifests: [...together, ...new Set(elsewhere.map(originalOf))],
    isMixed,
  });
  const hidden = services.map(({ service }) => service).filter(rivals.has);
  return { ...view, hidden: hidden.sort(compareManifests) };
}

function behind({ resolution }: SeenService): readonly Manifest[] {
  const answer = resolution();
  return answer ? manifestsBehind(answer) : [];
}

/**
 * Looks at everything in a workspace at once, which no cluster ever does: for a list of all Services. What bears one
 * name shares what is simulated for it, so each has the addresses that it has where it is seen.
 * @param from any text of the workspace
 */
export function viewOfAll(snapshot: Snapshot, profile: Profile, from: DocumentUri, placing: Placing): View {
  const manifests = [...manifestsOf(filesBelow(snapshot, rootOf(snapshot, from)))];
  const services = manifests
    .flatMap((manifest) => (manifest.type === "Service" ? placing.placed(manifest) : []))
    .map((resolution): SeenService => ({ service: resolution.service, resolution: () => resolution }));
  return planView(snapshot, profile, from, placing, { services, manifests, isMixed: true });
}

/** What is to be shown. */
interface Sight {
  readonly services: readonly SeenService[];
  readonly manifests: readonly Manifest[];
  /** Whether namespaces may have to be filled in. */
  readonly isMixed: boolean;
}

/** Hands out addresses to what is in view. */
function planView(
  snapshot: Snapshot,
  profile: Profile,
  from: DocumentUri,
  placing: Placing,
  { services: seen, manifests, isMixed }: Sight,
): View {
  const byService = new Map(seen.map((one) => [one.service, one]));
  const services = [...byService.keys()].sort(compareManifests);
  const { workloads: written, slices, nodes, policies, foreignPolicies, namespaces } = sortOut(manifests);
  const observedProfile = withObservedNodes(profile, nearestFirst(from, nodes));
  const placed = isMixed ? placeWorkloads(placing, seen, written) : undefined;
  const workloads = placed ? [...placed.values()].flat() : written;
  const originals = [...new Set(services.map(originalOf))];
  const ownership = placeOwnership(ownershipInView(snapshot, originals, written, placing.resolve), placed);
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
    resolutionOf: (service) => byService.get(service)?.resolution(),
    workloads,
    pods,
    makerOf: ownership.makerOf,
    plan,
    policies: once(() => placePolicies(placing, policies, workloads)),
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
    else if (isForeignPolicy(manifest)) foreignPolicies.push(manifest);
  }
  const all = { workloads, slices, nodes, policies, foreignPolicies, namespaces };
  for (const list of Object.values(all)) list.sort(compareManifests);
  return all;
}

/** Whether it may stop a connection between pods: what is staged does not yet, nor what is for further interfaces. */
const isForeignPolicy = ({ kind }: OtherManifest): boolean =>
  kind.value.endsWith("NetworkPolicy") && !/^(?:Staged|Multi)/.test(kind.value);

/** A workload as a view shows it; of several namespaces, in the first. One that is not in view stays as it is. */
export const placedIn = (view: View, workload: WorkloadManifest): WorkloadManifest =>
  copiesIn(view, workload).find((copy) => copy === workload) ?? copiesIn(view, workload)[0] ?? workload;

/** A workload as a view shows it, in each of its namespaces. */
export const copiesIn = ({ workloads }: View, workload: WorkloadManifest): readonly WorkloadManifest[] =>
  workloads.filter((copy) => placeOf(copy) === placeOf(workload));

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
