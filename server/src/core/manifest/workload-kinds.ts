import { groupOf } from "./api-groups.ts";
import type { Labels, RuntimeLabel } from "./model.ts";

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
  /** Labels that its controller adds to the pods. */
  readonly runtimeLabels: (made: Labelled) => readonly RuntimeLabel[];
  /** A foreign kind whose layout is known from its documentation only. */
  readonly foreign: boolean;
}

/** What a controller's labels depend on. */
export interface Labelled {
  /** The workload's name. */
  readonly name: string;
  /** Labels that its template gives the pods. */
  readonly labels: Labels;
  /** A Job with `completionMode: Indexed`. */
  readonly indexed: boolean;
}

const SPEC_TEMPLATE = ["spec", "template"] as const;
const REPLICAS = { path: ["spec", "replicas"], default: 1 } as const;
const PARALLELISM = { path: ["spec", "parallelism"], default: 1 } as const;

const none = (): readonly RuntimeLabel[] => [];

/** A label of which nothing but the key is known beforehand. */
const keyOnly = (key: string): RuntimeLabel => ({ key, value: undefined, prefix: "" });

const known = (key: string, value: string): RuntimeLabel => ({ key, value, prefix: "" });

/** A label whose value is the name of something that the workload makes: its own name and more. */
const named = (key: string, owner: string): RuntimeLabel => ({ key, value: undefined, prefix: `${owner}-` });

const keys =
  (...names: readonly string[]) =>
  (): readonly RuntimeLabel[] =>
    names.map(keyOnly);

const statefulLabels = ({ name }: Labelled): readonly RuntimeLabel[] => [
  named("statefulset.kubernetes.io/pod-name", name),
  keyOnly("apps.kubernetes.io/pod-index"),
  named("controller-revision-hash", name),
];

const jobLabels = (nameOf: (key: string) => RuntimeLabel, indexed: boolean): readonly RuntimeLabel[] => [
  nameOf("batch.kubernetes.io/job-name"),
  nameOf("job-name"),
  keyOnly("batch.kubernetes.io/controller-uid"),
  keyOnly("controller-uid"),
  ...(indexed ? [keyOnly("batch.kubernetes.io/job-completion-index")] : []),
];

const knativeLabels = ({ name, labels }: Labelled): readonly RuntimeLabel[] => [
  known("serving.knative.dev/service", name),
  known("serving.knative.dev/configuration", name),
  named("serving.knative.dev/revision", name),
  keyOnly("serving.knative.dev/revisionUID"),
  ...unlessWritten(labels, named("app", name)),
];

/** Source: knative/serving pkg/reconciler/revision/resources/meta.go, makeLabels. */
const revisionLabels = ({ name, labels }: Labelled): readonly RuntimeLabel[] => [
  known("serving.knative.dev/revision", name),
  keyOnly("serving.knative.dev/revisionUID"),
  ...unlessWritten(labels, keyOnly("serving.knative.dev/service")),
  ...unlessWritten(labels, keyOnly("serving.knative.dev/configuration")),
  ...unlessWritten(labels, known("app", name)),
];

/** A label that a controller leaves as it is where somebody gave one. */
const unlessWritten = ({ entries }: Labels, label: RuntimeLabel): readonly RuntimeLabel[] =>
  entries.some(({ key }) => key.value === label.key) ? [] : [label];

const virtualMachineLabels = ({ name }: Labelled): readonly RuntimeLabel[] => [
  known("kubevirt.io", "virt-launcher"),
  known("vm.kubevirt.io/name", name),
  keyOnly("kubevirt.io/created-by"),
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
  row("ReplicaSet", ["apps", "extensions"]),
  row("StatefulSet", ["apps"], {
    runtimeLabels: statefulLabels,
  }),
  row("DaemonSet", ["apps", "extensions"], {
    replicas: undefined,
    runtimeLabels: keys("controller-revision-hash", "pod-template-generation"),
  }),
  row("ReplicationController", [""], { selector: "map" }),
  row("Job", ["batch", "extensions"], {
    replicas: PARALLELISM,
    runtimeLabels: ({ name, indexed }) => jobLabels((key) => known(key, name), indexed),
  }),
  row("CronJob", ["batch"], {
    templates: [["spec", "jobTemplate", "spec", "template"]],
    replicas: { path: ["spec", "jobTemplate", "spec", "parallelism"], default: 1 },
    runtimeLabels: ({ name, indexed }) => jobLabels((key) => named(key, name), indexed),
  }),
  row("PodTemplate", [""], { templates: [["template"]], replicas: { path: [], default: 0 } }),
  row("Rollout", ["argoproj.io"], { runtimeLabels: keys("rollouts-pod-template-hash") }),
  row("DeploymentConfig", ["apps.openshift.io", ""], {
    replicas: { path: ["spec", "replicas"], default: 0 },
    selector: "map",
    runtimeLabels: ({ name }) => [known("deploymentconfig", name), named("deployment", name)],
  }),
  row("Service", ["serving.knative.dev"], { ...foreign, replicas: undefined, runtimeLabels: knativeLabels }),
  row("Configuration", ["serving.knative.dev"], { ...foreign, replicas: undefined, runtimeLabels: knativeLabels }),
  row("Revision", ["serving.knative.dev"], {
    ...foreign,
    templates: [[]],
    replicas: undefined,
    runtimeLabels: revisionLabels,
  }),
  row("CloneSet", kruise, {
    ...foreign,
    runtimeLabels: keys("apps.kruise.io/cloneset-instance-id", "controller-revision-hash"),
  }),
  row("StatefulSet", kruise, {
    ...foreign,
    runtimeLabels: statefulLabels,
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
  return workloadKinds.find((row) => row.kind === kind && row.groups.includes(group));
};
