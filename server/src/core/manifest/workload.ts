import type { SourceRange } from "../base/source.ts";
import { container, containerPort, metadata, podSpec, workloadSpec } from "./field-names.ts";
import { readLabelSelector } from "./label-selector.ts";
import type {
  Container,
  ContainerPort,
  DnsConfig,
  LabelSelector,
  Labels,
  ObjectHeader,
  ObservedPod,
  PodTemplate,
  WorkloadManifest,
} from "./model.ts";
import {
  booleanAt,
  defaulted,
  fieldsOf,
  integerAt,
  itemsOf,
  labelsAt,
  type Notes,
  plainFields,
  stringAt,
  stringsAt,
  treeAt,
  wordAt,
} from "./read.ts";
import { readCompletions, readReplicas } from "./replicas.ts";
import { protocols } from "./service.ts";
import type { MapTree, Tree } from "./tree.ts";
import type { WorkloadKind } from "./workload-kinds.ts";

/** Reads a kind whose layout is known. */
export function readWorkload(header: ObjectHeader, tree: MapTree, kind: WorkloadKind, notes: Notes): WorkloadManifest {
  const path = kind.templates.find((candidate) => treeAt(tree, candidate) !== undefined) ?? kind.templates[0] ?? [];
  const bare = path.length === 0;
  const spec = fieldsOf(treeAt(tree, ["spec"]), bare ? podSpec : workloadSpec, "spec", notes);
  const template = readTemplate(tree, path, header, notes);
  const selectorKey = spec?.key("selector") ?? header.kind.range;
  const replicas = readReplicas(tree, kind, header);
  const completions = readCompletions(tree, kind, replicas);
  return {
    type: "Workload",
    certainty: "known",
    replicas,
    firstOrdinal: integerAt(treeAt(tree, ["spec", "ordinals", "start"]))?.value ?? 0,
    completions,
    selector: bare ? undefined : readSelector(spec?.get("selector"), selectorKey, kind, template.labels, notes),
    template,
    workloadRef: readWorkloadRef(tree),
    serviceName: kind.kind === "StatefulSet" ? stringAt(spec?.get("serviceName")) : undefined,
    runtimeLabels: kind.runtimeLabels({
      name: header.name.value,
      labels: template.labels,
      indexed: completions !== undefined,
    }),
    observed: kind.kind === "Pod" ? readPodStatus(tree, header) : undefined,
    ...header,
  };
}

/** Reads an unknown custom resource that carries a pod template where most do: it may well make such pods. */
export function readPossibleWorkload(header: ObjectHeader, tree: MapTree, notes: Notes): WorkloadManifest | undefined {
  if (itemsOf(treeAt(tree, ["spec", "template", "spec", "containers"])).length === 0) return undefined;
  return {
    type: "Workload",
    certainty: "possible",
    replicas: integerAt(treeAt(tree, ["spec", "replicas"])),
    firstOrdinal: 0,
    completions: undefined,
    selector: undefined,
    template: readTemplate(tree, ["spec", "template"], header, notes),
    workloadRef: undefined,
    serviceName: undefined,
    runtimeLabels: [],
    observed: undefined,
    ...header,
  };
}

function readWorkloadRef(tree: MapTree): WorkloadManifest["workloadRef"] {
  const kind = stringAt(treeAt(tree, ["spec", "workloadRef", "kind"]));
  const name = stringAt(treeAt(tree, ["spec", "workloadRef", "name"]));
  return kind && name ? { kind, name } : undefined;
}

function readSelector(
  tree: Tree | undefined,
  key: SourceRange,
  kind: WorkloadKind,
  podLabels: Labels,
  notes: Notes,
): LabelSelector | undefined {
  if (kind.selector === "map") {
    const matchLabels = labelsAt(tree, key);
    return { matchLabels: matchLabels.entries.length > 0 ? matchLabels : podLabels, matchExpressions: [], key };
  }
  return readLabelSelector(tree, key, "spec.selector", notes);
}

