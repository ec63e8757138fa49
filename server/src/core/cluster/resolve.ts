import type { EndpointsManifest, ServiceManifest, ServicePort, WorkloadManifest } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import { folderOf } from "../workspace/folders.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { borrowTemplate } from "./borrowed-template.ts";
import { compareManifests, namespacesMeet } from "./manifests.ts";
import { resolveManualPort, resolvePort, unknownPort } from "./ports.ts";
import { findReach, type Reach } from "./reach.ts";
import type { Endpoints, PodSource, PortResolution, Resolution } from "./resolution.ts";
import { scopeAt } from "./scope.ts";

/**
 * What Kubernetes would make of a Service: one answer for each scope that it lives in, at least one.
 * Source: the Service concept page; the EndpointSlice controller.
 */
export function resolveService(snapshot: Snapshot, profile: Profile, service: ServiceManifest): readonly Resolution[] {
  if (service.serviceType.value !== "ExternalName" && service.selector) {
    const selector = service.selector;
    return findReach(snapshot, service, selector).map((reach) => {
      const pods = podSources(snapshot, reach);
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
  const slices = slicesOf(snapshot, service);
  return slices.length > 0 ? { kind: "manual", slices } : { kind: "none" };
}

/** The addresses kept for a Service: the nearest ones, in its own folder before elsewhere. */
function slicesOf(snapshot: Snapshot, service: ServiceManifest): readonly EndpointsManifest[] {
  const all = (snapshot.index.endpointsByService.get(service.name.value) ?? []).filter((slice) =>
    namespacesMeet(slice, service),
  );
  const home = folderOf(service.range.uri);
  const near = all.filter(({ range }) => folderOf(range.uri) === home);
  return [...(near.length > 0 ? near : all)].sort(compareManifests);
}

/** Dumped Pods stand for the workload that made them, so that neither is counted twice. */
function podSources(snapshot: Snapshot, { found }: Reach): readonly PodSource[] {
  const dumped = found.map(({ workload }) => workload).filter(({ observed }) => observed !== undefined);
  const made = new Set<WorkloadManifest>();
  const sources = found.map(({ workload, match }): PodSource => {
    const observed = workload.kind.value === "Pod" ? [] : podsMadeBy(dumped, workload);
    for (const pod of observed) made.add(pod);
    return { workload: borrowTemplate(snapshot, workload), match, observed };
  });
  return made.size === 0 ? sources : sources.filter(({ workload }) => !made.has(workload));
}

/** Pods are named after what made them: `web-6bovu` of a ReplicationController, `web-7d4b9c-x2x7z` of a Deployment. */
function podsMadeBy(dumped: readonly WorkloadManifest[], owner: WorkloadManifest): readonly WorkloadManifest[] {
  if (dumped.length === 0) return dumped;
  const suffix = /^(?:-[a-z0-9]+){1,2}$/;
  return dumped.filter(
    ({ kind, name }) =>
      kind.value === "Pod" &&
      name.value.startsWith(`${owner.name.value}-`) &&
      suffix.test(name.value.slice(owner.name.value.length)),
  );
}
