import { isPlaceholder } from "../base/text.ts";
import type { LabelExpression, LabelSelector, Labels, WorkloadManifest } from "../manifest/model.ts";

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

/** A workload's own selector against its own template. `undefined` where a placeholder leaves it open. */
export function selectsOwnTemplate(workload: WorkloadManifest, selector: LabelSelector): boolean | undefined {
  const { matchLabels, matchExpressions } = selector;
  const isMet =
    matchLabels.entries.every(({ key, value }) => podLabel(workload, key.value) === value.value) &&
    matchExpressions.every((expression) => isExpressionMet(workload, expression));
  if (isMet) return true;
  const labels = [...workload.template.labels.entries, ...matchLabels.entries];
  return labels.some(({ key, value }) => isPlaceholder(key.value) || isPlaceholder(value.value)) ? undefined : false;
}

function isExpressionMet(workload: WorkloadManifest, { key, operator, values }: LabelExpression): boolean {
  const label = podLabel(workload, key.value);
  const isListed = values.some(({ value }) => value === label);
  switch (operator.value) {
    case "In":
      return label !== undefined && isListed;
    case "NotIn":
      return label === undefined || !isListed;
    case "Exists":
      return label !== undefined;
    case "DoesNotExist":
      return label === undefined;
    default:
      return true;
  }
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
