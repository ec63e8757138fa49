import { type Message, message, plural, quote } from "../base/message.ts";
import type { PortResolution, PortTarget, Resolution } from "../cluster/resolution.ts";
import { seesAbsence } from "../cluster/scope.ts";
import type { ServiceManifest, ServicePort, WorkloadManifest } from "../manifest/model.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { isWithinRange } from "./edits.ts";
import type { Finding, Related, Rule } from "./rule.ts";
import { declaredPorts, placeOfTargetPort } from "./service-ports.ts";
import { retarget } from "./target-port-fixes.ts";
import { unmatchedByHand } from "./unmatched-by-hand.ts";
import { describeObject, listObjects, listPorts } from "./words.ts";

/**
 * A Service port that leads to no port of the selected pods: its name is declared by no container, or the addresses
 * kept by hand have no port of its name and protocol.
 *
 * Mirrors FindPort of the EndpointSlice controller: a name is searched among the containers, then among sidecars, with
 * the protocol of the Service port. The pod stays without that port, and nobody says so.
 */
export const unresolvedTargetPort = {
  id: "unresolved-target-port",
  on: "Service",
  severity: "error",
  title: message`No pod has the target port`,
  why: message`Pods without a container port of that name get no endpoint for it, so connections to the Service port are refused`,
  remedy: message`Name a port of the pods' containers in targetPort, or give the container port that name`,
  source: "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
  details: `
A name in \`targetPort\` is looked up in each selected pod by itself: first among its containers, then, from Kubernetes
1.33 on, among its sidecars (init containers with \`restartPolicy: Always\`). Name and protocol must both be those of the
Service port. Plain init containers are never searched, and the name of a container is not the name of a port.

- No selected workload has the port: an error.
- Some have it and others do not: a warning that names the others.
- All have it in one of several environments and none in another: a warning, too.
- None is known to have it, and a placeholder may become its name: nothing is said.
- \`targetPort: "8080"\`, in quotes, is a name without a letter. The API server rejects it.
- A Service without a selector takes the ports of its hand-written EndpointSlices or Endpoints: there must be one of
  the same name and protocol.

Nothing is reported where a kustomization, a chart or a template may still change the pods, nor for a name that is a
placeholder.
`,

  *check(service, cluster) {
    const { snapshot } = cluster;
    for (const port of service.ports) {
      if (isQuotedNumber(port)) yield quotedNumber(service, port);
    }
    const resolutions = cluster.resolve(service);
    for (const [index, port] of service.ports.entries()) {
      if (isQuotedNumber(port)) continue;
      const findings = resolutions.flatMap((resolution) => {
        const found = resolution.ports[index];
        const finding = found && checkPort(snapshot, resolution, found);
        return finding && seesAbsence(resolution.scope) ? finding : [];
      });
      const [first] = findings;
      if (first) yield findings.length < resolutions.length ? { ...first, fixes: [], atMost: "warning" } : first;
    }
  },
} as const satisfies Rule<"Service">;

function checkPort(
  snapshot: Snapshot,
  { service, endpoints }: Resolution,
  resolution: PortResolution,
): Finding | undefined {
  if (endpoints.kind === "manual") return unmatchedByHand(service, resolution, endpoints.slices);
  if (endpoints.kind !== "selected") return undefined;
  const serving = resolution.targets.filter((target) => !("source" in target && isJob(target.source.workload)));
  const targets = serving.length > 0 ? serving : resolution.targets;
  const missing = targets.filter(isUnresolved);
  const [first] = missing;
  if (first === undefined) return undefined;
  const others = targets.filter((target) => !isUnresolved(target));
  const isPartial = others.some(({ kind }) => kind === "declared");
  if (!isPartial && others.some(({ kind }) => kind === "unknown")) return undefined;
  const without = missing.map(({ source }) => source.workload);
  const { port } = resolution;
  return {
    range: placeOfTargetPort(service, port),
    message: isPartial
      ? message`targetPort ${quote(first.name)} names no container port of ${listObjects(without)}, only of other pods`
      : explain(port, first, without),
    related: relatedTo(first),
    fixes: isPartial ? [] : retarget(snapshot, service, port, first.because, without),
    ...(isPartial ? { atMost: "warning" as const } : {}),
  };
}

type Missing = Extract<PortTarget, { readonly kind: "unresolved" }>;

/** A pod that may turn out otherwise proves nothing. */
const isUnresolved = (target: PortTarget): target is Missing =>
  target.kind === "unresolved" && target.source.match === "certain";

/** Jobs often bear the labels of the application that they belong to, and serve nothing. */
const isJob = ({ kind }: WorkloadManifest): boolean => /Job$/.test(kind.value);

function explain(port: ServicePort, { name, because }: Missing, workloads: readonly WorkloadManifest[]): Message {
  const pods = listObjects(workloads);
  switch (because.kind) {
    case "other-protocol":
      return message`targetPort ${quote(name)} is a ${because.at.protocol.value} port of ${pods}, and this port is ${port.protocol.value}`;
    case "init-container":
      return message`targetPort ${quote(name)} is a port of an init container of ${pods}, which has ended before the pod serves`;
    case "sidecar-too-early":
      return message`targetPort ${quote(name)} is a port of a sidecar of ${pods}, where Services look from Kubernetes 1.33 on`;
    case "container-name":
      return message`targetPort ${quote(name)} is the name of a container of ${pods}, not of a container port`;
    case "no-such-name":
      return message`targetPort ${quote(name)} names no container port of ${pods} (${describeDeclared(workloads)})`;
  }
}

function describeDeclared(workloads: readonly WorkloadManifest[]): Message {
  const ports = declaredPorts(workloads);
  const named = ports.flatMap((port) => port.name?.value ?? []);
  const names = listPorts(named, quote);
  if (named.length > 0) return plural(workloads.length, message`it has ${names}`, message`they have ${names}`);
  const numbers = listPorts(ports.map(({ containerPort }) => String(containerPort.value)));
  return ports.length > 0 ? message`only ${numbers}, without a name` : message`none is declared`;
}

function relatedTo({ because, source }: Missing): readonly Related[] {
  switch (because.kind) {
    case "other-protocol":
    case "init-container":
    case "sidecar-too-early":
      return [
        { range: because.at.name?.range ?? because.at.containerPort.range, message: message`the port of that name` },
      ];
    case "container-name":
      return [{ range: because.at.name.range, message: message`the container of that name` }];
    case "no-such-name": {
      const [first] = declaredPorts([source.workload]);
      const range = first ? (first.name ?? first.containerPort).range : source.workload.template.key;
      return [{ range, message: message`the container ports of ${describeObject(source.workload)}` }];
    }
  }
}

/** A name of digits alone: somebody meant the number. The API server wants a letter in every port name. */
const isQuotedNumber = ({ targetPort }: ServicePort): boolean =>
  typeof targetPort.value === "string" && /^\d+$/.test(targetPort.value);

function quotedNumber(service: ServiceManifest, port: ServicePort): Finding {
  const { value, range } = port.targetPort;
  const isNumber = Number(value) >= 1 && Number(value) <= 65535;
  return {
    range: placeOfTargetPort(service, port),
    message: message`targetPort ${quote(value)} in quotes is a name, and a name needs a letter; the API server rejects it`,
    related: [],
    fixes:
      isNumber && isWithinRange(range, service.range)
        ? [{ title: message`Remove the quotes`, edits: [{ range, newText: String(Number(value)) }] }]
        : [],
  };
}
