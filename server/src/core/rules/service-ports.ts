import { oncePer } from "../base/once.ts";
import type { SourceRange } from "../base/source.ts";
import type { ContainerPort, ServiceManifest, ServicePort, WorkloadManifest } from "../manifest/model.ts";
import { isWithinRange } from "./edits.ts";

/** Where to speak of a target port: at the value, else at the port's number, else at the first key of the entry. */
export const placeOfTargetPort = (service: ServiceManifest, { targetPort, port, range }: ServicePort): SourceRange =>
  [targetPort.range, port.range].find((place) => isWithinRange(place, service.range)) ?? range;

/** The container ports of some pods that are there while the pods serve: those of containers and of sidecars. */
export const declaredPorts = (workloads: readonly WorkloadManifest[]): readonly ContainerPort[] => {
  const [first, ...others] = workloads;
  return first && others.length === 0 ? portsOf(first) : workloads.flatMap(portsOf);
};

const portsOf: (workload: WorkloadManifest) => readonly ContainerPort[] = oncePer(({ template }) =>
  template.containers.flatMap(({ role, ports }) => (role === "init" ? [] : ports)),
);
