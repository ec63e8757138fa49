/**
 * Field names of the types that Portolan reads, as the API spells them, so that a wrong spelling can be told from an
 * unknown field.
 * Source: kubernetes/api core/v1, apps/v1, batch/v1, discovery/v1, networking/v1 at v1.34.
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

export const networkPolicySpec = ["podSelector", "policyTypes", "ingress", "egress"];

/** Besides these an ingress rule has `from`, an egress rule `to`. */
export const networkPolicyRule = ["ports"];

export const networkPolicyPeer = ["podSelector", "namespaceSelector", "ipBlock"];

export const ipBlock = ["cidr", "except"];

export const networkPolicyPort = ["protocol", "port", "endPort"];
