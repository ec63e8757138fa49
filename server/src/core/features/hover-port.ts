import { cut } from "../base/cut.ts";
import { type Message, message, quote } from "../base/message.ts";
import { assertNever } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { PodSource, PortTarget, Unresolved } from "../cluster/resolution.ts";
import type { ServiceManifest, ServicePort } from "../manifest/model.ts";
import type { LinkedWords, Prose } from "./markdown.ts";
import { nameOf, portText } from "./naming.ts";
import { scopeLabel } from "./scope-words.ts";

/** A Service port: where it leads, in the pods of each workload. */
export function describeServicePort(cluster: Cluster, service: ServiceManifest, port: ServicePort): Prose {
  const resolutions = cluster.placed(service);
  const targets = resolutions.flatMap((resolution) => {
    const found = resolution.ports.find((candidate) => candidate.port === port)?.targets ?? [];
    const label = resolutions.length < 2 ? undefined : scopeLabel(resolution, resolutions);
    return found.map((target) => labelled(label, describeTarget(target)));
  });
  const target = message`${quote(portText(port))} → targetPort ${quote(port.targetPort.value)}`;
  const heading = port.targetPort.origin === "default" ? message`${target}, the default` : target;
  const { shown, more } = cut(targets, MOST_TARGETS);
  const items = [...shown, ...(more > 0 ? [message`and ${more} more`] : [])];
  return [
    { kind: "heading", words: heading },
    targets.length > 0
      ? { kind: "list", items }
      : resolutions.some(({ endpoints }) => endpoints.kind === "unknown")
        ? { kind: "paragraph", words: message`Where it leads depends on the selector, which is filled in later` }
        : { kind: "paragraph", words: message`It leads nowhere: the Service has no endpoints here` },
  ];
}

const MOST_TARGETS = 8;

const labelled = (label: Message | undefined, { said, source }: LinkedWords): LinkedWords => ({
  said: label ? message`${label}: ${said}` : said,
  source,
});

/** Where a port leads in the pods of one workload, or why it does not. */
export function describeTarget(target: PortTarget): LinkedWords {
  switch (target.kind) {
    case "declared": {
      const { containerPort, name } = target.containerPort;
      const place = message`${nameOf(target.source.workload)}, container ${quote(target.container.name.value)}`;
      const said = name
        ? message`${place}, port ${quote(name.value)}: ${target.number}`
        : message`${place}: ${target.number}`;
      return { said, source: containerPort.range };
    }
    case "undeclared": {
      const said = message`${nameOf(target.source.workload)}: ${target.number}, which no container declares; it works if one of them listens there`;
      return { said, source: target.source.workload.template.key };
    }
    case "unresolved":
      return describeUnresolved(target.source, target.name, target.because);
    case "unknown":
      return {
        said: message`${nameOf(target.source.workload)}: the manifests cannot tell which port`,
        source: target.source.workload.template.key,
      };
    case "manual":
      return { said: message`${nameOf(target.slice)}: ${target.number}`, source: target.slice.name.range };
    default:
      return assertNever(target);
  }
}

function describeUnresolved({ workload }: PodSource, name: string, because: Unresolved): LinkedWords {
  const [who, port] = [nameOf(workload), quote(name)];
  switch (because.kind) {
    case "no-such-name":
      return {
        said: message`${who}: no endpoint, because no container port is named ${port}`,
        source: workload.template.key,
      };
    case "other-protocol":
      return {
        said: message`${who}: no endpoint, because container port ${port} is ${because.at.protocol.value}`,
        source: because.at.containerPort.range,
      };
    case "init-container":
      return {
        said: message`${who}: no endpoint, because ${port} is a port of an init container, which has ended by then`,
        source: because.at.containerPort.range,
      };
    case "sidecar-too-early":
      return {
        said: message`${who}: no endpoint, because ${port} is a port of a sidecar, which counts from Kubernetes 1.33 on`,
        source: because.at.containerPort.range,
      };
    case "container-name":
      return {
        said: message`${who}: no endpoint, because ${port} is the name of a container, not of a port`,
        source: because.at.name.range,
      };
    default:
      return assertNever(because);
  }
}
