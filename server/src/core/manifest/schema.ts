/**
 * Field names of the types that Portolan reads, as the API spells them, so that a wrong spelling can be told from an
 * unknown field.
 * Source: kubernetes/api core/v1, apps/v1, batch/v1, discovery/v1 at v1.34.
 */
export const topLevel = [
  "apiVersion",
  "kind",
  "metadata",
  "spec",
  "status",
  "data",
  "items",
  "subsets",
  "endpoints",
  "ports",
  "addressType",
  "template",
];

export const metadata = [
  "name",
  "generateName",
  "namespace",
  "labels",
  "annotations",
  "ownerReferences",
  "finalizers",
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generation",
  "managedFields",
  "selfLink",
];

export const serviceSpec = [
  "type",
  "selector",
  "ports",
  "clusterIP",
  "clusterIPs",
  "externalIPs",
  "externalName",
  "externalTrafficPolicy",
  "internalTrafficPolicy",
  "healthCheckNodePort",
  "ipFamilies",
  "ipFamilyPolicy",
  "loadBalancerIP",
  "loadBalancerClass",
  "loadBalancerSourceRanges",
  "allocateLoadBalancerNodePorts",
  "publishNotReadyAddresses",
  "sessionAffinity",
  "sessionAffinityConfig",
  "trafficDistribution",
];

export const servicePort = ["name", "port", "protocol", "targetPort", "nodePort", "appProtocol"];

export const workloadSpec = [
  "selector",
  "template",
  "replicas",
  "serviceName",
  "strategy",
  "updateStrategy",
  "minReadySeconds",
  "revisionHistoryLimit",
  "paused",
  "progressDeadlineSeconds",
  "podManagementPolicy",
  "volumeClaimTemplates",
  "ordinals",
  "persistentVolumeClaimRetentionPolicy",
  "parallelism",
  "completions",
  "completionMode",
  "backoffLimit",
  "activeDeadlineSeconds",
  "ttlSecondsAfterFinished",
  "suspend",
  "manualSelector",
  "jobTemplate",
  "schedule",
  "timeZone",
  "concurrencyPolicy",
  "startingDeadlineSeconds",
  "successfulJobsHistoryLimit",
  "failedJobsHistoryLimit",
];

export const labelSelector = ["matchLabels", "matchExpressions"];

export const podSpec = [
  "containers",
  "initContainers",
  "ephemeralContainers",
  "volumes",
  "restartPolicy",
  "nodeName",
  "nodeSelector",
  "hostNetwork",
  "hostname",
  "subdomain",
  "dnsPolicy",
  "dnsConfig",
  "enableServiceLinks",
  "serviceAccountName",
  "serviceAccount",
  "affinity",
  "tolerations",
  "securityContext",
  "imagePullSecrets",
  "terminationGracePeriodSeconds",
  "priorityClassName",
  "hostAliases",
  "topologySpreadConstraints",
  "automountServiceAccountToken",
  "hostPID",
  "hostIPC",
  "hostUsers",
  "shareProcessNamespace",
  "schedulerName",
  "runtimeClassName",
  "readinessGates",
  "overhead",
  "os",
  "preemptionPolicy",
  "priority",
  "setHostnameAsFQDN",
  "activeDeadlineSeconds",
  "schedulingGates",
  "resourceClaims",
  "resources",
  "hostnameOverride",
];

export const container = [
  "name",
  "image",
  "ports",
  "env",
  "envFrom",
  "command",
  "args",
  "workingDir",
  "resources",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
  "volumeMounts",
  "volumeDevices",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
  "terminationMessagePath",
  "terminationMessagePolicy",
  "imagePullPolicy",
  "securityContext",
  "stdin",
  "stdinOnce",
  "tty",
];

export const containerPort = ["name", "containerPort", "protocol", "hostPort", "hostIP"];

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
