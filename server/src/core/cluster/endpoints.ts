import { familyOf, parseIP } from "../base/ip.ts";
import type { EndpointsManifest, ServiceManifest } from "../manifest/model.ts";
import { familiesOf } from "./families.ts";
import { podId } from "./pod-addresses.ts";
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

function targetEndpoints(
  view: View,
  service: ServiceManifest,
  { port }: PortResolution,
  target: PortTarget,
): readonly Endpoint[] {
  switch (target.kind) {
    case "unresolved":
    case "unknown":
      return [];
    case "manual":
      return sliceEndpoints(target.slice, target.subset, target.number, port.protocol.value, "written");
    case "declared":
    case "undeclared": {
      const families = familiesOf(view.profile, service);
      return (view.pods.get(target.source.workload) ?? []).flatMap((pod) => {
        const placement = view.plan.pods.get(podId(pod.key));
        return (placement?.addresses ?? [])
          .filter(({ ip }) => families.includes(familyOf(ip)))
          .map(
            (address): Endpoint => ({
              address,
              port: target.number,
              protocol: port.protocol.value,
              ready: service.publishNotReadyAddresses || (pod.ready && !pod.terminating),
              serving: pod.ready,
              terminating: pod.terminating,
              node: placement?.node?.name,
              pod: pod.name,
              container: target.kind === "declared" ? target.container.name.value : undefined,
              hostname: pod.subdomain === service.name.value ? pod.hostname : undefined,
              because: target.kind === "declared" ? target.containerPort.containerPort.range : pod.because,
            }),
          );
      });
    }
  }
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
