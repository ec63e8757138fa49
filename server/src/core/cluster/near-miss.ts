import { distance, fold, isPlaceholder } from "../base/text.ts";
import type { Label, Labels, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { matchEntry, podLabel } from "./labels.ts";
import { compareManifests, namespacesMeet } from "./manifests.ts";

/** A workload that a Service was clearly meant for, and what keeps the two apart. */
export interface NearMiss {
  readonly workload: WorkloadManifest;
  /** Selector entries that the pods do not carry; empty where only the namespace keeps the two apart. */
  readonly wrong: readonly WrongEntry[];
  readonly because: Because;
}

/** One selector entry, and what the pods have in its place. */
export interface WrongEntry {
  readonly entry: Label;
  /** The pods' value under the same key, or the key under which they have the value. */
  readonly instead: { readonly kind: "value" | "key"; readonly label: Label } | undefined;
}

/** What shows that a workload was meant, from the clearest to the least clear. */
const evidence = [
  /** One entry is off by a letter or two. */
  "slip",
  /** The label of one pod of a StatefulSet that has fewer. */
  "ordinal",
  /** The labels match, but both sides name a namespace, and not the same. */
  "namespace",
  /** The workload bears the Service's name, or the selector asks for the workload's name or its own labels. */
  "name",
  /** Of several entries one has another value in the pods. */
  "value",
  /** The pods carry the value under another key. */
  "key",
  /** Of several entries the pods lack one. */
  "missing",
] as const;
type Because = (typeof evidence)[number];

/**
 * The workload that a Service without pods was most likely meant for, among some; the clearest one, and of equally
 * clear ones the first in the order of their files.
 */
export function findNearMiss(
  service: ServiceManifest,
  selector: Labels,
  workloads: Iterable<WorkloadManifest>,
): NearMiss | undefined {
  let nearest: (NearMiss & { readonly rank: number }) | undefined;
  for (const workload of workloads) {
    if (workload.certainty !== "known" || workload.kind.value === "PodTemplate") continue;
    const because = whyMeant(service, selector, workload);
    if (because === undefined) continue;
    const wrong = wrongEntries(selector, workload);
    const isNamesake = haveOneName(service, workload);
    // What a controller made is nobody's to change.
    const isMade = workload.owner !== undefined || workload.observed !== undefined;
    const rank = evidence.indexOf(because) * 100 + wrong.length * 4 + (isNamesake ? 0 : 2) + (isMade ? 1 : 0);
    const isNearer =
      nearest === undefined ||
      rank < nearest.rank ||
      (rank === nearest.rank && compareManifests(workload, nearest.workload) < 0);
    if (isNearer) nearest = { workload, wrong, because, rank };
  }
  return nearest && { workload: nearest.workload, wrong: nearest.wrong, because: nearest.because };
}

/** The selector entries that keep a Service and a workload apart. */
export const wrongEntries = (selector: Labels, workload: WorkloadManifest): readonly WrongEntry[] =>
  selector.entries
    .filter(({ key, value }) => matchEntry(key.value, value.value, workload) === "none")
    .map((entry) => ({ entry, instead: insteadOf(entry, workload) }));

/** Keys under which an object says what it is. */
export const identityKeys = ["app", "app.kubernetes.io/name", "k8s-app", "name", "run", "component"] as const;

function whyMeant(service: ServiceManifest, selector: Labels, workload: WorkloadManifest): Because | undefined {
  const labels = workload.template.labels.entries;
  const wrong = selector.entries.filter(({ key, value }) => matchEntry(key.value, value.value, workload) === "none");
  const [first] = wrong;
  if (!namespacesMeet(service, workload)) return first === undefined ? "namespace" : undefined;
  if (first === undefined) return undefined;
  if (wrong.length === 1 && asksForAnotherPod(first, workload)) return "ordinal";
  if (wrong.some(({ key }) => isControllersKey(key.value) && podLabel(workload, key.value) === undefined))
    return undefined;
  if (wrong.length === 1 && resembles(first, labels)) return "slip";
  if (haveOneName(service, workload) || wrong.every((entry) => namesWorkload(entry, workload))) return "name";
  const severalEntries = selector.entries.length > 1;
  if (wrong.length === 1 && severalEntries && podLabel(workload, first.key.value) !== undefined) return "value";
  if (wrong.every(({ value }) => carries(labels, value.value))) return "key";
  return wrong.length === 1 && selector.entries.length > 2 ? "missing" : undefined;
}

/** Whether Service and workload go by one name: that of the objects, or what the pods' labels say they are. */
function haveOneName(service: ServiceManifest, workload: WorkloadManifest): boolean {
  const name = service.name.value;
  if (name === "") return false;
  return workload.name.value === name || identityKeys.some((key) => podLabel(workload, key) === name);
}

/** A pod of a StatefulSet whose written count of pods does not reach that far. */
const asksForAnotherPod = ({ key, value }: Label, { kind, name, replicas }: WorkloadManifest): boolean =>
  kind.value === "StatefulSet" &&
  replicas?.origin === "written" &&
  replicas.value > 0 &&
  key.value === "statefulset.kubernetes.io/pod-name" &&
  value.value.startsWith(`${name.value}-`) &&
  /^\d+$/.test(value.value.slice(name.value.length + 1));

/** The entry copies the workload's own name, or a label of the workload that its pods do not have. */
const namesWorkload = ({ key, value }: Label, workload: WorkloadManifest): boolean =>
  workload.name.value === value.value ||
  workload.labels.entries.some((label) => label.key.value === key.value && label.value.value === value.value);

/**
 * A label of a controller's own domain, such as `cnpg.io/cluster`: pods carry it without any manifest saying so.
 * The recommended labels are written by people.
 */
const isControllersKey = (key: string): boolean => key.includes("/") && !key.startsWith("app.kubernetes.io/");

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
