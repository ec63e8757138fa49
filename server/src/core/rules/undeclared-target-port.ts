import { type Message, message } from "../base/message.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { PortResolution, Resolution } from "../cluster/resolution.ts";
import { seesAbsence } from "../cluster/scope.ts";
import type { ContainerPort, ServiceManifest, ServicePort } from "../manifest/model.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { addPortField, isWithinRange } from "./edits.ts";
import { mentionsNumber } from "./mentions.ts";
import type { Fix, Related, Rule } from "./rule.ts";
import { declaredPorts, placeOfTargetPort } from "./service-ports.ts";
import { listObjects, listPorts } from "./words.ts";

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
  title: message`No container declares the target port`,
  why: message`Kubernetes sends the traffic there all the same; if nothing listens on that port, connections are refused`,
  remedy: message`Check which port the process listens on; name that one in targetPort, and declare it as a containerPort`,
  source: "https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service",
  details: `
The number in \`targetPort\` is where the traffic goes, whether or not a container declares it. So this is a hint, unless
there is reason to think that nothing listens there:

- every selected workload declares container ports of that protocol, and none of them has the number;
- nothing else speaks of the number: neither the manifests of the pods (arguments, environment, probes, annotations,
  comments) nor a ConfigMap beside them. \`hostPort\` does not count, it is a port of the node;
- no environment declares it, where there are several (\`dev/\`, \`prod/\`);
- it is the only such port of the Service. Where there are several, the containers declare only some of those that they
  listen on.

Then it is a warning. A \`targetPort\` that is left out, or 0, means the number of \`port\`: the usual mistake is \`port: 80\`
in front of a container on 8080.

Nothing is said of pods that declare no port at all, nor where a kustomization, a chart or a template may still change
the pods.
`,

  *check(service, cluster) {
    const resolutions = cluster.resolve(service);
    for (const [index, port] of service.ports.entries()) {
      const doubts = resolutions.flatMap((resolution) => {
        const found = resolution.ports[index];
        if (found?.state !== "undeclared") return [];
        // Nobody mistypes two ports of one Service: there the containers declare only some of those they listen on.
        const isOnly = resolution.ports.filter(({ state }) => state === "undeclared").length === 1;
        const doubt = doubtAbout(cluster, resolution, found);
        return doubt && seesAbsence(resolution.scope) ? [{ ...doubt, isGrave: doubt.isGrave && isOnly }] : [];
      });
      const [first] = doubts;
      if (first === undefined) continue;
      // What one of several environments declares, the others most likely listen on.
      const isGrave = doubts.length === resolutions.length && doubts.every((doubt) => doubt.isGrave);
      yield {
        range: placeOfTargetPort(service, port),
        message: first.message,
        related: first.related,
        fixes: isGrave ? fixesFor(cluster.snapshot, service, port, first.declared) : [],
        ...(isGrave ? {} : { atMost: "hint" as const }),
      };
    }
  },
} as const satisfies Rule<"Service">;

/** Why one port is worth a word, and whether it is worth a warning. */
interface Doubt {
  readonly message: Message;
  readonly related: readonly Related[];
  readonly declared: readonly ContainerPort[];
  readonly isGrave: boolean;
}

function doubtAbout(
  { snapshot }: Cluster,
  resolution: Resolution,
  { port, targets }: PortResolution,
): Doubt | undefined {
  const sources = targets.flatMap((target) => (target.kind === "undeclared" ? [target.source] : []));
  const number = Number(port.targetPort.value);
  const workloads = sources.map(({ workload }) => workload);
  const declared = declaredPorts(workloads);
  const [first] = declared;
  if (first === undefined || declared.some(({ containerPort }) => containerPort.value === 0)) return undefined;
  const otherProtocol = declared.find(({ containerPort }) => containerPort.value === number);
  const declaresOthers = sources.every(
    ({ workload, match }) =>
      match === "certain" && declaredPorts([workload]).some(({ protocol }) => protocol.value === port.protocol.value),
  );
  return {
    declared,
    isGrave: otherProtocol === undefined && declaresOthers && !mentionsNumber(snapshot, resolution, workloads, number),
    message: describe(port, number, listObjects(workloads), declared, otherProtocol),
    related: [{ range: (otherProtocol ?? first).containerPort.range, message: message`a declared container port` }],
  };
}

function describe(
  { targetPort, protocol }: ServicePort,
  number: number,
  pods: Message,
  declared: readonly ContainerPort[],
  otherProtocol: ContainerPort | undefined,
): Message {
  if (otherProtocol) {
    return message`${pods} declares ${number} for ${otherProtocol.protocol.value}, and this port is ${protocol.value}; it works if something listens there`;
  }
  const numbers = listPorts(declared.map(({ containerPort }) => String(containerPort.value)));
  return targetPort.origin === "default"
    ? message`without a targetPort this leads to ${number}, which no container of ${pods} declares, only ${numbers}; it works if something listens there`
    : message`no container of ${pods} declares ${number}, only ${numbers}; it works if something listens there`;
}

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
  return edit ? [{ title: message`Use targetPort ${only}`, edits: [edit] }] : [];
}
