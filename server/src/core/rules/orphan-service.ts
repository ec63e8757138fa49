import { list, message, quote } from "../base/message.ts";
import type { NearMiss } from "../cluster/near-miss.ts";
import type { Reach } from "../cluster/reach.ts";
import type { Labels, ServiceManifest } from "../manifest/model.ts";
import type { Fix, Related, Rule } from "./rule.ts";

/**
 * A Service whose selector matches no pod that is deployed with it.
 *
 * Mirrors the EndpointSlice controller: every selector entry must equal a pod label, and only pods of the Service's own
 * namespace count.
 */
export const orphanService = {
  id: "orphan-service",
  on: "Service",
  severity: "warning",
  title: message`Service selects no pods`,
  why: message`Its EndpointSlices stay empty, so kube-proxy rejects every connection to its cluster IP`,
  remedy: message`Make the selector a subset of the labels in a pod template of the same namespace`,
  source: "https://kubernetes.io/docs/concepts/services-networking/service/",
  details: "",

  *check(service, cluster) {
    for (const { endpoints, reach } of cluster.resolve(service)) {
      if (endpoints.kind !== "selected" || endpoints.pods.length > 0 || reach === undefined) continue;
      if (reach.scope.open !== undefined && reach.scope.open !== "custom-resource") continue;
      yield {
        range: endpoints.selector.key,
        message: message`no pod in namespace ${quote(service.namespace.value)} has ${describe(endpoints.selector)}`,
        related: relatedTo(reach),
        fixes: reach.nearMiss ? fixesFor(service, reach.nearMiss) : [],
        ...(isCertain(reach) ? {} : { atMost: "hint" }),
      };
    }
  },
} as const satisfies Rule<"Service">;

const isCertain = (reach: Reach): boolean => reach.nearMiss !== undefined && reach.scope.open === undefined;

const describe = (selector: Labels) =>
  list(selector.entries.map(({ key, value }) => quote(`${key.value}=${value.value}`)));

function relatedTo({ nearMiss, elsewhere }: Reach): readonly Related[] {
  if (nearMiss) {
    const { workload } = nearMiss;
    return [
      {
        range: workload.template.labels.key,
        message: message`the closest pod labels: ${workload.kind.value} ${quote(workload.name.value)}`,
      },
    ];
  }
  return elsewhere.slice(0, 3).map((workload) => ({
    range: workload.name.range,
    message: message`a match in another scope or namespace: ${workload.kind.value} ${quote(workload.name.value)}`,
  }));
}

function fixesFor(_service: ServiceManifest, { wrong }: NearMiss): readonly Fix[] {
  return wrong.flatMap(({ entry, instead }): Fix[] =>
    instead?.kind === "value"
      ? [
          {
            title: message`Select ${quote(`${entry.key.value}=${instead.label.value.value}`)}`,
            edits: [{ range: entry.value.range, newText: instead.label.value.value }],
          },
        ]
      : [],
  );
}
