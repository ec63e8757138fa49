import { isPlaceholder } from "../base/text.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { matchSelector } from "../cluster/labels.ts";
import { compareManifests } from "../cluster/manifests.ts";
import type { PodSource, Resolution } from "../cluster/resolution.ts";
import type { Label, Labels, Manifest, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { labelKey } from "../workspace/snapshot.ts";

/** A Service that selects the pods of a workload, in one of its scopes. */
export interface Selecting {
  readonly service: ServiceManifest;
  readonly resolution: Resolution;
  /** The workload, as the Service meets it. */
  readonly source: PodSource;
}

/** The Services that select a workload's pods, by file and then by place in it. */
export function findSelecting(cluster: Cluster, workload: WorkloadManifest): readonly Selecting[] {
  return [...candidatesFor(cluster, workload)]
    .filter(({ selector }) => selector && matchSelector(selector, workload) !== "none")
    .sort(compareManifests)
    .flatMap((service): Selecting[] => {
      for (const resolution of cluster.resolve(service)) {
        if (resolution.endpoints.kind !== "selected") continue;
        const source = resolution.endpoints.pods.find((pods) => stampsOut(pods, workload));
        if (source) return [{ service, resolution, source }];
      }
      return [];
    });
}

/** Services with a label in common, but for those that are ruled out at a glance: a label may be in every selector. */
function candidatesFor({ snapshot }: Cluster, workload: WorkloadManifest): ReadonlySet<ServiceManifest> {
  const labels = new Map(workload.template.labels.entries.map(({ key, value }) => [key.value, value.value]));
  for (const [key, value] of labels) if (isPlaceholder(value)) labels.delete(key);
  const candidates = new Set<ServiceManifest>();
  for (const label of selectableLabels(workload)) {
    for (const service of snapshot.index.servicesBySelector.get(label) ?? []) {
      if (service.selector && mayMatch(service.selector, labels)) candidates.add(service);
    }
  }
  return candidates;
}

const mayMatch = (selector: Labels, labels: ReadonlyMap<string, string>): boolean =>
  selector.entries.every(({ key, value }) => {
    const label = labels.get(key.value);
    return label === undefined || label === value.value || isPlaceholder(value.value);
  });

/** Of some Services those whose selector asks for a label. */
export const askingFor = (services: readonly Selecting[], { key }: Label): readonly Selecting[] =>
  services.filter(({ service }) => service.selector?.entries.some((entry) => entry.key.value === key.value));

/** The same text may have been read twice; an object is where it stands. */
export const isSameObject = (a: Manifest, b: Manifest): boolean =>
  a === b || (a.range.uri === b.range.uri && a.range.start === b.range.start);

const stampsOut = ({ workload, observed = [], parts }: PodSource, candidate: WorkloadManifest): boolean =>
  [workload, ...observed, ...parts].some((made) => isSameObject(made, candidate));

/** Nobody writes a Service for each pod of a larger StatefulSet. */
const MOST_ORDINALS = 50;

/** Labels by which a Service may select the pods, as the index knows them: written ones, and those of a controller. */
function selectableLabels({ template, runtimeLabels, kind, name, firstOrdinal, replicas }: WorkloadManifest): string[] {
  const written = template.labels.entries.map(({ key, value }) => labelKey(key.value, value.value));
  const known = runtimeLabels.flatMap(({ key, value }) => (value === undefined ? [] : [labelKey(key, value)]));
  if (kind.value !== "StatefulSet") return [...written, ...known];
  const count = Math.min(replicas?.value ?? 1, MOST_ORDINALS);
  const ordinals = Array.from({ length: Math.max(0, count) }, (_, index) => firstOrdinal + index);
  return [
    ...written,
    ...known,
    ...ordinals.map((ordinal) => labelKey("statefulset.kubernetes.io/pod-name", `${name.value}-${ordinal}`)),
    ...ordinals.map((ordinal) => labelKey("apps.kubernetes.io/pod-index", String(ordinal))),
  ];
}
