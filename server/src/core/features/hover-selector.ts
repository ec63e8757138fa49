import { cut } from "../base/cut.ts";
import { message, quote } from "../base/message.ts";
import type { Field } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { matchEntry } from "../cluster/labels.ts";
import { compareManifests, namespacesMeet } from "../cluster/manifests.ts";
import { nearestResolution } from "../cluster/seen-services.ts";
import type { Label, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { folderOf } from "../workspace/folders.ts";
import { filesIn, manifestsOf } from "../workspace/snapshot.ts";
import type { Block, Prose } from "./markdown.ts";
import { linkTo, nameOf } from "./naming.ts";
import { isSameObject } from "./selecting.ts";

/** A selector entry: whose pods carry it, and how many workloads it rules out. */
export function describeSelectorEntry(cluster: Cluster, service: ServiceManifest, entry: Label): Prose {
  const wanted = quote(`${entry.key.value}=${entry.value.value}`);
  const workloads = inSight(cluster, service);
  const carriers = workloads.filter((workload) => carries(workload, entry));
  const others = workloads.length - carriers.length;
  const { shown, more } = cut(carriers, MOST_CARRIERS);
  const items = [...shown.map(linkTo), ...(more > 0 ? [message`and ${more} more`] : [])];
  const heading: Block = { kind: "heading", words: message`Selector entry ${wanted}` };
  if (carriers.length === 0)
    return [
      heading,
      { kind: "paragraph", words: message`No pods here have this label` },
      ...meant(cluster, service, entry),
    ];
  return [
    heading,
    { kind: "paragraph", words: message`Workloads whose pods have this label:` },
    { kind: "list", items },
    ...(others > 0
      ? [{ kind: "paragraph", words: message`It rules out ${others} of ${workloads.length} workloads` } as const]
      : []),
  ];
}

const MOST_CARRIERS = 8;

/** A placeholder in the place of a whole selector. */
export const describeSelectorPlaceholder = ({ value }: Field<string>): Prose => [
  { kind: "heading", words: message`Selector ${quote(value)}` },
  filledInLater,
];

/** What is known of the pods of a Service whose selector is a placeholder. */
export const filledInLater: Block = {
  kind: "paragraph",
  words: message`Which pods it selects, if any, is filled in later`,
};

/** The workloads that an author would think of: those beside the Service, and those that it meets. */
function inSight(cluster: Cluster, service: ServiceManifest): readonly WorkloadManifest[] {
  const beside = [...manifestsOf(filesIn(cluster.snapshot, folderOf(service.range.uri)))].filter(
    (manifest) =>
      manifest.type === "Workload" && manifest.kind.value !== "PodTemplate" && namespacesMeet(manifest, service),
  );
  const met = cluster
    .resolve(service)
    .flatMap(({ endpoints }) => (endpoints.kind === "selected" ? endpoints.pods.map(({ workload }) => workload) : []));
  const all: WorkloadManifest[] = [];
  for (const manifest of [...beside, ...met]) {
    if (manifest.type === "Workload" && !all.some((known) => isSameObject(known, manifest))) all.push(manifest);
  }
  return all.sort(compareManifests);
}

const carries = (workload: WorkloadManifest, { key, value }: Label): boolean =>
  matchEntry(key.value, value.value, workload) !== "none";

/** What the pods that the Service was meant for have in the place of the entry. */
function meant(cluster: Cluster, service: ServiceManifest, entry: Label): readonly Block[] {
  const nearMiss = nearestResolution(service.range.uri, cluster.resolve(service))?.reach?.nearMiss;
  const instead = nearMiss?.wrong.find((wrong) => wrong.entry.key.value === entry.key.value)?.instead;
  if (nearMiss === undefined || instead === undefined) return [];
  const { key, value } = instead.label;
  const label = quote(`${key.value}=${value.value}`);
  const said = message`${nameOf(nearMiss.workload)} has ${label}`;
  return [{ kind: "paragraph", words: { said, source: key.range } }];
}
