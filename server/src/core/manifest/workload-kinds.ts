import { groupOf } from "./api-groups.ts";
import type { RuntimeLabel } from "./model.ts";

/** How one kind of workload is laid out. Source: the API types of each group; the CRD rows from their public documentation. */
export interface WorkloadKind {
  readonly kind: string;
  /** API groups that define the kind; the first is today's. */
  readonly groups: readonly string[];
  /** Paths of the pod template in the object; the first one that is there counts. Empty: the object is the template. */
  readonly templates: readonly (readonly string[])[];
  /** Path of the replica count and its default; `undefined` where the manifest cannot tell. */
  readonly replicas: { readonly path: readonly string[]; readonly default: number } | undefined;
  /** What the kind calls a selector, where it has one: the API's type, or a plain map of labels, defaulted from the template. */
  readonly selector: "LabelSelector" | "map";
  /** Labels that its controller adds to pods, for a workload of this name. */
  readonly runtimeLabels: (name: string) => readonly RuntimeLabel[];
  /** A foreign kind whose layout is known from its documentation only. */
  readonly foreign: boolean;
}

const SPEC_TEMPLATE = ["spec", "template"] as const;
const REPLICAS = { path: ["spec", "replicas"], default: 1 } as const;
const PARALLELISM = { path: ["spec", "parallelism"], default: 1 } as const;

const none = (): readonly RuntimeLabel[] => [];
const keys =
  (...names: readonly string[]) =>
  (): readonly RuntimeLabel[] =>
    names.map((key) => ({ key, value: undefined }));

const jobLabels = (name: string | undefined): readonly RuntimeLabel[] => [
  { key: "batch.kubernetes.io/job-name", value: name },
  { key: "job-name", value: name },
  { key: "batch.kubernetes.io/controller-uid", value: undefined },
  { key: "controller-uid", value: undefined },
  { key: "batch.kubernetes.io/job-completion-index", value: undefined },
];

const knativeLabels = (name: string): readonly RuntimeLabel[] => [
  { key: "serving.knative.dev/service", value: name },
  { key: "serving.knative.dev/configuration", value: name },
  { key: "serving.knative.dev/revision", value: undefined },
  { key: "serving.knative.dev/revisionUID", value: undefined },
];

const virtualMachineLabels = (name: string): readonly RuntimeLabel[] => [
  { key: "kubevirt.io", value: "virt-launcher" },
  { key: "vm.kubevirt.io/name", value: name },
  { key: "kubevirt.io/created-by", value: undefined },
];

const row = (
  kind: string,
  groups: readonly string[],
  details: Partial<Omit<WorkloadKind, "kind" | "groups">> = {},
): WorkloadKind => ({
  kind,
  groups,
  templates: [SPEC_TEMPLATE],
  replicas: REPLICAS,
  selector: "LabelSelector",
  runtimeLabels: none,
  foreign: false,
  ...details,
});

const kruise = ["apps.kruise.io"] as const;
const foreign = { foreign: true } as const;

/** Every kind that is known to make pods. */
export const workloadKinds: readonly WorkloadKind[] = [
  row("Pod", [""], { templates: [[]], replicas: undefined }),
  row("Deployment", ["apps", "extensions"], { runtimeLabels: keys("pod-template-hash") }),
  row("ReplicaSet", ["apps", "extensions"], { runtimeLabels: keys("pod-template-hash") }),
  row("StatefulSet", ["apps"], {
    runtimeLabels: keys(
      "statefulset.kubernetes.io/pod-name",
      "apps.kubernetes.io/pod-index",
      "controller-revision-hash",
    ),
  }),
  row("DaemonSet", ["apps", "extensions"], {
    replicas: undefined,
    runtimeLabels: keys("controller-revision-hash", "pod-template-generation"),
  }),
  row("ReplicationController", [""], { selector: "map" }),
  row("Job", ["batch", "extensions"], { replicas: PARALLELISM, runtimeLabels: jobLabels }),
  row("CronJob", ["batch"], {
    templates: [["spec", "jobTemplate", "spec", "template"]],
    replicas: { path: ["spec", "jobTemplate", "spec", "parallelism"], default: 1 },

    runtimeLabels: () => jobLabels(undefined),
  }),
  row("PodTemplate", [""], { templates: [["template"]], replicas: { path: [], default: 0 } }),
  row("Rollout", ["argoproj.io"], { runtimeLabels: keys("rollouts-pod-template-hash") }),
  row("DeploymentConfig", ["apps.openshift.io", ""], {
    replicas: { path: ["spec", "replicas"], default: 0 },
    selector: "map",
    runtimeLabels: (name) => [
      { key: "deploymentconfig", value: name },
      { key: "deployment", value: undefined },
    ],
  }),
  row("Service", ["serving.knative.dev"], { ...foreign, replicas: undefined, runtimeLabels: knativeLabels }),
  row("Configuration", ["serving.knative.dev"], { ...foreign, replicas: undefined, runtimeLabels: knativeLabels }),
  row("Revision", ["serving.knative.dev"], {
    ...foreign,
    templates: [[]],
    replicas: undefined,
    runtimeLabels: keys("serving.knative.dev/service", "serving.knative.dev/configuration"),
  }),
  row("CloneSet", kruise, {
    ...foreign,
    runtimeLabels: keys("apps.kruise.io/cloneset-instance-id", "controller-revision-hash"),
  }),
  row("StatefulSet", kruise, {
    ...foreign,
    runtimeLabels: keys(
      "statefulset.kubernetes.io/pod-name",
      "apps.kubernetes.io/pod-index",
      "controller-revision-hash",
    ),
  }),
  row("DaemonSet", kruise, { ...foreign, replicas: undefined }),
  row("UnitedDeployment", kruise, {
    ...foreign,
    templates: ["deploymentTemplate", "statefulSetTemplate", "advancedStatefulSetTemplate", "cloneSetTemplate"].map(
      (template) => ["spec", "template", template, "spec", "template"],
    ),
  }),
  row("BroadcastJob", kruise, { ...foreign, replicas: undefined }),
  row("AdvancedCronJob", kruise, {
    ...foreign,
    templates: ["jobTemplate", "broadcastJobTemplate"].map((template) => [
      "spec",
      "template",
      template,
      "spec",
      "template",
    ]),
    replicas: undefined,
  }),
  row("VirtualMachineInstance", ["kubevirt.io"], { ...foreign, templates: [[]], runtimeLabels: virtualMachineLabels }),
  row("VirtualMachine", ["kubevirt.io"], { ...foreign, runtimeLabels: virtualMachineLabels }),
  row("VirtualMachineInstanceReplicaSet", ["kubevirt.io"], { ...foreign }),
  row("VirtualMachinePool", ["pool.kubevirt.io"], {
    ...foreign,
    templates: [["spec", "virtualMachineTemplate", "spec", "template"]],
  }),
];

/** The row of a kind, by its own spelling and API group. */
export const workloadKindOf = (apiVersion: string, kind: string): WorkloadKind | undefined => {
  const group = groupOf(apiVersion);
  return workloadKinds.find((known) => known.kind === kind && known.groups.includes(group));
};
