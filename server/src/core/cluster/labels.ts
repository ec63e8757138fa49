import { isPlaceholder } from "../base/text.ts";
import type { LabelSelector, Labels, WorkloadManifest } from "../manifest/model.ts";

/** Whether pods carry what a selector asks for; `possible` where only a cluster could tell. */
export type LabelMatch = "certain" | "possible" | "none";

/**
 * Matches a Service's selector against a workload's pods as the EndpointSlice controller does: every entry must equal a
 * pod label, other labels do not matter.
 */
export function matchSelector(selector: Labels, workload: WorkloadManifest): LabelMatch {
  let match: LabelMatch = workload.certainty === "known" ? "certain" : "possible";
  for (const { key, value } of selector.entries) {
    const found = matchEntry(key.value, value.value, workload);
    if (found === "none") return "none";
    if (found === "possible") match = "possible";
  }
  return match;
}

/** Whether a selector leaves in the pod of a StatefulSet that has this number: its name and number are labels, too. */
export const selectsOrdinal = (selector: Labels, { kind, name }: WorkloadManifest, ordinal: number): boolean =>
  kind.value !== "StatefulSet" ||
  selector.entries.every(({ key, value }) => {
    const wanted = statefulOrdinal(key.value, value.value, name.value);
    return wanted === undefined || wanted === ordinal;
  });

/** Matches one entry of a selector against a workload's pods. */
export function matchEntry(key: string, value: string, workload: WorkloadManifest): LabelMatch {
  const runtime = workload.runtimeLabels.find((label) => label.key === key);
  if (runtime) return matchRuntimeLabel(key, value, runtime.value, workload);
  const label = podLabel(workload, key);
  if (label === value) return "certain";
  if (isPlaceholder(value)) return label === undefined && !hasUnknownLabels(workload) ? "none" : "possible";
  if (label !== undefined && isPlaceholder(label)) return "possible";
  return label === undefined && hasUnknownLabels(workload) ? "possible" : "none";
}

/** The value of a pod label; of two equal keys the last one counts. */
export function podLabel(workload: WorkloadManifest, key: string): string | undefined {
  return workload.template.labels.entries.findLast((entry) => entry.key.value === key)?.value.value;
}

/** A workload's own selector against its own template. `undefined` where it needs none or the answer is unknown. */
export function selectsOwnTemplate(workload: WorkloadManifest, selector: LabelSelector): boolean | undefined {
  const labels = workload.template.labels.entries;
  const texts = [...labels, ...selector.matchLabels.entries].flatMap(({ key, value }) => [key.value, value.value]);
  if (texts.some(isPlaceholder)) return undefined;
  const carried = (key: string): string | undefined => labels.findLast((label) => label.key.value === key)?.value.value;
  return (
    selector.matchLabels.entries.every(({ key, value }) => carried(key.value) === value.value) &&
    selector.matchExpressions.every(({ key, operator, values }) => {
      const value = carried(key.value);
      const listed = values.some((candidate) => candidate.value === value);
      switch (operator.value) {
        case "In":
          return value !== undefined && listed;
        case "NotIn":
          return value === undefined || !listed;
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        default:
          return true;
      }
    })
  );
}

/** Labels that do not stand in the manifest: a template kept elsewhere, a key that is filled in later. */
const hasUnknownLabels = (workload: WorkloadManifest): boolean =>
  workload.workloadRef !== undefined || workload.template.labels.entries.some(({ key }) => isPlaceholder(key.value));

function matchRuntimeLabel(
  key: string,
  value: string,
  known: string | undefined,
  workload: WorkloadManifest,
): LabelMatch {
  if (known !== undefined) return known === value || isPlaceholder(value) ? "certain" : "none";
  if (workload.kind.value !== "StatefulSet") return "possible";
  const ordinal = statefulOrdinal(key, value, workload.name.value);
  if (ordinal === undefined) return key === "controller-revision-hash" ? "possible" : "none";
  const first = workload.firstOrdinal;
  const replicas = workload.replicas?.value ?? 1;
  return ordinal >= first && ordinal < first + replicas ? "certain" : "none";
}

function statefulOrdinal(key: string, value: string, name: string): number | undefined {
  const text =
    key === "apps.kubernetes.io/pod-index"
      ? value
      : key === "statefulset.kubernetes.io/pod-name" && value.startsWith(`${name}-`)
        ? value.slice(name.length + 1)
        : "";
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
