import type { DocumentUri } from "../base/source.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import type { Settings } from "../settings/settings.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { listEndpoints, type ServedPort } from "./endpoints.ts";
import { createPlacing, originalOf, type Placing } from "./namespaces.ts";
import type { Resolution } from "./resolution.ts";
import { resolveService } from "./resolve.ts";
import { type View, viewFrom } from "./view.ts";

/**
 * A snapshot read under the settings of each file: what rules and features ask. Answers are kept for as long as the
 * snapshot lives, and nothing is computed before it is asked for.
 */
export interface Cluster extends Placing {
  readonly snapshot: Snapshot;
  readonly settingsAt: (uri: DocumentUri) => Settings;
  readonly profileAt: (uri: DocumentUri) => Profile;
  /** Everything that is applied together with a text, with an address for each. */
  readonly viewFrom: (uri: DocumentUri) => View;
  /** Everything that is applied together with a Service in one of its scopes. */
  readonly viewOf: (resolution: Resolution) => View;
  /** The endpoints of each port of a Service in one of its scopes. */
  readonly endpointsOf: (resolution: Resolution) => readonly ServedPort[];
}

/** @param settingsAt the settings that hold for a file: `.portolan.yaml` upwards from it, and the editor's */
export function createCluster(snapshot: Snapshot, settingsAt: (uri: DocumentUri) => Settings): Cluster {
  const resolutions = new WeakMap<ServiceManifest, readonly Resolution[]>();
  const views = new Map<DocumentUri, View>();
  const profileAt = (uri: DocumentUri): Profile => settingsAt(uri).cluster;
  const resolve = (placed: ServiceManifest): readonly Resolution[] => {
    const service = originalOf(placed);
    const known = resolutions.get(service);
    if (known) return known;
    const resolved = resolveService(snapshot, profileAt(service.range.uri), service);
    resolutions.set(service, resolved);
    return resolved;
  };
  const placing = createPlacing(snapshot, resolve);
  const view = (uri: DocumentUri): View => {
    const known = views.get(uri);
    if (known) return known;
    const seen = viewFrom(snapshot, profileAt(uri), uri, placing);
    const [oldest] = views.keys();
    if (views.size >= MOST_VIEWS && oldest !== undefined) views.delete(oldest);
    views.set(uri, seen);
    return seen;
  };
  const about = new WeakMap<Resolution, View>();
  const viewOf = (resolution: Resolution): View => {
    const around = view(resolution.from);
    if (around.resolutionOf(resolution.service) === resolution) return around;
    // Seen from there, something nearer bears the Service's name.
    const known = about.get(resolution);
    if (known) return known;
    const seen = viewFrom(snapshot, profileAt(resolution.from), resolution.from, placing, resolution);
    about.set(resolution, seen);
    return seen;
  };
  /** Somebody who speaks of what is written may ask for endpoints, too. */
  const asPlaced = (resolution: Resolution): Resolution => {
    const index = resolve(originalOf(resolution.service)).indexOf(resolution);
    return placing.placed(resolution.service)[index] ?? resolution;
  };
  return {
    snapshot,
    settingsAt,
    profileAt,
    ...placing,
    viewFrom: view,
    viewOf: (resolution) => viewOf(asPlaced(resolution)),
    endpointsOf: (resolution) => {
      const placed = asPlaced(resolution);
      return listEndpoints(viewOf(placed), placed);
    },
  };
}

/** A view of a large workspace takes megabytes, and nobody looks from everywhere at once. */
const MOST_VIEWS = 16;
