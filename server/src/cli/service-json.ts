import { type Message, message, quote } from "../core/base/message.ts";
import type { SourceRange } from "../core/base/source.ts";
import { clusterName } from "../core/cluster/dns-records.ts";
import { listEndpoints, type ServedPort } from "../core/cluster/endpoints.ts";
import type { AllocatedPort } from "../core/cluster/node-ports.ts";
import type { Endpoint, PodSource, PortTarget, Resolution, Unresolved } from "../core/cluster/resolution.ts";
import { scopeName } from "../core/cluster/scope.ts";
import type { View } from "../core/cluster/view.ts";
import type { Labels } from "../core/manifest/model.ts";
import { type Call, say } from "./call.ts";
import type { Workspace } from "./load.ts";

/**
 * A Service in one scope, as `docs/schemas/services.schema.json` describes it: what it is and where it leads.
 * @param view one that the Service is in
 */
export function serviceDocument(call: Call, workspace: Workspace, view: View, resolution: Resolution): object {
  const { service, endpoints } = resolution;
  const served = listEndpoints(view, resolution);
  const addresses = view.plan.services.get(service);
  return {
    scope: scopeName(resolution.scope),
    namespace: service.namespace.value,
    name: service.name.value,
    type: service.serviceType.value,
    ...placeOf(workspace, service.name.range),
    clusterIPs: addresses?.clusterIPs ?? [],
    selector: service.selector ? labelsOf(service.selector) : null,
    endpoints: endpoints.kind,
    workloads: endpoints.kind === "selected" ? endpoints.pods.map((source) => workloadOf(workspace, source)) : [],
    ports: served.map((port, index) => portOf(call, workspace, port, addresses?.nodePorts.ports[index])),
    dns: { fqdn: clusterName(view.profile, service) },
  };
}

function workloadOf(workspace: Workspace, { workload, match }: PodSource): object {
  return {
    kind: workload.kind.value,
    namespace: workload.namespace.value,
    name: workload.name.value,
    replicas: workload.replicas?.value ?? null,
    certain: match === "certain",
    ...placeOf(workspace, workload.name.range),
  };
}

function portOf(
  call: Call,
  workspace: Workspace,
  { resolution, endpoints }: ServedPort,
  nodePort: AllocatedPort | undefined,
): object {
  const { port, state, targets } = resolution;
  return {
    name: port.name?.value ?? null,
    port: port.port.value,
    protocol: port.protocol.value,
    targetPort: port.targetPort.value,
    nodePort: nodePort?.port ?? null,
    ...(nodePort ? { nodePortOrigin: nodePort.origin } : {}),
    state,
    endpoints: endpoints.map((endpoint) => endpointDocument(workspace, endpoint)),
    unresolved: targets.flatMap((target) => unresolvedOf(call, workspace, target)),
  };
}

const endpointDocument = (workspace: Workspace, endpoint: Endpoint): object => ({
  ip: endpoint.address.ip,
  port: endpoint.port,
  origin: endpoint.address.origin,
  ready: endpoint.ready,
  node: endpoint.node ?? null,
  pod: endpoint.pod ?? null,
  container: endpoint.container ?? null,
  ...placeOf(workspace, endpoint.because),
});

function unresolvedOf(call: Call, workspace: Workspace, target: PortTarget): readonly object[] {
  if (target.kind !== "unresolved") return [];
  const { workload } = target.source;
  return [
    {
      kind: workload.kind.value,
      name: workload.name.value,
      reason: say(call, describe(target.name, target.because)),
      ...placeOf(workspace, workload.name.range),
    },
  ];
}

function describe(name: string, because: Unresolved): Message {
  switch (because.kind) {
    case "no-such-name":
      return message`no container port is named ${quote(name)}`;
    case "other-protocol":
      return message`${quote(name)} is a ${because.at.protocol.value} port`;
    case "init-container":
      return message`${quote(name)} is a port of an init container, which has ended before the pod serves`;
    case "sidecar-too-early":
      return message`${quote(name)} is a port of a sidecar, where Services look from Kubernetes 1.33 on`;
    case "container-name":
      return message`${quote(name)} is the name of a container, not of a container port`;
  }
}

/** The file and line that a value stands in. */
export const placeOf = ({ pathOf, places }: Workspace, range: SourceRange): { file: string; line: number } => ({
  file: pathOf(range.uri),
  line: places.startOf(range).line,
});

/** The place that something comes from; `null` for what comes from no manifest. */
export const sourceOf = (workspace: Workspace, range: SourceRange | undefined) =>
  range === undefined ? null : placeOf(workspace, range);

const labelsOf = ({ entries }: Labels): object =>
  Object.fromEntries(entries.map(({ key, value }) => [key.value, value.value]));
