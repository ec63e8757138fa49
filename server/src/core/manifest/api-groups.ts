/** `apps` of `apps/v1`, empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/**
 * Whether an API group is one that the API server itself serves. Others may lie in its domain, `k8s.io`, as well: anybody
 * may define custom resources there, and subprojects do.
 */
export const isBuiltInGroup = (group: string): boolean => builtInGroups.has(group);

/**
 * Every group that Kubernetes serves or ever served.
 * Source: the files of api/openapi-spec/v3 in kubernetes/kubernetes, as of November 2026; the last three are gone from
 * there, and their types lay in staging/src/k8s.io/api.
 */
const builtInGroups: ReadonlySet<string> = new Set([
  "",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "checkpoint.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "internal.apiserver.k8s.io",
  "lifecycle.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
  "auditregistration.k8s.io",
  "extensions",
  "settings.k8s.io",
]);

const WITHOUT_PODS: readonly RegExp[] = [
  /^(?:gateway|policy)\.networking\.k8s\.io$/,
  /^(?:group)?snapshot\.storage\.k8s\.io$/,
  /(?:^|\.)config\.k8s\.io$/,
  /^(?:kubeadm|audit|autoscaling|app|externaldns|certmanager)\.k8s\.io$/,
  /(?:^|\.)istio\.io$/,
  /^(?:acme\.)?cert-manager\.io$/,
  /^traefik\.(?:io|containo\.us)$/,
  /^(?:split|specs|access)\.smi-spec\.io$/,
  /^cloud\.google\.com$/,
  /^networking\.gke\.io$/,
  /^bitnami\.com$/,
  /^external-secrets\.io$/,
  /^kyverno\.io$/,
  /^(?:[a-z]+\.)?linkerd\.io$/,
  /^flagger\.app$/,
  /^keda\.sh$/,
];

/**
 * Whether a custom resource may stand for pods that an operator makes. Known configuration of meshes, certificates,
 * routes and Kubernetes' own components does not, nor do Prometheus' monitors and rules.
 */
export function mayMakePods(group: string, kind: string): boolean {
  if (isBuiltInGroup(group)) return false;
  if (group === "monitoring.coreos.com") return /^(?:Prometheus|PrometheusAgent|Alertmanager|ThanosRuler)$/.test(kind);
  if (group === "argoproj.io")
    return /^(?:Application|ApplicationSet|Workflow|CronWorkflow|EventBus|EventSource|Sensor)$/.test(kind);
  return !WITHOUT_PODS.some((known) => known.test(group));
}

/** Kinds of Kubernetes' own API groups, to tell a kind in the wrong case from a foreign one. */
export const builtInKinds = [
  "Service",
  "Pod",
  "Deployment",
  "ReplicaSet",
  "StatefulSet",
  "DaemonSet",
  "ReplicationController",
  "Job",
  "CronJob",
  "PodTemplate",
  "Endpoints",
  "EndpointSlice",
  "Node",
  "Namespace",
  "ConfigMap",
  "Secret",
  "ServiceAccount",
  "Ingress",
  "IngressClass",
  "NetworkPolicy",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "StorageClass",
  "Role",
  "RoleBinding",
  "ClusterRole",
  "ClusterRoleBinding",
  "HorizontalPodAutoscaler",
  "PodDisruptionBudget",
  "ResourceQuota",
  "LimitRange",
  "CustomResourceDefinition",
  "APIService",
  "ValidatingWebhookConfiguration",
  "MutatingWebhookConfiguration",
  "PriorityClass",
  "List",
];
