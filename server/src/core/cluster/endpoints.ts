import { familyOf, parseIP } from "../base/ip.ts";
import type { SourceRange } from "../base/source.ts";
import type { EndpointsManifest, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { familiesOf } from "./families.ts";
import { selectsOrdinal } from "./labels.ts";
import { podId } from "./pod-addresses.ts";
import type { PlannedPod } from "./pods.ts";
import type { Endpoint, PortResolution, PortTarget, Resolution } from "./resolution.ts";
import type { View } from "./view.ts";

/** The endpoints of one Service port. */
export interface ServedPort {
  readonly resolution: PortResolution;
  readonly endpoints: readonly Endpoint[];
}

/**
 * The addresses behind every port of a Service, as the EndpointSlice controller would list them.
 * @param observed EndpointSlices that were dumped from a cluster: where there are any, they are the answer
 */
export function listEndpoints(
  view: View,
  resolution: Resolution,
  observed: readonly EndpointsManifest[] = [],
): readonly ServedPort[] {
  return resolution.ports.map((port) => ({
    resolution: port,
    endpoints:
      observed.length > 0
        ? observedEndpoints(port, observed)
        : port.targets.flatMap((target) => targetEndpoints(view, resolution.service, port, target)),
  }));
}

/**
 * Every address behind a Service whatever its port, as the name of a headless Service has them: pods without the port
 * of a name count, too. Their port is 0.
 */
export function listAddresses(
  view: View,
  { service, endpoints }: Resolution,
  observed: readonly EndpointsManifest[] = [],
): readonly Endpoint[] {
  const slices = observed.length > 0 ? observed : endpoints.kind === "manual" ? endpoints.slices : [];
  const origin = observed.length > 0 ? "observed" : "written";
  if (slices.length > 0 || endpoints.kind !== "selected") {
    return slices.flatMap((slice) =>
      slice.subsets.flatMap((_, subset) => sliceEndpoints(slice, subset, 0, "TCP", origin)),
    );
  }
  return endpoints.pods.flatMap(({ workload }) =>
    podEndpoints(view, service, workload, { port: 0, protocol: "TCP", container: undefined, because: undefined }),
  );
}

function targetEndpoints(
  view: View,
  service: ServiceManifest,
  { port }: PortResolution,
  target: PortTarget,
): readonly Endpoint[] {
  const protocol = port.protocol.value;
  switch (target.kind) {
    case "unresolved":
    case "unknown":
      return [];
    case "manual":
      return sliceEndpoints(target.slice, target.subset, target.number, protocol, "written");
    case "declared":
      return podEndpoints(view, service, target.source.workload, {
        port: target.number,
        protocol,
        container: target.container.name.value,
        because: target.containerPort.containerPort.range,
      });
    case "undeclared":
      return podEndpoints(view, service, target.source.workload, {
        port: target.number,
        protocol,
        container: undefined,
        because: undefined,
      });
  }
}

/** The pods of a workload in the families of a Service. Without a range of their own they point at the pod. */
function podEndpoints(
  view: View,
  service: ServiceManifest,
  workload: WorkloadManifest,
  at: Pick<Endpoint, "port" | "protocol" | "container"> & { readonly because: SourceRange | undefined },
): readonly Endpoint[] {
  const families = familiesOf(view.profile, service);
  const { selector } = service;
  return podsBehind(view, workload).flatMap((pod) => {
    if (selector && !selectsOrdinal(selector, pod.workload, pod.key.ordinal)) return [];
    const placement = view.plan.pods.get(podId(pod.key));
    return (placement?.addresses ?? [])
      .filter(({ ip }) => families.includes(familyOf(ip)))
      .map(
        (address): Endpoint => ({
          address,
          port: at.port,
          protocol: at.protocol,
          ready: service.publishNotReadyAddresses || (pod.ready && !pod.terminating),
          serving: pod.ready,
          terminating: pod.terminating,
          node: placement?.node?.name,
          pod: pod.name,
          container: at.container,
          hostname: pod.subdomain === service.name.value ? pod.hostname : undefined,
          because: at.because ?? pod.because,
        }),
      );
  });
}

/** A Rollout that borrows a template is a copy of its manifest, so it is found by its place. */
function podsBehind(view: View, workload: WorkloadManifest): readonly PlannedPod[] {
  const pods = view.pods.get(workload);
  if (pods !== undefined || workload.kind.value !== "Rollout") return pods ?? [];
  const original = view.workloads.find(
    ({ range }) => range.uri === workload.range.uri && range.start === workload.range.start,
  );
  return (original && view.pods.get(original)) ?? [];
}

function observedEndpoints({ port }: PortResolution, slices: readonly EndpointsManifest[]): readonly Endpoint[] {
  return slices.flatMap((slice) =>
    slice.subsets.flatMap(({ ports }, subset) =>
      ports
        .filter((entry) => entry.name === (port.name?.value ?? "") && entry.protocol === port.protocol.value)
        .flatMap((entry) => sliceEndpoints(slice, subset, entry.port.value, entry.protocol, "observed")),
    ),
  );
}

function sliceEndpoints(
  slice: EndpointsManifest,
  subset: number,
  port: number,
  protocol: Endpoint["protocol"],
  origin: "written" | "observed",
): readonly Endpoint[] {
  return (slice.subsets[subset]?.addresses ?? []).flatMap((entry): Endpoint[] => {
    const ip = parseIP(entry.ip.value);
    if (ip === undefined) return [];
    return [
      {
        address: { ip, origin },
        port,
        protocol,
        ready: entry.ready,
        serving: entry.serving,
        terminating: entry.terminating,
        node: entry.nodeName,
        pod: entry.pod,
        container: undefined,
        hostname: entry.hostname,
        because: entry.ip.range,
      },
    ];
  });
}
