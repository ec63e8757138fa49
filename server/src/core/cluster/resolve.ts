import type { EndpointsManifest, ServiceManifest, ServicePort } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { findKeptAddresses, observedAt } from "./kept-addresses.ts";
import { podSources } from "./pod-sources.ts";
import { resolveManualPort, resolvePort, unknownPort } from "./ports.ts";
import { findReach } from "./reach.ts";
import type { Endpoints, PortResolution, Resolution } from "./resolution.ts";
import type { Site } from "./sites.ts";

/**
 * What Kubernetes would make of a Service: one answer for each scope that it lives in, at least one.
 * Source: the Service concept page; the EndpointSlice controller.
 */
export function resolveService(snapshot: Snapshot, profile: Profile, service: ServiceManifest): readonly Resolution[] {
  const { selector } = service;
  if (service.serviceType.value !== "ExternalName" && selector) {
    return findReach(snapshot, service, selector).map((reach) => {
      const pods = podSources(snapshot, selector, reach.found);
      const ports = service.ports.map((port) => resolvePort(profile, port, pods));
      return resolutionAt(snapshot, service, reach.site, {
        endpoints: { kind: "selected", selector, pods },
        reach,
        ports,
      });
    });
  }
  return findKeptAddresses(snapshot, service).map((site) => {
    const endpoints = endpointsWithoutSelector(service, site.members);
    const slices = endpoints.kind === "manual" ? endpoints.slices : [];
    const resolveOne = (port: ServicePort): PortResolution =>
      endpoints.kind === "unknown" ? unknownPort(port) : resolveManualPort(port, slices);
    const ports = endpoints.kind === "external" ? [] : service.ports.map(resolveOne);
    return resolutionAt(snapshot, service, site, { endpoints, reach: undefined, ports });
  });
}

/** Of most Services nobody asks for the scope or for what was dumped, so they are found when somebody does. */
function resolutionAt(
  snapshot: Snapshot,
  service: ServiceManifest,
  site: Site,
  { endpoints, reach, ports }: Pick<Resolution, "endpoints" | "reach" | "ports">,
): Resolution {
  let observed: readonly EndpointsManifest[] | undefined;
  return {
    service,
    get scope() {
      return site.scope;
    },
    from: site.from,
    namespace: site.namespace,
    endpoints,
    get observed() {
      observed ??= observedAt(snapshot, service, site);
      return observed;
    },
    reach,
    ports,
  };
}

function endpointsWithoutSelector(service: ServiceManifest, slices: readonly EndpointsManifest[]): Endpoints {
  if (service.serviceType.value === "ExternalName") {
    const name = service.externalName ?? { value: "", range: service.serviceType.range, origin: "default" };
    return { kind: "external", name };
  }
  if (service.selectorPlaceholder) return { kind: "unknown", selector: service.selectorPlaceholder };
  const kept = keptByHand(slices);
  return kept.length > 0 ? { kind: "manual", slices: kept } : { kind: "none" };
}

/** A slice that was copied from an Endpoints object says what that one says. */
const keptByHand = (slices: readonly EndpointsManifest[]): readonly EndpointsManifest[] =>
  slices.some(({ kind }) => kind.value === "Endpoints") ? slices.filter(({ mirrored }) => !mirrored) : slices;
