import { cut } from "../base/cut.ts";
import { message, quote } from "../base/message.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { resolveTarget } from "../cluster/ports.ts";
import type { PodSource } from "../cluster/resolution.ts";
import type { ContainerPort, Label, WorkloadManifest } from "../manifest/model.ts";
import type { Block, LinkedWords, Prose } from "./markdown.ts";
import { linkTo, nameOf, portText } from "./naming.ts";
import { askingFor, findSelecting, isSameObject, type Selecting } from "./selecting.ts";

/** A workload: the Services that select its pods. */
export function describeWorkload(cluster: Cluster, workload: WorkloadManifest): Prose {
  const services = findSelecting(cluster, workload).map(({ service }) => linkTo(service));
  return [
    { kind: "heading", words: nameOf(workload) },
    services.length > 0
      ? { kind: "paragraph", words: message`Services that select its pods:` }
      : { kind: "paragraph", words: message`No Service selects its pods` },
    ...listOf(services),
  ];
}

/** A pod label: the Services that ask for it. Without it they would lose these pods. */
export function describePodLabel(cluster: Cluster, workload: WorkloadManifest, label: Label): Prose {
  const services = askingFor(findSelecting(cluster, workload), label).map(({ service }) => linkTo(service));
  return [
    { kind: "heading", words: message`Pod label ${quote(`${label.key.value}=${label.value.value}`)}` },
    services.length > 0
      ? { kind: "paragraph", words: message`Services that select the pods by it:` }
      : { kind: "paragraph", words: message`No Service selects these pods by it` },
    ...listOf(services),
  ];
}

/** A container port: the Service ports that lead to it. */
export function describeContainerPort(cluster: Cluster, workload: WorkloadManifest, port: ContainerPort): Prose {
  const leading = findSelecting(cluster, workload).flatMap((selecting) =>
    portsLeadingTo(cluster, selecting, workload, port),
  );
  const { containerPort, name, protocol } = port;
  const shown = quote(`${containerPort.value}/${protocol.value}`);
  return [
    {
      kind: "heading",
      words: name ? message`Container port ${quote(name.value)} · ${shown}` : message`Container port ${shown}`,
    },
    leading.length > 0
      ? { kind: "paragraph", words: message`Service ports that lead here:` }
      : { kind: "paragraph", words: message`No Service port leads here` },
    ...listOf(leading),
  ];
}

function portsLeadingTo(
  cluster: Cluster,
  { service, source }: Selecting,
  workload: WorkloadManifest,
  port: ContainerPort,
): readonly LinkedWords[] {
  const profile = cluster.profileAt(service.range.uri);
  // A dumped ReplicaSet or Pod has container ports of its own.
  const own: PodSource = { ...source, workload: isSameObject(workload, source.workload) ? source.workload : workload };
  return service.ports
    .filter((from) => {
      const target = resolveTarget(profile, from, own);
      return target.kind === "declared" && isSamePort(target.containerPort, port);
    })
    .map((from) => ({ said: message`${nameOf(service)}, port ${quote(portText(from))}`, source: from.port.range }));
}

const isSamePort = (a: ContainerPort, b: ContainerPort): boolean =>
  a === b ||
  (a.containerPort.range.uri === b.containerPort.range.uri &&
    a.containerPort.range.start === b.containerPort.range.start);

const MOST_SERVICES = 12;

function listOf(items: readonly LinkedWords[]): readonly Block[] {
  if (items.length === 0) return [];
  const { shown, more } = cut(items, MOST_SERVICES);
  return [{ kind: "list", items: more > 0 ? [...shown, message`and ${more} more`] : shown }];
}
