import type { SourceRange } from "../base/source.ts";
import type { WorkloadManifest } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import type { PodKey } from "./pod-addresses.ts";

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
 * The pods of each workload.
 * @param observed dumped Pods by the workload that made them: they are all it has
 */
export function podsOf(
  profile: Profile,
  workloads: readonly WorkloadManifest[],
  observed: ReadonlyMap<WorkloadManifest, readonly WorkloadManifest[]>,
): ReadonlyMap<WorkloadManifest, readonly PlannedPod[]> {
  const made = new Set([...observed.values()].flat());
  return new Map(
    workloads
      .filter((workload) => !made.has(workload))
      .map((workload) => {
        const dumped = observed.get(workload);
        return [workload, dumped ? dumped.flatMap((pod) => bare(pod)) : planned(profile, workload)];
      }),
  );
}

function planned(profile: Profile, workload: WorkloadManifest): readonly PlannedPod[] {
  if (workload.kind.value === "Pod") return bare(workload);
  if (workload.kind.value === "PodTemplate") return [];
  const { template, name, namespace, kind } = workload;
  const count = Math.min(workload.replicas?.value ?? defaultCount(profile, workload), MOST_PODS);
  const stateful = kind.value === "StatefulSet";
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
        observedIPs: [],
      },
      name: podName,
      workload,
      ready: true,
      terminating: false,
      hostname: stateful ? podName : template.hostname?.value,
      subdomain: stateful ? workload.serviceName?.value : template.subdomain?.value,
      because: template.key,
    };
  });
}

/** Whether a workload has one pod on each node: as many as there are nodes. */
export const isOnePerNode = ({ kind }: WorkloadManifest): boolean => kind.value === "DaemonSet";

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
        observedIPs: observed?.podIPs.map(({ value }) => value) ?? [],
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
