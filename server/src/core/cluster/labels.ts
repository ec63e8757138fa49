import { isPlaceholder } from "../base/text.ts";
import type { LabelExpression, LabelSelector, Labels, RuntimeLabel, WorkloadManifest } from "../manifest/model.ts";

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

/**
 * Whether a selector leaves in the pod of a workload that has this number: name and number of the pods of a StatefulSet
 * are labels, too, and so is the index of those of an Indexed Job.
 */
export const selectsOrdinal = (selector: Labels, workload: WorkloadManifest, ordinal: number): boolean =>
  selector.entries.every(({ key, value }) => {
    const wanted = isPlaceholder(value.value) ? undefined : ordinalAskedFor(key.value, value.value, workload);
    return wanted === undefined || wanted === ordinal;
  });

/** Matches one entry of a selector against a workload's pods. */
export function matchEntry(key: string, value: string, workload: WorkloadManifest): LabelMatch {
  const runtime = workload.runtimeLabels.find((label) => label.key === key);
  if (runtime) return matchRuntimeLabel(runtime, value, workload);
  const label = podLabel(workload, key);
  if (label === value) return "certain";
  if (isPlaceholder(value)) return label === undefined && !hasUnknownLabels(workload) ? "none" : "possible";
  if (label !== undefined && isPlaceholder(label)) return "possible";
  return label === undefined && hasUnknownLabels(workload) ? "possible" : "none";
}

/** Matches one entry of a selector against the pod of a workload that has this number. */
export function matchEntryOfOrdinal(
  key: string,
  value: string,
  workload: WorkloadManifest,
  ordinal: number,
): LabelMatch {
  const match = matchEntry(key, value, workload);
  const wanted = isPlaceholder(value) ? undefined : ordinalAskedFor(key, value, workload);
  if (match === "none" || wanted === undefined) return match;
  return wanted === ordinal ? "certain" : "none";
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
  { key, value: known, prefix }: RuntimeLabel,
  value: string,
  workload: WorkloadManifest,
): LabelMatch {
  if (known === value) return "certain";
  if (isPlaceholder(value) || isPlaceholder(known ?? prefix)) return "possible";
  if (known !== undefined || !value.startsWith(prefix)) return "none";
  const ordinal = ordinalAskedFor(key, value, workload);
  if (ordinal === undefined) return "possible";
  return ordinal === "none" ? "none" : matchOrdinal(workload, ordinal);
}

function matchOrdinal({ firstOrdinal, replicas, completions }: WorkloadManifest, ordinal: number): LabelMatch {
  if (ordinal < firstOrdinal) return "none";
  if (replicas === undefined) return "possible";
  if (ordinal < firstOrdinal + replicas.value) return "certain";
  // The pods of an Indexed Job with the higher numbers come when others have ended.
  return completions !== undefined && ordinal < completions ? "possible" : "none";
}

/**
 * The number of the one pod that a selector entry asks for: `none` for a value that no pod can have, `undefined` for an
 * entry that is not about numbers.
 */
function ordinalAskedFor(key: string, value: string, { kind, name }: WorkloadManifest): number | "none" | undefined {
  switch (key) {
    case "statefulset.kubernetes.io/pod-name": {
      if (kind.value !== "StatefulSet" || isPlaceholder(name.value)) return undefined;
      const prefix = `${name.value}-`;
      return value.startsWith(prefix) ? ordinalOf(value.slice(prefix.length)) : "none";
    }
    case "apps.kubernetes.io/pod-index":
      return kind.value === "StatefulSet" ? ordinalOf(value) : undefined;
    case "batch.kubernetes.io/job-completion-index":
      return /Job$/.test(kind.value) ? ordinalOf(value) : undefined;
    default:
      return undefined;
  }
}

/** As controllers write numbers: `2`, never `02`. */
const ordinalOf = (text: string): number | "none" => (/^(?:0|[1-9]\d*)$/.test(text) ? Number(text) : "none");
