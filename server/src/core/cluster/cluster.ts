import type { DocumentUri } from "../base/source.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import type { Settings } from "../settings/settings.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { listEndpoints, type ServedPort } from "./endpoints.ts";
import type { Resolution } from "./resolution.ts";
import { observedSlices, resolveService } from "./resolve.ts";
import { type View, viewFrom } from "./view.ts";

/**
 * A snapshot read under the settings of each file: what rules and features ask. Answers are kept for as long as the
 * snapshot lives, and nothing is computed before it is asked for.
 */
export interface Cluster {
  readonly snapshot: Snapshot;
  readonly settingsAt: (uri: DocumentUri) => Settings;
  readonly profileAt: (uri: DocumentUri) => Profile;
  /** Where traffic to a Service ends up: one answer for each scope that it lives in, at least one. */
  readonly resolve: (service: ServiceManifest) => readonly Resolution[];
  /** Everything that is applied together with a text, with an address for each. */
  readonly viewFrom: (uri: DocumentUri) => View;
  /** The endpoints of each port of a Service, as seen from its own file. */
  readonly endpointsOf: (resolution: Resolution) => readonly ServedPort[];
}

/** @param settingsAt the settings that hold for a file: `.portolan.yaml` upwards from it, and the editor's */
export function createCluster(snapshot: Snapshot, settingsAt: (uri: DocumentUri) => Settings): Cluster {
  const resolutions = new WeakMap<ServiceManifest, readonly Resolution[]>();
  const views = new Map<DocumentUri, View>();
  const profileAt = (uri: DocumentUri): Profile => settingsAt(uri).cluster;
  const resolve = (service: ServiceManifest): readonly Resolution[] => {
    const known = resolutions.get(service);
    if (known) return known;
    const resolved = resolveService(snapshot, profileAt(service.range.uri), service);
    resolutions.set(service, resolved);
    return resolved;
  };
  const view = (uri: DocumentUri): View => {
    const known = views.get(uri);
    if (known) return known;
    const seen = viewFrom(snapshot, profileAt(uri), uri, resolve);
    const [oldest] = views.keys();
    if (views.size >= MOST_VIEWS && oldest !== undefined) views.delete(oldest);
    views.set(uri, seen);
    return seen;
  };
  return {
    snapshot,
    settingsAt,
    profileAt,
    resolve,
    viewFrom: view,
    endpointsOf: (resolution) =>
      listEndpoints(view(resolution.service.range.uri), resolution, observedSlices(snapshot, resolution.service)),
  };
}

/** A view of a large workspace takes megabytes, and nobody looks from everywhere at once. */
const MOST_VIEWS = 16;
