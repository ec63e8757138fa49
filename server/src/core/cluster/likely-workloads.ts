import { fold } from "../base/text.ts";
import type { Label, Labels, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { answerOnce } from "../workspace/reads.ts";
import { filesIn, labelKey, manifestsOf, type Snapshot } from "../workspace/snapshot.ts";
import { identityKeys } from "./near-miss.ts";

/** Folders with at most this many workloads are gone through. */
const FEW = 64;

/** What more workloads than this have in common tells nothing about who was meant. */
const MANY = 100;

/**
 * The workloads in a folder that a Service may have been meant for: all of them, and in a large folder those that share
 * something with the Service. Without this a folder of thousands of workloads and as many mistakes would take minutes.
 */
export function likelyIn(
  snapshot: Snapshot,
  folder: string,
  service: ServiceManifest,
  selector: Labels,
): Iterable<WorkloadManifest> {
  const catalogue = catalogueOf(snapshot, folder);
  if (catalogue.all.length <= FEW) return catalogue.all;
  const likely = new Set<WorkloadManifest>();
  const add = (workloads: readonly WorkloadManifest[] | undefined): void => {
    if (workloads === undefined || workloads.length > MANY) return;
    for (const workload of workloads) likely.add(workload);
  };
  add(catalogue.byName.get(service.name.value));
  for (const key of identityKeys) add(catalogue.byLabel.get(labelKey(key, service.name.value)));
  for (const entry of selector.entries) {
    const { key, value } = entry;
    add(catalogue.byName.get(value.value));
    add(catalogue.byName.get(value.value.replace(/-\d+$/, "")));
    add(catalogue.byOwnLabel.get(labelKey(key.value, value.value)));
    add(catalogue.byLabel.get(labelKey(key.value, value.value)));
    add(catalogue.byValue.get(value.value));
    for (const spelling of spellingsLike(catalogue, entry)) add(spelling.workloads);
  }
  return likely;
}

/** The workloads of a folder by what Services may share with them. */
interface Catalogue {
  readonly all: readonly WorkloadManifest[];
  readonly byName: ReadonlyMap<string, readonly WorkloadManifest[]>;
  readonly byLabel: ReadonlyMap<string, readonly WorkloadManifest[]>;
  /** By labels of the workload itself. */
  readonly byOwnLabel: ReadonlyMap<string, readonly WorkloadManifest[]>;
  readonly byValue: ReadonlyMap<string, readonly WorkloadManifest[]>;
  /** Values of pod labels by their key and digits: a slip changes letters. */
  readonly spellings: ReadonlyMap<string, readonly Spelling[]>;
}

/** A value of a pod label. */
interface Spelling {
  readonly letters: number;
  readonly length: number;
  readonly workloads: WorkloadManifest[];
}

const catalogueOf = answerOnce((snapshot: Snapshot, folder: string): Catalogue => {
  const all = [...manifestsOf(filesIn(snapshot, folder))].filter((manifest) => manifest.type === "Workload");
  const empty = new Map<string, never>();
  if (all.length <= FEW) {
    return { all, byName: empty, byLabel: empty, byOwnLabel: empty, byValue: empty, spellings: empty };
  }
  const byName = new Map<string, WorkloadManifest[]>();
  const byLabel = new Map<string, WorkloadManifest[]>();
  const byOwnLabel = new Map<string, WorkloadManifest[]>();
  const byValue = new Map<string, WorkloadManifest[]>();
  const values = new Map<string, Map<string, Spelling>>();
  for (const workload of all) {
    push(byName, workload.name.value, workload);
    for (const { key, value } of workload.labels.entries) push(byOwnLabel, labelKey(key.value, value.value), workload);
    for (const label of workload.template.labels.entries) {
      const { key, value } = label;
      push(byLabel, labelKey(key.value, value.value), workload);
      push(byValue, value.value, workload);
      const shelf = values.get(shelfOf(label)) ?? new Map<string, Spelling>();
      values.set(shelfOf(label), shelf);
      const spelling = shelf.get(value.value) ?? { ...shapeOf(value.value), workloads: [] };
      shelf.set(value.value, spelling);
      spelling.workloads.push(workload);
    }
  }
  const spellings = new Map([...values].map(([shelf, found]) => [shelf, [...found.values()]]));
  return { all, byName, byLabel, byOwnLabel, byValue, spellings };
});

function push<Item>(groups: Map<string, Item[]>, key: string, item: Item): void {
  const group = groups.get(key);
  if (group) group.push(item);
  else groups.set(key, [item]);
}

const shelfOf = ({ key, value }: Label): string => `${key.value} ${value.value.replace(/\D+/g, "")}`;

/** Which letters a text has, as bits, and how many characters. */
function shapeOf(text: string): { readonly letters: number; readonly length: number } {
  const folded = fold(text);
  let letters = 0;
  for (let index = 0; index < folded.length; index++) letters |= 1 << (folded.charCodeAt(index) & 31);
  return { letters, length: folded.length };
}

/** Values under the same key that may be a slip or two away: at most two letters each are not in the other. */
function spellingsLike({ spellings }: Catalogue, entry: Label): readonly Spelling[] {
  const { letters, length } = shapeOf(entry.value.value);
  return (spellings.get(shelfOf(entry)) ?? []).filter(
    (spelling) => Math.abs(spelling.length - length) <= 2 && bitCount(spelling.letters ^ letters) <= 4,
  );
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
