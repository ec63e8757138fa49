/** A version of an API that some release of Kubernetes was the first not to serve. */
export interface RemovedApi {
  readonly kinds: readonly string[];
  readonly versions: readonly string[];
  /** Minor release of Kubernetes 1 that serves it no more. */
  readonly removedIn: number;
  /** What replaces it; `undefined` where nothing does. */
  readonly use: string | undefined;
  /** What a manifest must not contain for its `apiVersion` alone to need a change; `undefined`: more always does. */
  readonly sameUnless: RegExp | undefined;
}

const NOTHING = /(?!)/;
const WORKLOAD_FIELDS = /\b(?:rollbackTo|templateGeneration)["']?:/;

const row = (
  kinds: readonly string[],
  versions: readonly string[],
  removedIn: number,
  use: string | undefined,
  sameUnless: RegExp | undefined = undefined,
): RemovedApi => ({ kinds, versions, removedIn, use, sameUnless });

/**
 * Versions that are gone, with what to use in their place.
 * Source: kubernetes/api zz_generated.prerelease-lifecycle.go; the deprecated API migration guide. What 1.6 and older
 * releases removed is from their release notes.
 */
const removedApis: readonly RemovedApi[] = [
  row(["Deployment"], ["extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"], 16, "apps/v1", WORKLOAD_FIELDS),
  row(["ReplicaSet", "DaemonSet"], ["extensions/v1beta1", "apps/v1beta2"], 16, "apps/v1", WORKLOAD_FIELDS),
  row(["StatefulSet"], ["apps/v1beta1", "apps/v1beta2"], 16, "apps/v1", WORKLOAD_FIELDS),
  row(["ControllerRevision"], ["apps/v1beta1", "apps/v1beta2"], 16, "apps/v1", NOTHING),
  row(["PetSet"], ["apps/v1alpha1"], 5, "apps/v1 StatefulSet"),
  row(["Job"], ["extensions/v1beta1"], 6, "batch/v1"),
  row(["CronJob", "ScheduledJob"], ["batch/v2alpha1"], 21, "batch/v1 CronJob"),
  row(["CronJob"], ["batch/v1beta1"], 25, "batch/v1", NOTHING),
  row(["Ingress"], ["extensions/v1beta1", "networking.k8s.io/v1beta1"], 22, "networking.k8s.io/v1"),
  row(["IngressClass"], ["networking.k8s.io/v1beta1"], 22, "networking.k8s.io/v1", NOTHING),
  row(["NetworkPolicy"], ["extensions/v1beta1"], 16, "networking.k8s.io/v1", NOTHING),
  // An empty selector meant no pod in v1beta1, and means every pod in v1.
  row(["PodDisruptionBudget"], ["policy/v1beta1"], 25, "policy/v1", /\bselector["']?:\s*(?:\{\s*\}|null|$)/m),
  row(["PodSecurityPolicy"], ["extensions/v1beta1"], 16, undefined),
  row(["PodSecurityPolicy"], ["policy/v1beta1"], 25, undefined),
  row(["HorizontalPodAutoscaler"], ["extensions/v1beta1"], 6, "autoscaling/v1"),
  row(["HorizontalPodAutoscaler"], ["autoscaling/v2beta1"], 25, "autoscaling/v2"),
  row(["HorizontalPodAutoscaler"], ["autoscaling/v2beta2"], 26, "autoscaling/v2", NOTHING),
  row(["EndpointSlice"], ["discovery.k8s.io/v1alpha1"], 21, "discovery.k8s.io/v1"),
  row(["EndpointSlice"], ["discovery.k8s.io/v1beta1"], 25, "discovery.k8s.io/v1", /\btopology["']?:/),
  row(
    ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"],
    ["admissionregistration.k8s.io/v1beta1"],
    22,
    "admissionregistration.k8s.io/v1",
  ),
  row(["CustomResourceDefinition"], ["apiextensions.k8s.io/v1beta1"], 22, "apiextensions.k8s.io/v1"),
  row(["APIService"], ["apiregistration.k8s.io/v1beta1"], 22, "apiregistration.k8s.io/v1", NOTHING),
  row(["IPAddress", "ServiceCIDR"], ["networking.k8s.io/v1beta1"], 37, "networking.k8s.io/v1", NOTHING),
  row(
    ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"],
    ["rbac.authorization.k8s.io/v1beta1"],
    22,
    "rbac.authorization.k8s.io/v1",
    NOTHING,
  ),
];

const byVersion = new Map(
  removedApis.flatMap(({ versions }) =>
    versions.map((version) => [version, removedApis.filter((api) => api.versions.includes(version))]),
  ),
);

/** What became of a kind in a version of its API; `undefined` where no release has removed it. */
export const findRemovedApi = (apiVersion: string, kind: string): RemovedApi | undefined =>
  byVersion.get(apiVersion)?.find(({ kinds }) => kinds.includes(kind));
