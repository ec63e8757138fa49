import { message } from "../base/message.ts";
import { isPlaceholder } from "../base/text.ts";
import { matchSelector } from "../cluster/labels.ts";
import type { NearMiss, WrongEntry } from "../cluster/near-miss.ts";
import type { Label, Labels, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { labelKey, type Snapshot } from "../workspace/snapshot.ts";
import { addLabel, isWithinRange, removeLabel, replaceScalar } from "./edits.ts";
import type { Fix, TextEdit } from "./rule.ts";
import { describeLabel, describePods } from "./words.ts";

/** Fixes that bring a Service and the workload it was meant for together, on either side. */
export function bringTogether(
  snapshot: Snapshot,
  service: ServiceManifest,
  selector: Labels,
  nearMiss: NearMiss,
): readonly Fix[] {
  if (nearMiss.because === "ordinal") return [];
  const fixes = [selectPods(snapshot, service, selector, nearMiss), labelPods(snapshot, service, nearMiss)];
  return fixes.flatMap((fix) => fix ?? []);
}

/** Changes the Service's selector. */
function selectPods(
  snapshot: Snapshot,
  service: ServiceManifest,
  selector: Labels,
  { workload, wrong }: NearMiss,
): Fix | undefined {
  const [first] = wrong;
  if (first === undefined) return undefined;
  const isOnly = wrong.length === 1;
  if (first.instead === undefined && isOnly) {
    const isOwn = isWithinRange(first.entry.key.range, service.range);
    const edit = isOwn ? removeLabel(snapshot, selector, first.entry) : undefined;
    return edit && { title: message`Do not select by ${describeLabel(first.entry)}`, edits: [edit] };
  }
  const edits = wrong.map((entry) => adopt(snapshot, service, entry));
  if (!edits.every((edit) => edit !== undefined)) return undefined;
  return {
    title:
      isOnly && first.instead
        ? message`Select ${describeLabel(adopted(first.entry, first.instead))}`
        : message`Select ${describePods(workload)}`,
    edits,
  };
}

/** Changes the labels of the pods, and the workload's own selector with them. */
function labelPods(snapshot: Snapshot, service: ServiceManifest, { workload, wrong }: NearMiss): Fix | undefined {
  const [first] = wrong;
  if (first === undefined || workload.observed !== undefined) return undefined;
  const edits: TextEdit[] = [];
  for (const { entry, instead } of wrong) {
    const changed =
      instead?.kind === "value"
        ? relabel(snapshot, service, workload, instead.label, entry.value.value)
        : addOwn(snapshot, workload, entry);
    if (changed === undefined) return undefined;
    edits.push(...changed);
  }
  return {
    title:
      wrong.length === 1
        ? message`Label ${describePods(workload)} with ${describeLabel(first.entry)}`
        : message`Label ${describePods(workload)} as this Service selects them`,
    edits,
  };
}

type Instead = NonNullable<WrongEntry["instead"]>;

const adopted = (entry: Label, { kind, label }: Instead): Label =>
  kind === "value" ? { ...entry, value: label.value } : { ...entry, key: label.key };

function adopt(snapshot: Snapshot, service: ServiceManifest, { entry, instead }: WrongEntry): TextEdit | undefined {
  if (instead === undefined || isPlaceholder(instead.label.value.value)) return undefined;
  const [from, to] = instead.kind === "value" ? [entry.value, instead.label.value] : [entry.key, instead.label.key];
  return isWithinRange(from.range, service.range) ? replaceScalar(snapshot, from.range, to.value) : undefined;
}

function addOwn(
  snapshot: Snapshot,
  workload: WorkloadManifest,
  { key, value }: Label,
): readonly TextEdit[] | undefined {
  const { labels } = workload.template;
  if (!labels.entries.every((entry) => isWithinRange(entry.key.range, workload.range))) return undefined;
  const edit = addLabel(snapshot, labels, key.value, value.value);
  return edit && [edit];
}

/** Gives a pod label another value, unless something else finds the pods by the old one. */
function relabel(
  snapshot: Snapshot,
  service: ServiceManifest,
  workload: WorkloadManifest,
  label: Label,
  value: string,
): readonly TextEdit[] | undefined {
  const key = label.key.value;
  const others = snapshot.index.servicesBySelector.get(labelKey(key, label.value.value)) ?? [];
  const isUsed = others.some(
    (other) => other !== service && other.selector !== undefined && matchSelector(other.selector, workload) !== "none",
  );
  const { selector } = workload;
  if (isUsed || isPlaceholder(label.value.value)) return undefined;
  if (selector?.matchExpressions.some((expression) => expression.key.value === key)) return undefined;
  const own = selector?.matchLabels.entries.filter((entry) => entry.key.value === key) ?? [];
  const places = new Map([label, ...own].map((entry) => [entry.value.range.start, entry.value.range]));
  const ranges = [...places.values()];
  if (!ranges.every((range) => isWithinRange(range, workload.range))) return undefined;
  return ranges.map((range) => replaceScalar(snapshot, range, value));
}
