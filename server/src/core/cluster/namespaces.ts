import type { Manifest, ServiceManifest } from "../manifest/model.ts";
import { folderOf } from "../workspace/folders.ts";
import { filesIn, manifestsOf, type Snapshot } from "../workspace/snapshot.ts";
import { isOpen } from "./manifests.ts";
import { manifestsBehind, type PodSource, type PortTarget, type Resolution } from "./resolution.ts";

/**
 * What manifests come to once they are applied: a namespace that none of them names is filled in.
 *
 * It is the namespace of what a manifest meets: of the pods or kept addresses behind a Service, of the Services before
 * pods. Failing that it is the one that such a pair, of which only one names it, shows its folder to be applied to,
 * where all of them agree; else the one that the manifest leaves open, `default`.
 */
export interface Placing {
  /**
   * Where traffic to a Service ends up, as it is written: one answer for each scope that it lives in, and for each
   * namespace that it meets there; at least one.
   */
  readonly resolve: (service: ServiceManifest) => readonly Resolution[];
  /** The same answers with every namespace filled in, for whatever speaks of a cluster rather than of manifests. */
  readonly placed: (service: ServiceManifest) => readonly Resolution[];
  /** The namespace of something that no Service in view meets. */
  readonly namespaceOf: (manifest: Manifest) => string;
}

export function createPlacing(
  snapshot: Snapshot,
  resolve: (service: ServiceManifest) => readonly Resolution[],
): Placing {
  const folders = new Map<string, string | undefined>();
  const namedBeside = ({ range }: Manifest): string | undefined => {
    const folder = folderOf(range.uri);
    if (!folders.has(folder)) folders.set(folder, namedIn(snapshot, resolve, folder));
    return folders.get(folder);
  };
  const namespaceOf = (manifest: Manifest): string =>
    (isOpen(manifest) ? namedBeside(manifest) : undefined) ?? manifest.namespace.value;
  const known = new WeakMap<ServiceManifest, readonly Resolution[]>();
  return {
    resolve,
    namespaceOf,
    placed(service) {
      const written = originalOf(service);
      const placed =
        known.get(written) ??
        resolve(written).map((resolution) => place(resolution, resolution.namespace ?? namespaceOf(written)));
      known.set(written, placed);
      return placed;
    },
  };
}

/**
 * A manifest in a namespace, as if it were written there; one that names another stays in that. The same copy each time.
 */
export function placeIn<M extends Manifest>(manifest: M, namespace: string): M {
  if (manifest.namespace.value === namespace || !isOpen(manifest)) return manifest;
  const known = copies.get(manifest) ?? new Map<string, Manifest>();
  copies.set(manifest, known);
  const copy: Manifest = known.get(namespace) ?? {
    ...manifest,
    namespace: { ...manifest.namespace, value: namespace, origin: "written" },
  };
  known.set(namespace, copy);
  originals.set(copy, originalOf(manifest));
  return copy as M; // it was made from this manifest
}

/** The manifest that {@link placeIn} made a copy of. */
export const originalOf = <M extends Manifest>(manifest: M): M => (originals.get(manifest) ?? manifest) as M;

/** The one namespace that some manifests name; of several nobody knows, and `undefined`. */
export function namedAmong(manifests: readonly Manifest[]): string | undefined {
  const written = manifests.filter(({ namespace }) => namespace.origin !== "default");
  const named = new Set(written.filter((manifest) => !isOpen(manifest)).map(({ namespace }) => namespace.value));
  // What is filled in later may well be what others name.
  const [only, ...others] = named.size > 0 ? named : new Set(written.map(({ namespace }) => namespace.value));
  return others.length === 0 ? only : undefined;
}

const copies = new WeakMap<Manifest, Map<string, Manifest>>();
const originals = new WeakMap<Manifest, Manifest>();

/** The namespace that a folder is applied to, as far as a Service and its pods show it of which only one names it. */
function namedIn(
  snapshot: Snapshot,
  resolve: (service: ServiceManifest) => readonly Resolution[],
  folder: string,
): string | undefined {
  const manifests = [...manifestsOf(filesIn(snapshot, folder))];
  if (manifests.every(isOpen) || !manifests.some(isOpen)) return undefined;
  const naming = manifests.flatMap((service) =>
    service.type === "Service"
      ? resolve(service)
          .flatMap(manifestsBehind)
          .filter(({ range }) => folderOf(range.uri) === folder)
          .filter((met) => isOpen(met) !== isOpen(service))
          .map((met) => (isOpen(met) ? service : met))
      : [],
  );
  return namedAmong(naming);
}

function place(resolution: Resolution, namespace: string): Resolution {
  const { endpoints, ports } = resolution;
  const service = placeIn(resolution.service, namespace);
  const sources = new Map<PodSource, PodSource>();
  if (endpoints.kind === "selected") {
    for (const source of endpoints.pods) sources.set(source, placeSource(source, service.namespace.value));
  }
  const isMoved = service !== resolution.service || [...sources].some(([source, placed]) => source !== placed);
  if (!isMoved) return resolution;
  const placeTarget = (target: PortTarget): PortTarget =>
    target.kind === "manual" ? target : { ...target, source: sources.get(target.source) ?? target.source };
  return {
    ...resolution,
    service,
    endpoints: endpoints.kind === "selected" ? { ...endpoints, pods: [...sources.values()] } : endpoints,
    ports: ports.map((port) => ({ ...port, targets: port.targets.map(placeTarget) })),
  };
}

function placeSource(source: PodSource, namespace: string): PodSource {
  const { workload, observed, parts } = source;
  const placeOne = (manifest: PodSource["workload"]) => placeIn(manifest, namespace);
  const placed = {
    ...source,
    workload: placeOne(workload),
    observed: observed?.map(placeOne),
    parts: parts.map(placeOne),
  };
  const isMoved =
    placed.workload !== workload ||
    placed.observed?.some((pod, index) => pod !== observed?.[index]) === true ||
    placed.parts.some((part, index) => part !== parts[index]);
  return isMoved ? placed : source;
}
