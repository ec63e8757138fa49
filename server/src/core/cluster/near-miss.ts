import { distance, fold, isPlaceholder } from "../base/text.ts";
import type { Label, Labels, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { matchEntry, podLabel } from "./labels.ts";

/** A workload that a Service was clearly meant for, and what keeps the two apart. */
export interface NearMiss {
  readonly workload: WorkloadManifest;
  /** Selector entries that the pods do not carry. */
  readonly wrong: readonly WrongEntry[];
}

/** One selector entry, and what the pods have in its place. */
export interface WrongEntry {
  readonly entry: Label;
  /** The pods' value under the same key, or the key under which they have the value. */
  readonly instead: { readonly kind: "value" | "key"; readonly label: Label } | undefined;
}

/** How clearly a workload was meant; smaller is clearer. */
type Closeness = 0 | 1 | 2 | 3 | 4;

/**
 * The workload that a Service without pods was most likely meant for, among some: one of the Service's own name, one
 * whose labels differ in a letter or two or only in one value, or one that has the value under another key.
 */
export function findNearMiss(
  service: ServiceManifest,
  selector: Labels,
  workloads: Iterable<WorkloadManifest>,
): NearMiss | undefined {
  let nearest: { readonly workload: WorkloadManifest; readonly closeness: Closeness } | undefined;
  for (const workload of workloads) {
    if (workload.certainty !== "known" || workload.kind.value === "PodTemplate") continue;
    const closeness = closenessOf(service, selector, workload);
    if (closeness === undefined) continue;
    if (nearest === undefined || closeness < nearest.closeness) nearest = { workload, closeness };
  }
  return nearest && { workload: nearest.workload, wrong: wrongEntries(selector, nearest.workload) };
}

/** The selector entries that keep a Service and a workload apart. */
export function wrongEntries(selector: Labels, workload: WorkloadManifest): readonly WrongEntry[] {
  return selector.entries
    .filter(({ key, value }) => matchEntry(key.value, value.value, workload) === "none")
    .map((entry) => ({ entry, instead: insteadOf(entry, workload) }));
}

function closenessOf(service: ServiceManifest, selector: Labels, workload: WorkloadManifest): Closeness | undefined {
  const labels = workload.template.labels.entries;
  const wrong = selector.entries.filter(({ key, value }) => matchEntry(key.value, value.value, workload) === "none");
  const [first] = wrong;
  if (first === undefined) return undefined;
  if (wrong.length === 1 && resembles(first, labels)) return 0;
  if (workload.name.value === service.name.value && service.name.value !== "") return 1;
  const severalEntries = selector.entries.length > 1;
  if (wrong.length === 1 && severalEntries && podLabel(workload, first.key.value) !== undefined) return 2;
  if (wrong.every(({ value }) => carries(labels, value.value))) return 3;
  if (wrong.length === 1 && severalEntries && selector.entries.length > 2) return 4;
  return undefined;
}

/** Off by a letter or two in key or value. */
function resembles({ key, value }: Label, labels: readonly Label[]): boolean {
  return labels.some((label) => {
    if (isPlaceholder(label.value.value)) return false;
    if (label.key.value === key.value) return near(label.value.value, value.value);
    return label.value.value === value.value && near(label.key.value, key.value);
  });
}

/** Equal but for case and separators, or off by a letter in short words and by two in longer ones; never by a digit. */
function near(a: string, b: string): boolean {
  if (fold(a) === fold(b)) return true;
  const limit = Math.min(a.length, b.length) < 5 ? 1 : 2;
  return Math.min(a.length, b.length) > 2 && digits(a) === digits(b) && distance(a, b, limit) <= limit;
}

const digits = (text: string): string => text.replace(/\D+/g, " ").trim();

/** Words that many pods have in common tell nothing about who was meant. */
const carries = (labels: readonly Label[], value: string): boolean =>
  value.length > 2 &&
  !/^(?:true|false|yes|no|prod|dev|web|app|v\d+)$/i.test(value) &&
  labels.some((label) => label.value.value === value);

function insteadOf({ key, value }: Label, workload: WorkloadManifest): WrongEntry["instead"] {
  const labels = workload.template.labels.entries;
  const sameKey = labels.findLast((label) => label.key.value === key.value);
  if (sameKey) return { kind: "value", label: sameKey };
  const sameValue = labels.find((label) => label.value.value === value.value);
  return sameValue && { kind: "key", label: sameValue };
}
