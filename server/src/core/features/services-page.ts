import { groupBy } from "../base/group-by.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { type NodePorts, planNodePorts } from "../cluster/node-ports.ts";
import type { Resolution } from "../cluster/resolution.ts";
import { scopeName } from "../cluster/scope.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import { countEndpoints } from "./endpoint-count.ts";
import { allocatedText, type Cell, header, linked, table, withLegend } from "./layout.ts";
import type { Page } from "./page.ts";

/** What a shell knows of a Service besides. */
export interface ServiceRow {
  readonly resolution: Resolution;
  /** How many findings there are about it. */
  readonly findings: number;
  /** The path of its file, as the reader would write it. */
  readonly file: string;
}

/** One line for each Service; for each of its scopes, where it lives in several. */
export function servicesPage(cluster: Cluster, rows: readonly ServiceRow[]): Page {
  const nodePorts = allocate(cluster, rows);
  const isSeveral = rows.some(({ resolution }) => cluster.placed(resolution.service).length > 1);
  const titles = [
    "NAMESPACE",
    "NAME",
    "TYPE",
    "PORT(S)",
    "ENDPOINTS",
    "FINDINGS",
    "FILE",
    ...(isSeveral ? ["SCOPE"] : []),
  ];
  const cells = rows.map(({ resolution, findings, file }): readonly Cell[] => {
    const { service, scope } = resolution;
    return [
      linked(service.namespace.value, service.namespace.range),
      linked(service.name.value, service.name.range),
      linked(service.serviceType.value, service.serviceType.range),
      { text: portsText(service, nodePorts.get(service)) },
      endpointsCell(cluster, resolution),
      findings === 0 ? { text: "0" } : { text: String(findings), role: "bad" },
      { text: file },
      ...(isSeveral ? [{ text: scopeName(scope) }] : []),
    ];
  });
  return { lines: withLegend(table(0, [header(...titles), ...cells])) };
}

/** The node ports of all rows, handed out at once: a view for each file would look at every other file again. */
function allocate(cluster: Cluster, rows: readonly ServiceRow[]): ReadonlyMap<ServiceManifest, NodePorts> {
  const byRange = groupBy(
    rows.map(({ resolution }) => resolution.service),
    ({ range }) => {
      const { first, last } = cluster.profileAt(range.uri).nodePortRange;
      return `${first}-${last}`;
    },
  );
  const plans = [...byRange.values()].flatMap((services) => {
    const [first] = services;
    return first ? [...planNodePorts(cluster.profileAt(first.range.uri), services)] : [];
  });
  return new Map(plans);
}

/** As kubectl prints them: `80:30080/TCP,443/TCP`. */
function portsText(service: ServiceManifest, nodePorts: NodePorts | undefined): string {
  const texts = service.ports.map(({ port, protocol }, index) => {
    const nodePort = nodePorts?.ports[index];
    const number = nodePort ? `${port.value}:${allocatedText(nodePort)}` : `${port.value}`;
    return `${number}/${protocol.value}`;
  });
  return texts.length > 0 ? texts.join(",") : "<none>";
}

/** A number; two, where only a cluster can tell; `2+` or `?`, where there may be any number more; what stands in the place of endpoints, where there can be none. */
function endpointsCell(cluster: Cluster, resolution: Resolution): Cell {
  const { endpoints, service } = resolution;
  if (endpoints.kind === "external") return linked(`-> ${endpoints.name.value}`, endpoints.name.range);
  const { certain, possible, open } = countEndpoints(cluster, resolution);
  if (open) return { text: certain > 0 ? `${certain}+` : "?" };
  if (possible > 0) return { text: `${certain}-${certain + possible}` };
  return certain > 0 ? { text: String(certain) } : linked("0", service.selector?.key ?? service.name.range, "bad");
}
