/** `apps` of `apps/v1`, empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** Whether an API group is one of Kubernetes' own. */
export const isBuiltInGroup = (group: string): boolean =>
  ["", "apps", "batch", "extensions", "autoscaling", "policy"].includes(group) || /(?:^|\.)k8s\.io$/.test(group);

const WITHOUT_PODS: readonly RegExp[] = [
  /(?:^|\.)istio\.io$/,
  /^(?:acme\.)?cert-manager\.io$/,
  /^traefik\.(?:io|containo\.us)$/,
  /^argoproj\.io$/,
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
 * Whether a custom resource may stand for pods that an operator makes. Known configuration of meshes, certificates and
 * routes does not, nor do Prometheus' monitors and rules.
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
