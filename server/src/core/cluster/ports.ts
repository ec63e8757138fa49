import { isPlaceholder } from "../base/text.ts";
import type { Container, ContainerPort, EndpointsManifest, ServicePort } from "../manifest/model.ts";
import { protocols } from "../manifest/service.ts";
import { atLeast, type Profile } from "../settings/profile.ts";
import { findContainerPort, hasUnknownPortNames } from "./container-ports.ts";
import type { PodSource, PortResolution, PortTarget, Unresolved } from "./resolution.ts";

/** Where one Service port leads in the pods of the selected workloads. */
export function resolvePort(profile: Profile, port: ServicePort, pods: readonly PodSource[]): PortResolution {
  const targets = pods.map((source) => resolveTarget(profile, port, source));
  return { port, targets, state: stateOf(targets) };
}

/**
 * Where one Service port leads in addresses kept by hand: their own port of the same name and protocol, whatever
 * `targetPort` says.
 */
export function resolveManualPort(port: ServicePort, slices: readonly EndpointsManifest[]): PortResolution {
  const targets = slices.flatMap((slice) =>
    slice.subsets.flatMap(({ ports }, subset) =>
      ports
        .filter((entry) => entry.name === (port.name?.value ?? "") && entry.protocol === port.protocol.value)
        .map((entry): PortTarget => ({ kind: "manual", slice, subset, number: entry.port.value })),
    ),
  );
  return { port, targets, state: targets.length > 0 ? "matched" : "unresolved" };
}

function stateOf(targets: readonly PortTarget[]): PortResolution["state"] {
  if (targets.every(({ kind }) => kind === "unresolved")) return "unresolved";
  if (targets.every(({ kind }) => kind === "undeclared")) return "undeclared";
  const isSomewhere = targets.some(({ kind }) => kind !== "unresolved" && kind !== "unknown");
  if (!isSomewhere) return "unknown";
  return targets.some(({ kind }) => kind === "unresolved") ? "partial" : "matched";
}

/** Where a port leads of a Service whose pods nobody can tell yet. */
export const unknownPort = (port: ServicePort): PortResolution => ({ port, targets: [], state: "unknown" });

/**
 * A number goes to that number whether or not a container declares it. A name is searched among the containers in
 * order, then among sidecars, with the Service port's protocol.
 * Source: kubernetes/kubernetes staging/src/k8s.io/endpointslice/utils.go, FindPort.
 */
export function resolveTarget(profile: Profile, port: ServicePort, source: PodSource): PortTarget {
  const { containers } = source.workload.template;
  const target = port.targetPort.value;
  const protocol = port.protocol.value;
  const find = (role: Container["role"]): PortTarget | undefined => {
    const found = findContainerPort(containers, role, target, protocol);
    if (found === undefined) return undefined;
    const { container, port: containerPort } = found;
    const number = containerPort.containerPort.value;
    return number === 0 ? { kind: "unknown", source } : { kind: "declared", source, number, container, containerPort };
  };
  if (target === 0) return { kind: "unknown", source };
  if (typeof target === "number") {
    return find("main") ?? find("sidecar") ?? { kind: "undeclared", source, number: target };
  }
  if (isUnknown(target) || source.workload.workloadRef !== undefined) return { kind: "unknown", source };
  const found = find("main") ?? (atLeast(profile, 1, 33) ? find("sidecar") : undefined);
  if (found !== undefined) return found;
  if (hasUnknownPortNames(containers)) return { kind: "unknown", source };
  return { kind: "unresolved", source, name: target, because: explainMissing(target, containers) };
}

/** Whether a port is filled in later: a placeholder, or a bare word that no port may be named. */
const isUnknown = (name: string): boolean => isPlaceholder(name) || /^[A-Z][A-Z0-9_]*$/.test(name);

function explainMissing(name: string, containers: readonly Container[]): Unresolved {
  const findNamed = (role: Container["role"]): ContainerPort | undefined => {
    const found = protocols.flatMap((protocol) => findContainerPort(containers, role, name, protocol) ?? []);
    return found.sort((a, b) => a.port.containerPort.range.start - b.port.containerPort.range.start)[0]?.port;
  };
  const otherProtocol = findNamed("main");
  if (otherProtocol) return { kind: "other-protocol", at: otherProtocol };
  const sidecar = findNamed("sidecar");
  if (sidecar) return { kind: "sidecar-too-early", at: sidecar };
  const init = findNamed("init");
  if (init) return { kind: "init-container", at: init };
  const container = containers.find((candidate) => candidate.role === "main" && candidate.name.value === name);
  return container ? { kind: "container-name", at: container } : { kind: "no-such-name" };
}
