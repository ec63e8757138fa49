import { cut } from "../base/cut.ts";
import { list, message, quote } from "../base/message.ts";
import type { Resolution } from "../cluster/resolution.ts";
import type { ServedService } from "../cluster/served.ts";
import type { ServicePort, WorkloadManifest } from "../manifest/model.ts";
import { nameOf } from "./naming.ts";
import type { Remedy } from "./remedies.ts";

/** What would give a Service port endpoints; without a port, the Service any pods at all. */
export function endpointRemedies(
  { service, resolution }: ServedService,
  port: ServicePort | undefined,
): readonly Remedy[] {
  const { endpoints, reach } = resolution;
  if (endpoints.kind === "manual") {
    return [
      {
        said: message`add a ready address and the port ${quote(port?.name?.value ?? "")} to its EndpointSlice`,
        source: endpoints.slices[0]?.name.range ?? service.name.range,
      },
    ];
  }
  if (endpoints.kind === "unknown") {
    return [
      { said: message`fill in the selector ${quote(endpoints.selector.value)}`, source: endpoints.selector.range },
    ];
  }
  if (endpoints.kind !== "selected") {
    return [{ said: message`give ${nameOf(service)} a selector or an EndpointSlice`, source: service.name.range }];
  }
  if (endpoints.pods.length > 0) return podRemedies(resolution, port);
  const { nearMiss, elsewhere = [] } = reach ?? {};
  if (nearMiss !== undefined) {
    return nearMiss.wrong.map(({ entry, instead }) => {
      const who = nameOf(nearMiss.workload);
      const asked = quote(`${entry.key.value}=${entry.value.value}`);
      const said =
        instead === undefined
          ? message`drop ${asked} from the selector: the pods of ${who} do not have it`
          : message`select ${quote(`${instead.label.key.value}=${instead.label.value.value}`)}, which the pods of ${who} have, not ${asked}`;
      return { said, source: instead?.kind === "key" ? entry.key.range : entry.value.range };
    });
  }
  const { shown } = cut(elsewhere, 3);
  const others = shown.map((workload) => ({
    said: message`deploy ${nameOf(workload)} with it, in its namespace: its pods match`,
    source: workload.name.range,
  }));
  const labels = list(endpoints.selector.entries.map(({ key, value }) => quote(`${key.value}=${value.value}`)));
  return [{ said: message`give a pod template the labels ${labels}`, source: endpoints.selector.key }, ...others];
}

/** Pods there are, but none that serves the port. */
function podRemedies({ endpoints, ports }: Resolution, port: ServicePort | undefined): readonly Remedy[] {
  if (endpoints.kind !== "selected") return [];
  const targets = ports.find((candidate) => candidate.port === port)?.targets ?? [];
  const missing = targets.flatMap((target) => (target.kind === "unresolved" ? [target] : []));
  if (missing.length > 0) {
    return missing.map(({ source, name }) => {
      const named = source.workload.template.containers.flatMap(({ role, ports: own }) => (role === "init" ? [] : own));
      const words = list(
        named.map((own) => quote(own.name?.value ?? own.containerPort.value)),
        "or",
      );
      return {
        said:
          named.length > 0
            ? message`write ${words} as targetPort: no container port of ${nameOf(source.workload)} is named ${quote(name)}`
            : message`declare a container port named ${quote(name)} in ${nameOf(source.workload)}`,
        source: port?.targetPort.range ?? source.workload.template.key,
      };
    });
  }
  return endpoints.pods.map(({ workload, observed }) =>
    observed?.length === 0 ? relabelled(workload) : (idle(workload) ?? notReady(workload)),
  );
}

function idle(workload: WorkloadManifest): Remedy | undefined {
  const { replicas, kind } = workload;
  if (replicas?.value !== 0) return undefined;
  const who = nameOf(workload);
  const said =
    kind.value === "VirtualMachine"
      ? message`start ${who}, which is halted`
      : message`raise the replicas of ${who}, which are 0`;
  return { said, source: replicas.range };
}

const relabelled = (workload: WorkloadManifest): Remedy => ({
  said: message`roll out ${nameOf(workload)} again: its dumped Pods lack labels that the selector asks for`,
  source: workload.name.range,
});

const notReady = (workload: WorkloadManifest): Remedy => ({
  said: message`find out why no pod of ${nameOf(workload)} is ready`,
  source: workload.name.range,
});
