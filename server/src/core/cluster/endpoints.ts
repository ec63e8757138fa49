import { familyOf } from "../base/ip.ts";
import type { SourceRange } from "../base/source.ts";
import type { EndpointsManifest, ServiceManifest } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import { servedFamilies } from "./families.ts";
import { selectsOrdinal } from "./labels.ts";
import { podId } from "./pod-addresses.ts";
import { type PlannedPod, podsOfSource } from "./pods.ts";
import { resolveTarget } from "./ports.ts";
import type { Endpoint, PodSource, PortResolution, PortTarget, Resolution } from "./resolution.ts";
import { sliceEndpoints } from "./slice-endpoints.ts";
import type { View } from "./view.ts";

/** The endpoints of one Service port. */
export interface ServedPort {
  readonly resolution: PortResolution;
  readonly endpoints: readonly Endpoint[];
}

/**
 * The addresses behind every port of a Service, as the EndpointSlice controller would list them; where any were dumped,
 * as it did.
 * @param view one that shows the pods of this scope
 */
export function listEndpoints(view: View, resolution: Resolution): readonly ServedPort[] {
  const { service } = resolution;
  const listed = listedIn(resolution);
  return resolution.ports.map((port) => ({
    resolution: port,
    endpoints: listed
      ? sliceEndpoints(view.profile, service, port.port, listed)
      : port.targets.flatMap((target) =>
          reachedPods(view.profile, service, port, target).flatMap(({ pod, at }) =>
            podEndpoints(view, service, pod, {
              port: at.number,
              protocol: port.port.protocol.value,
              container: at.kind === "declared" ? at.container.name.value : undefined,
              because: at.kind === "declared" ? at.containerPort.containerPort.range : pod.because,
            }),
          ),
        ),
  }));
}

/**
 * Every address behind a Service whatever its port, as the name of a headless Service has them: pods without the port
 * of a name count, too. Their port is 0.
 */
export function listAddresses(view: View, resolution: Resolution): readonly Endpoint[] {
  const { service, endpoints } = resolution;
  const listed = listedIn(resolution);
  if (listed) return sliceEndpoints(view.profile, service, undefined, listed);
  if (endpoints.kind !== "selected") return [];
  return endpoints.pods.flatMap((source) =>
    selectedPods(view.profile, service, source).flatMap((pod) =>
      podEndpoints(view, service, pod, { port: 0, protocol: "TCP", container: undefined, because: pod.because }),
    ),
  );
}

/** The lists that the endpoints of a Service stand in; `undefined` where they are those of its pods. */
export const listedIn = ({ endpoints, observed }: Resolution): readonly EndpointsManifest[] | undefined =>
  observed.length > 0 ? observed : endpoints.kind === "manual" ? endpoints.slices : undefined;

/** A pod, and where a Service port leads in it. */
export interface ReachedPod {
  readonly pod: PlannedPod;
  readonly at: Extract<PortTarget, { readonly kind: "declared" | "undeclared" }>;
}

/** The pods behind one target of a Service port that have the port. */
export function reachedPods(
  profile: Profile,
  service: ServiceManifest,
  { port }: PortResolution,
  target: PortTarget,
): readonly ReachedPod[] {
  if (target.kind === "manual") return [];
  const { source } = target;
  const isOpen = target.kind === "unresolved" || target.kind === "unknown";
  if (isOpen && source.observed === undefined) return [];
  return selectedPods(profile, service, source).flatMap((pod): ReachedPod[] => {
    const own = source.observed ? resolveTarget(profile, port, { ...source, workload: pod.workload }) : target;
    if (own.kind !== "declared" && own.kind !== "undeclared") return [];
    // A rollout may have changed the ports since. Where it did not, the workload is where they are written.
    const isSame = own.kind === target.kind && own.number === target.number;
    return [{ pod, at: isSame ? target : own }];
  });
}

/** The pods of a workload that a Service selects, and that have an address or will be given one. */
export const selectedPods = (
  profile: Profile,
  { selector }: ServiceManifest,
  source: PodSource,
): readonly PlannedPod[] =>
  podsOfSource(profile, source).filter(
    ({ workload, key }) =>
      key.observedIPs?.length !== 0 && (!selector || selectsOrdinal(selector, workload, key.ordinal)),
  );

/** A pod in the families of a Service. */
function podEndpoints(
  view: View,
  service: ServiceManifest,
  pod: PlannedPod,
  at: Pick<Endpoint, "port" | "protocol" | "container"> & { readonly because: SourceRange },
): readonly Endpoint[] {
  const families = servedFamilies(view.profile, service);
  const placement = view.plan.pods.get(podId(pod.key));
  return (placement?.addresses ?? [])
    .filter(({ ip }) => families.includes(familyOf(ip)))
    .map(
      (address): Endpoint => ({
        address,
        port: at.port,
        protocol: at.protocol,
        ready: isReady(service, pod),
        serving: pod.ready,
        terminating: pod.terminating,
        node: placement?.node?.name,
        pod: pod.name,
        container: at.container,
        hostname: pod.subdomain === service.name.value ? pod.hostname : undefined,
        because: at.because,
      }),
    );
}

/** Whether DNS and kube-proxy count a pod in. */
export const isReady = ({ publishNotReadyAddresses }: ServiceManifest, { ready, terminating }: PlannedPod): boolean =>
  publishNotReadyAddresses || (ready && !terminating);
