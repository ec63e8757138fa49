import { list, type Message, message, quote } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";
import { isPlaceholder } from "../base/text.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { NearMiss } from "../cluster/near-miss.ts";
import type { Reach } from "../cluster/reach.ts";
import type { Resolution } from "../cluster/resolution.ts";
import { isClosed, seesAbsence } from "../cluster/scope.ts";
import type { Labels, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { folderOf } from "../workspace/folders.ts";
import { filesIn, manifestsOf, type Snapshot } from "../workspace/snapshot.ts";
import { isWithinRange, textAt } from "./edits.ts";
import { bringTogether } from "./orphan-fixes.ts";
import type { Finding, Related, Rule } from "./rule.ts";
import { describeObject, listLabels, listObjects } from "./words.ts";

/**
 * A Service whose selector matches no pod that is deployed with it.
 *
 * Mirrors the EndpointSlice controller: every selector entry must equal a pod label, and only pods of the Service's own
 * namespace count.
 */
export const orphanService = {
  id: "orphan-service",
  on: "Service",
  severity: "warning",
  title: message`Service selects no pods`,
  why: message`Its EndpointSlices stay empty, so kube-proxy rejects every connection to its cluster IP`,
  remedy: message`Make the selector a subset of the labels in a pod template of the same namespace`,
  source: "https://kubernetes.io/docs/concepts/services-networking/service/",
  details: `
Pods are looked for where a Service's pods usually are: in its own folder, then in the folders below, then in the trees of
the folders above, up to the root of the workspace. Trees that hold another Service of the same name (\`dev/\`, \`prod/\`)
have their own pods and are left out. A namespace that is not written fits any other.

Most Services without pods in sight are sound, because something else makes the pods: an operator, a chart that is
installed separately, the cluster itself. So a finding is a warning only with evidence that some workload was meant:

- one label is off by a letter or two;
- the selector asks for a pod of a StatefulSet that has fewer pods;
- the labels match, but Service and workload name different namespaces;
- the workload goes by the Service's name, or the selector asks for the name or the own labels of the workload instead of
  those of its pods;
- of several labels the pods have one with another value, carry a value under another key, or lack one.

Without evidence it is a hint. So is anything but a slip of letters beside custom resources, of which an operator may make
pods. In the territory of a kustomization or a chart, beside a template or a manifest that cannot be read, and for a
placeholder in the selector, nothing is said. A Service that selects only workloads scaled to 0 is no orphan: that is
information at most, and none where an autoscaler or a Rollout looks after the workload.
`,

  *check(service, cluster) {
    const findings = cluster.resolve(service).map((resolution) => {
      const { endpoints, reach } = resolution;
      if (endpoints.kind !== "selected" || reach === undefined) return undefined;
      const finding =
        endpoints.pods.length > 0
          ? scaledToZero(cluster, resolution)
          : orphan(cluster, service, endpoints.selector, reach);
      return finding && seesAbsence(resolution.scope) ? finding : undefined;
    });
    // Somebody may well scale to 0 in one of several environments.
    const [first] = findings;
    if (first && findings.every((finding) => finding !== undefined)) yield first;
  },
} as const satisfies Rule<"Service">;

function orphan({ snapshot }: Cluster, service: ServiceManifest, selector: Labels, reach: Reach): Finding | undefined {
  if (selector.entries.some(({ key, value }) => isUnknown(key.value) || isUnknown(value.value))) return undefined;
  const { nearMiss } = reach;
  const isCertain = nearMiss !== undefined && (isClosed(reach.site.scope) || nearMiss.because === "slip");
  const fact = describeAbsence(service, selector, isCertain);
  return {
    range: rangeOf(service, selector, nearMiss),
    message: nearMiss ? message`${fact}; ${describeNearMiss(nearMiss)}` : fact,
    related: relatedTo(service, reach),
    fixes: nearMiss ? bringTogether(snapshot, service, selector, nearMiss) : [],
    ...(isCertain ? {} : { atMost: "hint" as const }),
  };
}

/** A placeholder, or a text that no label may be: something will fill it in. */
const isUnknown = (text: string): boolean => isPlaceholder(text) || /[^\w./-]/.test(text);

function describeAbsence({ namespace }: ServiceManifest, selector: Labels, isCertain: boolean): Message {
  const labels = listLabels(selector.entries);
  if (!isCertain) return message`no manifest here makes pods with ${labels}`;
  return namespace.origin === "default"
    ? message`no pod has ${labels}`
    : message`no pod in namespace ${quote(namespace.value)} has ${labels}`;
}

function describeNearMiss({ workload, wrong, because }: NearMiss): Message {
  if (because === "namespace") {
    return message`${describeObject(workload)} is in namespace ${quote(workload.namespace.value)}`;
  }
  if (because === "ordinal") {
    const podName = (index: number) => quote(`${workload.name.value}-${workload.firstOrdinal + index}`);
    return message`${describeObject(workload)} has pods ${podName(0)} to ${podName((workload.replicas?.value ?? 1) - 1)}`;
  }
  const nearest = workload.kind.value === "Pod" ? quote(workload.name.value) : message`of ${describeObject(workload)}`;
  const present = wrong.flatMap(({ instead }) => instead?.label ?? []);
  const absent = list(wrong.flatMap(({ entry, instead }) => (instead ? [] : [quote(entry.key.value)])));
  if (present.length === 0) return message`the nearest, ${nearest}, has no label ${absent}`;
  if (absent.items.length === 0) return message`the nearest, ${nearest}, has ${listLabels(present)}`;
  return message`the nearest, ${nearest}, has ${listLabels(present)} and no label ${absent}`;
}

/** The one label that is wrong, where it is one and stands in the Service itself; else the word `selector`. */
function rangeOf(service: ServiceManifest, selector: Labels, nearMiss: NearMiss | undefined): SourceRange {
  const only = nearMiss?.wrong.length === 1 ? nearMiss.wrong[0] : undefined;
  const places = [
    only?.instead?.kind === "key" ? only.entry.key.range : only?.entry.value.range,
    nearMiss?.because === "namespace" ? service.namespace.range : undefined,
    selector.key,
  ];
  return places.find((place) => place && isWithinRange(place, service.range)) ?? service.name.range;
}

function relatedTo(service: ServiceManifest, { nearMiss, elsewhere }: Reach): readonly Related[] {
  if (nearMiss) return [describeClosest(nearMiss)];
  return elsewhere.slice(0, 3).map((workload) => ({
    range: workload.name.range,
    message:
      workload.namespace.origin === "written" && workload.namespace.value !== service.namespace.value
        ? message`${describeObject(workload)} has them in namespace ${quote(workload.namespace.value)}`
        : message`${describeObject(workload)} has them, but is not deployed with this Service`,
  }));
}

function describeClosest({ workload, wrong, because }: NearMiss): Related {
  if (because === "namespace") {
    return { range: workload.namespace.range, message: message`the namespace of ${describeObject(workload)}` };
  }
  if (because === "ordinal") {
    return {
      range: workload.replicas?.range ?? workload.name.range,
      message: message`the replicas of ${describeObject(workload)}`,
    };
  }
  const label = wrong.length === 1 ? wrong[0]?.instead?.label : undefined;
  return {
    range: label && isWithinRange(label.value.range, workload.range) ? label.value.range : workload.template.labels.key,
    message: message`the closest pod labels: ${describeObject(workload)}`,
  };
}

/** The pods of a workload scaled to 0 are not there, on purpose or not. */
function scaledToZero({ snapshot }: Cluster, { service, endpoints, reach }: Resolution): Finding | undefined {
  if (endpoints.kind !== "selected" || reach === undefined) return undefined;
  const workloads = endpoints.pods.map(({ workload }) => workload);
  const isIdle = workloads.every(
    ({ replicas, kind }) =>
      replicas?.origin === "written" && replicas.value === 0 && !/Job$|^VirtualMachine(?:Pool)?$/.test(kind.value),
  );
  if (!isIdle || !isClosed(reach.site.scope) || workloads.some((workload) => isScaledByOthers(snapshot, workload)))
    return undefined;
  return {
    range: isWithinRange(endpoints.selector.key, service.range) ? endpoints.selector.key : service.name.range,
    message: message`selects only workloads scaled to 0: ${listObjects(workloads)}`,
    related: workloads.slice(0, 3).map((workload) => ({
      range: workload.replicas?.range ?? workload.name.range,
      message: message`the replicas of ${describeObject(workload)}`,
    })),
    fixes: [],
    atMost: "information",
  };
}

/** Whether an autoscaler or a Rollout beside a workload names it. */
function isScaledByOthers(snapshot: Snapshot, workload: WorkloadManifest): boolean {
  for (const manifest of manifestsOf(filesIn(snapshot, folderOf(workload.range.uri)))) {
    if (!/^(?:HorizontalPodAutoscaler|ScaledObject|Rollout)$/.test(manifest.kind.value)) continue;
    if (textAt(snapshot, manifest.range).includes(workload.name.value)) return true;
  }
  return false;
}
