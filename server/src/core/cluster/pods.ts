import type { SourceRange } from "../base/source.ts";
import type { ObservedPod, WorkloadManifest } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import type { Ownership } from "./ownership.ts";
import type { PodKey } from "./pod-addresses.ts";
import type { PodSource } from "./resolution.ts";

/** One pod that a workload makes, or made. */
export interface PlannedPod {
  readonly key: PodKey;
  /** The real name of a dumped Pod or a StatefulSet's; elsewhere the workload's name and a number stand for it. */
  readonly name: string;
  readonly workload: WorkloadManifest;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** Host name in the cluster DNS, for pods that have one. */
  readonly hostname: string | undefined;
  readonly subdomain: string | undefined;
  readonly because: SourceRange;
}

/** Nobody reads about more pods of one workload than this; further replicas are left out. */
const MOST_PODS = 500;

/**
 * The pods of each workload but those that another one made, whose pods are that one's. Dumped Pods are all that the one
 * which made them has.
 */
export function podsOf(
  profile: Profile,
  workloads: readonly WorkloadManifest[],
  { makerOf, standIns }: Ownership,
): ReadonlyMap<WorkloadManifest, readonly PlannedPod[]> {
  const observed = new Map<WorkloadManifest, WorkloadManifest[]>();
  for (const [part, maker] of makerOf) {
    if (part.kind.value !== "Pod") continue;
    const pods = observed.get(maker);
    if (pods) pods.push(part);
    else observed.set(maker, [part]);
  }
  return new Map(
    workloads
      .filter((workload) => !makerOf.has(workload) && !standIns.has(workload))
      .map((workload) => [workload, podsOfSource(profile, { workload, observed: observed.get(workload) })]),
  );
}

/** The pods of a workload: the dumped ones, else those that it would be given. */
export const podsOfSource = (
  profile: Profile,
  { workload, observed }: Pick<PodSource, "workload" | "observed">,
): readonly PlannedPod[] => (observed ? observed.flatMap(bare) : planned(profile, workload));

function planned(profile: Profile, workload: WorkloadManifest): readonly PlannedPod[] {
  if (workload.kind.value === "Pod") return bare(workload);
  if (workload.kind.value === "PodTemplate") return [];
  const { template, name, namespace, kind } = workload;
  const count = Math.min(workload.replicas?.value ?? defaultCount(profile, workload), MOST_PODS);
  const isStateful = kind.value === "StatefulSet";
  // Source: kubernetes/kubernetes pkg/controller/job. The names of a CronJob's Jobs are not known beforehand.
  const isIndexed = kind.value === "Job" && workload.completions !== undefined;
  return Array.from({ length: Math.max(0, count) }, (_, index): PlannedPod => {
    const ordinal = index + workload.firstOrdinal;
    const podName = `${name.value}-${ordinal}`;
    return {
      key: {
        namespace: namespace.value,
        owner: `${kind.value}/${name.value}`,
        ordinal,
        hostNetwork: template.hostNetwork,
        node: template.nodeName && { name: template.nodeName.value, origin: "written" },
        observedIPs: undefined,
      },
      name: podName,
      workload,
      ready: true,
      terminating: false,
      hostname: isStateful || isIndexed ? podName : template.hostname?.value,
      subdomain: isStateful ? workload.serviceName?.value : template.subdomain?.value,
      because: template.key,
    };
  });
}

/** Whether nobody can tell how many pods there are: a placeholder will, or an autoscaler. */
export const isUncounted = ({ workload, observed }: Pick<PodSource, "workload" | "observed">): boolean =>
  workload.replicas === undefined && observed === undefined && !isOnePerNode(workload);

/** Whether a workload has one pod on each node: as many as there are nodes. */
const isOnePerNode = ({ kind }: WorkloadManifest): boolean => kind.value === "DaemonSet";

/** Where the manifest cannot tell, one stands for however many there are. */
const defaultCount = (profile: Profile, workload: WorkloadManifest): number =>
  isOnePerNode(workload) ? profile.nodes.length : 1;

/** A Pod that was written or dumped as such; one that has come to its end is nowhere any more. */
function bare(pod: WorkloadManifest): readonly PlannedPod[] {
  const { observed, template, name, namespace } = pod;
  if (observed && !observed.running) return [];
  const node = observed?.nodeName ?? template.nodeName?.value;
  return [
    {
      key: {
        namespace: namespace.value,
        owner: `Pod/${name.value}`,
        ordinal: 0,
        hostNetwork: template.hostNetwork,
        node: node === undefined ? undefined : { name: node, origin: observed?.nodeName ? "observed" : "written" },
        observedIPs: observed && observedIPs(observed),
      },
      name: name.value,
      workload: pod,
      ready: observed?.ready ?? true,
      terminating: observed?.terminating ?? false,
      hostname: template.hostname?.value,
      subdomain: template.subdomain?.value,
      because: name.range,
    },
  ];
}

/** None for a pod that waits for its first address; `undefined` for a running one whose address was left out of the dump. */
const observedIPs = ({ podIPs, phase }: ObservedPod): readonly string[] | undefined =>
  podIPs.length > 0 || phase === "Pending" ? podIPs.map(({ value }) => value) : undefined;
