import type { EndpointsManifest, ServiceManifest } from "../manifest/model.ts";
import { folderOf, isWithin } from "../workspace/folders.ts";
import { foldersUpwards, rootOf, type Snapshot } from "../workspace/snapshot.ts";
import { heldByCopies, nearestOf, neighboursOf } from "./copies.ts";
import { compareManifests, namespacesMeet } from "./manifests.ts";
import { type Site, sitesOf } from "./sites.ts";

/**
 * The Endpoints and EndpointSlices of a Service without a selector: those of its own folder; failing that those of the
 * nearest folder upwards that has any below it, but for what belongs to another Service of the same name. Where they are
 * the same object several times over, each variant is a site of its own; there is always one.
 */
export function findKeptAddresses(snapshot: Snapshot, service: ServiceManifest): readonly Site<EndpointsManifest>[] {
  const [folder, found] = findNearest(snapshot, service) ?? [folderOf(service.range.uri), []];
  return sitesOf(snapshot, service, folder, [...found].sort(compareManifests));
}

/** Of the Endpoints and EndpointSlices of a Service those that a controller wrote and somebody dumped: facts, not wishes. */
export const observedAt = (
  snapshot: Snapshot,
  service: ServiceManifest,
  { holds }: Site,
): readonly EndpointsManifest[] =>
  addressesOf(snapshot, service)
    .filter((slice) => slice.observed && holds(slice))
    .sort(compareManifests);

function findNearest(
  snapshot: Snapshot,
  service: ServiceManifest,
): readonly [folder: string, found: readonly EndpointsManifest[]] | undefined {
  const all = addressesOf(snapshot, service);
  if (all.length === 0) return undefined;
  const near = nearestOf(
    neighboursOf(snapshot, service, [all]),
    (slices) => slices,
    (slice) => slice,
  );
  if (near.length > 0) return [folderOf(service.range.uri), near];
  const isHeld = heldByCopies(snapshot, service);
  const free = all.filter(({ range }) => !isHeld(range.uri));
  for (const folder of foldersUpwards(snapshot, service.range.uri)) {
    const below = free.filter(({ range }) => isWithin(range.uri, folder));
    if (below.length > 0) return [folder, below];
  }
  return undefined;
}

/** Those of the same root and namespace, wherever they are. */
function addressesOf(snapshot: Snapshot, service: ServiceManifest): EndpointsManifest[] {
  const root = rootOf(snapshot, service.range.uri);
  const all = snapshot.index.endpointsByService.get(service.name.value) ?? [];
  return all.filter((slice) => namespacesMeet(slice, service) && isWithin(slice.range.uri, root));
}
