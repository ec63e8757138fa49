import { isPlaceholder } from "../base/text.ts";
import type { Container, ContainerPort, EndpointsManifest, ServicePort } from "../manifest/model.ts";
import { atLeast, type Profile } from "../settings/profile.ts";
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
  const find = (role: Container["role"], isMeant: (declared: ContainerPort) => boolean): PortTarget | undefined => {
    for (const container of containers) {
      if (container.role !== role) continue;
      for (const containerPort of container.ports) {
        if (containerPort.protocol.value !== protocol || !isMeant(containerPort)) continue;
        const number = containerPort.containerPort.value;
        return number === 0
          ? { kind: "unknown", source }
          : { kind: "declared", source, number, container, containerPort };
      }
    }
    return undefined;
  };
  if (target === 0) return { kind: "unknown", source };
  if (typeof target === "number") {
    const hasNumber = ({ containerPort }: ContainerPort): boolean => containerPort.value === target;
    return find("main", hasNumber) ?? find("sidecar", hasNumber) ?? { kind: "undeclared", source, number: target };
  }
  if (isUnknown(target) || source.workload.workloadRef !== undefined) return { kind: "unknown", source };
  const hasName = ({ name }: ContainerPort): boolean => name?.value === target;
  const found = find("main", hasName) ?? (atLeast(profile, 1, 33) ? find("sidecar", hasName) : undefined);
  if (found !== undefined) return found;
  if (hasUnknownPortNames(containers)) return { kind: "unknown", source };
  return { kind: "unresolved", source, name: target, because: explainMissing(target, containers) };
}

/** Whether a port is filled in later: a placeholder, or a bare word that no port may be named. */
const isUnknown = (name: string): boolean => isPlaceholder(name) || /^[A-Z][A-Z0-9_]*$/.test(name);

/** A template without containers is not all here; a placeholder may become the name. */
export const hasUnknownPortNames = (containers: readonly Container[]): boolean =>
  containers.length === 0 ||
  containers.some(({ ports }) => ports.some(({ name }) => name !== undefined && isPlaceholder(name.value)));

function explainMissing(name: string, containers: readonly Container[]): Unresolved {
  const named = containers.flatMap((container) =>
    container.ports
      .filter((port) => port.name?.value === name)
      .map((at): [Container, ContainerPort] => [container, at]),
  );
  const otherProtocol = named.find(([container]) => container.role === "main");
  if (otherProtocol) return { kind: "other-protocol", at: otherProtocol[1] };
  const sidecar = named.find(([container]) => container.role === "sidecar");
  if (sidecar) return { kind: "sidecar-too-early", at: sidecar[1] };
  const init = named.find(([container]) => container.role === "init");
  if (init) return { kind: "init-container", at: init[1] };
  const container = containers.find((candidate) => candidate.role === "main" && candidate.name.value === name);
  return container ? { kind: "container-name", at: container } : { kind: "no-such-name" };
}
