import { list, type Message, message, quote } from "../base/message.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { PodSource, PortResolution, Resolution } from "../cluster/resolution.ts";
import { isClosed } from "../cluster/scope.ts";
import type { ContainerPort, ServiceManifest, ServicePort } from "../manifest/model.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { addPortField, isWithinRange } from "./edits.ts";
import { mentionsNumber } from "./mentions.ts";
import type { Fix, Rule } from "./rule.ts";
import { listObjects } from "./words.ts";

/**
 * A Service port that leads to a number which no container of the selected pods declares, although they declare others.
 *
 * `containerPort` is informational: the number works if some process listens there. What makes it doubtful is that
 * nothing around the pods speaks of it.
 */
export const undeclaredTargetPort = {
  id: "undeclared-target-port",
  on: "Service",
  severity: "warning",
  title: message`Target port is declared by no container`,
  why: message`Kubernetes sends the traffic there all the same, but if nothing listens on that number, connections are refused`,
  remedy: message`Check which port the process listens on; name that one in targetPort, and declare it as a containerPort`,
  source: "https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service",
  details: ``,

  *check(service, cluster) {
    const seen = new Set<number>();
    for (const resolution of cluster.resolve(service)) {
      if (!isClosed(resolution.scope) && resolution.scope.open !== "custom-resource") continue;
      for (const [index, port] of resolution.ports.entries()) {
        if (port.state !== "undeclared" || seen.has(index)) continue;
        const doubt = doubtAbout(cluster, resolution, port);
        if (doubt === undefined) continue;
        seen.add(index);
        yield {
          range: rangeOf(service, port.port),
          message: doubt.message,
          related: doubt.related,
          fixes: fixesFor(cluster.snapshot, service, port.port, doubt.declared),
          ...(doubt.isGrave ? {} : { atMost: "hint" as const }),
        };
      }
    }
  },
} as const satisfies Rule<"Service">;

function doubtAbout(cluster: Cluster, resolution: Resolution, { port, targets }: PortResolution) {
  const sources = targets.flatMap((target) => (target.kind === "undeclared" ? [target.source] : []));
  const number = Number(port.targetPort.value);
  const declared = sources.flatMap(declaredPorts);
  const [first] = declared;
  if (first === undefined) return undefined;
  const workloads = sources.map(({ workload }) => workload);
  const otherProtocol = declared.find(({ containerPort }) => containerPort.value === number);
  const isSilent = sources.some((source) => declaredPorts(source).length === 0 || source.match !== "certain");
  const isGrave =
    otherProtocol === undefined && !isSilent && !mentionsNumber(cluster.snapshot, resolution, workloads, number);
  return {
    declared,
    isGrave,
    message: describe(port, number, listObjects(workloads), declared, otherProtocol),
    related: [
      {
        range: (otherProtocol ?? first).containerPort.range,
        message: message`a declared container port`,
      },
    ],
  };
}

function describe(
  { targetPort, protocol }: ServicePort,
  number: number,
  pods: ReturnType<typeof listObjects>,
  declared: readonly ContainerPort[],
  otherProtocol: ContainerPort | undefined,
): Message {
  if (otherProtocol) {
    return message`${pods} declares ${number} for ${otherProtocol.protocol.value}, and this port is ${protocol.value}; it works if something listens there`;
  }
  const numbers = list([...new Set(declared.map(({ containerPort }) => String(containerPort.value)))], "comma");
  return targetPort.origin === "default"
    ? message`without a targetPort this leads to ${number}, which no container of ${pods} declares (${numbers}); it works if something listens there`
    : message`no container of ${pods} declares ${number} (${numbers}); it works if something listens there`;
}

const declaredPorts = ({ workload }: PodSource): readonly ContainerPort[] =>
  workload.template.containers.flatMap(({ role, ports }) => (role === "init" ? [] : ports));

function fixesFor(
  snapshot: Snapshot,
  service: ServiceManifest,
  port: ServicePort,
  declared: readonly ContainerPort[],
): readonly Fix[] {
  const numbers = new Set(
    declared
      .filter(({ protocol }) => protocol.value === port.protocol.value)
      .map(({ containerPort }) => containerPort.value),
  );
  const [only] = numbers;
  if (only === undefined || only === 0 || numbers.size > 1) return [];
  const { targetPort } = port;
  const isThere = targetPort.range.start !== port.port.range.start;
  if (!isWithinRange(targetPort.range, service.range)) return [];
  const edit = isThere
    ? { range: targetPort.range, newText: String(only) }
    : addPortField(snapshot, port, "targetPort", only);
  return edit ? [{ title: message`Target ${quote(only)}`, edits: [edit] }] : [];
}

function rangeOf(service: ServiceManifest, { targetPort, port, range }: ServicePort) {
  return [targetPort.range, port.range].find((place) => isWithinRange(place, service.range)) ?? range;
}
