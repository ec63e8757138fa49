import type { EndpointsManifest, ServiceManifest, ServicePort } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import { folderOf } from "../workspace/folders.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { compareManifests, namespacesMeet } from "./manifests.ts";
import { podSources } from "./pod-sources.ts";
import { resolveManualPort, resolvePort, unknownPort } from "./ports.ts";
import { findReach } from "./reach.ts";
import type { Endpoints, PortResolution, Resolution } from "./resolution.ts";
import { scopeAt } from "./scope.ts";

/**
 * What Kubernetes would make of a Service: one answer for each scope that it lives in, at least one.
 * Source: the Service concept page; the EndpointSlice controller.
 */
export function resolveService(snapshot: Snapshot, profile: Profile, service: ServiceManifest): readonly Resolution[] {
  if (service.serviceType.value !== "ExternalName" && service.selector) {
    const selector = service.selector;
    return findReach(snapshot, service, selector).map((reach) => {
      const pods = podSources(snapshot, selector, reach.found);
      const ports = service.ports.map((port) => resolvePort(profile, port, pods));
      return {
        service,
        get scope() {
          return reach.scope;
        },
        endpoints: { kind: "selected", selector, pods },
        reach,
        ports,
      };
    });
  }
  const scope = scopeAt(snapshot, service.range.uri, folderOf(service.range.uri));
  const endpoints = endpointsWithoutSelector(snapshot, service);
  const slices = endpoints.kind === "manual" ? endpoints.slices : [];
  const resolveOne = (port: ServicePort): PortResolution =>
    endpoints.kind === "unknown" ? unknownPort(port) : resolveManualPort(port, slices);
  const ports = endpoints.kind === "external" ? [] : service.ports.map(resolveOne);
  return [{ service, scope, endpoints, reach: undefined, ports }];
}

/** Endpoints and EndpointSlices of a Service that a controller wrote and somebody dumped: facts, not wishes. */
export const observedSlices = (snapshot: Snapshot, service: ServiceManifest): readonly EndpointsManifest[] =>
  slicesOf(snapshot, service).filter(({ observed }) => observed);

function endpointsWithoutSelector(snapshot: Snapshot, service: ServiceManifest): Endpoints {
  if (service.serviceType.value === "ExternalName") {
    const name = service.externalName ?? { value: "", range: service.serviceType.range, origin: "default" };
    return { kind: "external", name };
  }
  if (service.selectorPlaceholder) return { kind: "unknown", selector: service.selectorPlaceholder };
  const slices = keptByHand(slicesOf(snapshot, service));
  return slices.length > 0 ? { kind: "manual", slices } : { kind: "none" };
}

/** A slice that was copied from an Endpoints object says what that one says. */
const keptByHand = (slices: readonly EndpointsManifest[]): readonly EndpointsManifest[] =>
  slices.some(({ kind }) => kind.value === "Endpoints") ? slices.filter(({ mirrored }) => !mirrored) : slices;

/** The addresses kept for a Service: the nearest ones, in its own folder before elsewhere. */
function slicesOf(snapshot: Snapshot, service: ServiceManifest): readonly EndpointsManifest[] {
  const all = (snapshot.index.endpointsByService.get(service.name.value) ?? []).filter((slice) =>
    namespacesMeet(slice, service),
  );
  const home = folderOf(service.range.uri);
  const near = all.filter(({ range }) => folderOf(range.uri) === home);
  return [...(near.length > 0 ? near : all)].sort(compareManifests);
}