function readTemplate(tree: MapTree, path: readonly string[], header: ObjectHeader, notes: Notes): PodTemplate {
  const bare = path.length === 0;
  const where = path.join(".");
  const at = (name: string): string => (bare ? name : `${where}.${name}`);
  const parent = treeAt(tree, path.slice(0, -1));
  const key = parent?.kind === "map" && !bare ? plainFields(parent).key(path.at(-1) ?? "") : header.name.range;
  const template = treeAt(tree, path);
  const own = template?.kind === "map" ? plainFields(template) : undefined;
  const meta = bare ? undefined : fieldsOf(own?.get("metadata"), metadata, at("metadata"), notes);
  const spec = fieldsOf(own?.get("spec"), podSpec, at("spec"), notes);
  const labels = bare
    ? header.labels
    : labelsAt(meta?.get("labels"), meta?.has("labels") ? meta.key("labels") : (own?.key("metadata") ?? key));
  return {
    labels,
    containers: [
      ...readContainers(spec?.get("containers"), at("spec.containers"), false, notes),
      ...readContainers(spec?.get("initContainers"), at("spec.initContainers"), true, notes),
    ],
    hostNetwork: booleanAt(spec?.get("hostNetwork"))?.value ?? false,
    hostname: stringAt(spec?.get("hostname")),
    subdomain: stringAt(spec?.get("subdomain")),
    dnsPolicy: stringAt(spec?.get("dnsPolicy")) ?? defaulted("ClusterFirst", spec?.range ?? key),
    dnsConfig: readDnsConfig(spec?.get("dnsConfig")),
    enableServiceLinks: booleanAt(spec?.get("enableServiceLinks"))?.value ?? true,
    nodeName: stringAt(spec?.get("nodeName")),
    key,
  };
}

const readDnsConfig = (tree: Tree | undefined): DnsConfig => ({
  nameservers: stringsAt(treeAt(tree, ["nameservers"])),
  searches: stringsAt(treeAt(tree, ["searches"])),
  options: itemsOf(treeAt(tree, ["options"])).flatMap((option) => {
    const name = stringAt(treeAt(option, ["name"]));
    return name ? [{ name, value: stringAt(treeAt(option, ["value"])) }] : [];
  }),
});

function readContainers(list: Tree | undefined, path: string, init: boolean, notes: Notes): readonly Container[] {
  return itemsOf(list).flatMap((item, index): Container[] => {
    const fields = fieldsOf(item, container, `${path}[${index}]`, notes);
    if (fields === undefined) return [];
    const always = stringAt(fields.get("restartPolicy"))?.value === "Always";
    return [
      {
        name: stringAt(fields.get("name")) ?? defaulted("", fields.range),
        role: !init ? "main" : always ? "sidecar" : "init",
        ports: itemsOf(fields.get("ports")).flatMap((port, portIndex) =>
          readContainerPort(port, `${path}[${index}].ports[${portIndex}]`, notes),
        ),
        env: itemsOf(fields.get("env")).flatMap((variable) => stringAt(treeAt(variable, ["name"])) ?? []),
      },
    ];
  });
}

function readContainerPort(tree: Tree | undefined, path: string, notes: Notes): ContainerPort[] {
  const fields = fieldsOf(tree, containerPort, path, notes);
  const number = integerAt(fields?.get("containerPort"));
  if (fields === undefined) return [];
  return [
    {
      name: stringAt(fields.get("name")),
      containerPort: number ?? defaulted(0, fields.key("containerPort")),
      protocol:
        wordAt(fields.get("protocol"), protocols, `${path}.protocol`, notes) ??
        defaulted("TCP", number?.range ?? fields.range),
    },
  ];
}

function readPodStatus(tree: MapTree, header: ObjectHeader): ObservedPod | undefined {
  const status = treeAt(tree, ["status"]);
  if (status?.kind !== "map") return undefined;
  const podIP = stringAt(treeAt(status, ["podIP"]));
  const podIPs = itemsOf(treeAt(status, ["podIPs"])).flatMap((item) => stringAt(treeAt(item, ["ip"])) ?? []);
  const ready = itemsOf(treeAt(status, ["conditions"])).find(
    (condition) => stringAt(treeAt(condition, ["type"]))?.value === "Ready",
  );
  const phase = stringAt(treeAt(status, ["phase"]))?.value;
  if (podIP === undefined && podIPs.length === 0 && phase === undefined) return undefined;
  return {
    podIPs: podIPs.length > 0 ? podIPs : podIP ? [podIP] : [],
    phase,
    nodeName: stringAt(treeAt(tree, ["spec", "nodeName"]))?.value,
    ready: ready === undefined ? phase !== "Pending" : stringAt(treeAt(ready, ["status"]))?.value === "True",
    terminating: stringAt(treeAt(tree, ["metadata", "deletionTimestamp"])) !== undefined,
    running: phase !== "Succeeded" && phase !== "Failed" && header.name.value !== "",
  };
}
