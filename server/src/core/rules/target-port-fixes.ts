import { message, quote } from "../base/message.ts";
import { findNearest } from "../base/text.ts";
import type { Unresolved } from "../cluster/resolution.ts";
import type { ContainerPort, ServiceManifest, ServicePort, WorkloadManifest } from "../manifest/model.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { addPortField, isWithinRange, replaceScalar } from "./edits.ts";
import type { Fix } from "./rule.ts";

/** Makes a Service port lead to a port that all of some pods have. */
export function retarget(
  snapshot: Snapshot,
  service: ServiceManifest,
  port: ServicePort,
  because: Unresolved,
  workloads: readonly WorkloadManifest[],
): readonly Fix[] {
  if (because.kind === "other-protocol") {
    const protocol = because.at.protocol.value;
    const edit =
      port.protocol.origin === "written" && isWithinRange(port.protocol.range, service.range)
        ? replaceScalar(snapshot, port.protocol.range, protocol)
        : addPortField(snapshot, port, "protocol", protocol);
    return edit ? [{ title: message`Use protocol ${protocol}`, edits: [edit] }] : [];
  }
  if (!isWithinRange(port.targetPort.range, service.range)) return [];
  return findMeant(port, workloads).map(({ name, containerPort }) =>
    name
      ? {
          title: message`Use targetPort ${quote(name.value)}`,
          edits: [replaceScalar(snapshot, port.targetPort.range, name.value)],
        }
      : {
          title: message`Use targetPort ${containerPort.value}`,
          edits: [{ range: port.targetPort.range, newText: String(containerPort.value) }],
        },
  );
}

/** More choices than these are no help. */
const MOST_CHOICES = 3;

/**
 * The container ports that may have been meant: the one of nearly that name, else the one of the Service port's number,
 * else every one that all pods have.
 */
function findMeant(port: ServicePort, workloads: readonly WorkloadManifest[]): readonly ContainerPort[] {
  const [first = [], ...others] = workloads.map(mainPorts);
  const shared = first.filter(
    (candidate) =>
      candidate.protocol.value === port.protocol.value &&
      candidate.containerPort.value > 0 &&
      others.every((ports) => ports.some((other) => isSamePort(candidate, other))),
  );
  const names = shared.flatMap(({ name }) => name?.value ?? []);
  const nearest = findNearest(String(port.targetPort.value), names);
  const meant =
    shared.find(({ name }) => nearest !== undefined && name?.value === nearest) ??
    shared.find(({ containerPort }) => containerPort.value === port.port.value);
  return meant ? [meant] : shared.slice(0, MOST_CHOICES);
}

/** Ports that Services find in every release. */
const mainPorts = ({ template }: WorkloadManifest): readonly ContainerPort[] =>
  template.containers.flatMap(({ role, ports }) => (role === "main" ? ports : []));

const isSamePort = (a: ContainerPort, b: ContainerPort): boolean =>
  a.name?.value === b.name?.value &&
  a.protocol.value === b.protocol.value &&
  (a.name !== undefined || a.containerPort.value === b.containerPort.value);
