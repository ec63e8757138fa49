import type { DocumentUri } from "../base/source.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import { commonFolder, folderOf, holderOf } from "../workspace/folders.ts";
import { treeOf } from "./copies.ts";
import { compareManifests } from "./manifests.ts";

/** What cannot be applied together with what is nearer, because it defines the same Services again. */
export interface Rivals {
  /** Whether a text lies in a folder, or is a file, that defines a Service again. */
  readonly holds: (uri: string) => boolean;
  /** Whether a Service is one of those that are defined again, in such a place or within one that is not left out. */
  readonly has: (service: ServiceManifest) => boolean;
}

/**
 * Finds the folders and files that define a Service again which is already defined nearer to a text, or as near in an
 * earlier file.
 * @param first a Service that counts as nearer than any other
 */
export function findRivals(from: DocumentUri, services: readonly ServiceManifest[], first?: ServiceManifest): Rivals {
  const home = folderOf(from);
  const placed = services
    .map((service) => ({ service, tree: treeOf(home, service.range.uri), distance: distanceOf(from, service, first) }))
    .sort((a, b) => a.distance - b.distance || compareManifests(a.service, b.service));
  const owners = new Map<string, string>();
  const trees = new Set<string>();
  const again = new Set<ServiceManifest>();
  for (const { service, tree } of placed) {
    const identity = `${service.namespace.value}/${service.name.value}`;
    const owner = owners.get(identity);
    if (owner === undefined) owners.set(identity, tree);
    else if (owner === tree) again.add(service);
    else trees.add(tree);
  }
  const holds = (uri: string): boolean => trees.size > 0 && holderOf(trees, uri) !== undefined;
  return { holds, has: (service) => again.has(service) || holds(service.range.uri) };
}

/** How many characters of its folder's path a text has not in common with a Service; less for the nearest of all. */
function distanceOf(from: DocumentUri, service: ServiceManifest, first: ServiceManifest | undefined): number {
  const { uri } = service.range;
  if (service === first) return -3;
  if (uri === first?.range.uri) return -2;
  if (uri === from) return -1;
  const home = folderOf(from);
  return home.length - commonFolder(home, folderOf(uri)).length;
}
