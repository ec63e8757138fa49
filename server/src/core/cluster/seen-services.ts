import type { DocumentUri } from "../base/source.ts";
import { isPlaceholder } from "../base/text.ts";
import type { Manifest, ServiceManifest } from "../manifest/model.ts";
import { commonFolder } from "../workspace/folders.ts";
import type { Placing } from "./namespaces.ts";
import type { Resolution } from "./resolution.ts";

/** A Service as it is seen from a text: of one that is in several namespaces, in one of them. */
export interface SeenService {
  readonly service: ServiceManifest;
  /** Its answer in the nearest scope. Not worked out before it is asked for. */
  readonly resolution: () => Resolution | undefined;
}

/**
 * Looks at Services from a text.
 * @param isMixed whether namespaces may have to be filled in
 * @param about an answer that is taken in the place of nearer ones
 */
export function seeServices(
  from: DocumentUri,
  placing: Placing,
  services: readonly ServiceManifest[],
  isMixed: boolean,
  about: Resolution | undefined,
): readonly SeenService[] {
  const nearest = (service: ServiceManifest): readonly Resolution[] => {
    const all = placing.placed(service);
    return [...all.filter((resolution) => resolution === about), ...nearestResolutions(from, all)];
  };
  if (!isMixed) return services.map((service) => ({ service, resolution: () => nearest(service)[0] }));
  return services.flatMap((service) => {
    const byNamespace = new Map<string, Resolution>();
    for (const resolution of nearest(service)) {
      const { value } = resolution.service.namespace;
      if (!byNamespace.has(value)) byNamespace.set(value, resolution);
    }
    return [...byNamespace.values()].map((resolution) => ({
      service: resolution.service,
      resolution: () => resolution,
    }));
  });
}

/** Whether some manifests name a namespace and others leave it open, so that these may take it from those. */
export function areMixed(manifests: readonly Manifest[]): boolean {
  let isNamed = false;
  let isUnset = false;
  for (const { type, namespace } of manifests) {
    if (type !== "Service" && type !== "Workload" && type !== "Endpoints") continue;
    if (namespace.origin === "default") isUnset = true;
    else if (isPlaceholder(namespace.value)) return true;
    else isNamed = true;
    if (isNamed && isUnset) return true;
  }
  return false;
}

/** The answer of a Service in the scope that lies nearest to a text; of equally near ones, the first. */
export const nearestResolution = (from: DocumentUri, resolutions: readonly Resolution[]): Resolution | undefined =>
  nearestResolutions(from, resolutions)[0];

/** Of several answers those in the scopes that lie nearest to a text. */
export function nearestResolutions(from: DocumentUri, resolutions: readonly Resolution[]): readonly Resolution[] {
  if (resolutions.length < 2) return resolutions;
  const lengths = resolutions.map((resolution) => commonFolder(from, resolution.from).length);
  const most = lengths.reduce((a, b) => Math.max(a, b));
  return resolutions.filter((_, index) => lengths[index] === most);
}
