import { list, type Message, message, plural } from "../base/message.ts";
import type { DocumentUri, SourceRange } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { clusterName } from "../cluster/dns-records.ts";
import type { Resolution } from "../cluster/resolution.ts";
import type { ParsedFile, ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { countEndpoints } from "./endpoint-count.ts";
import { pathTitle } from "./proxy-path.ts";
import { findSelecting } from "./selecting.ts";

/** A line above an object: what it says, and what happens when it is chosen. */
export interface Lens {
  readonly range: SourceRange;
  readonly title: Message | string;
  readonly action: LensAction;
}

export type LensAction =
  | { readonly kind: "show-endpoints" | "simulate" | "iptables"; readonly service: ServiceManifest }
  | { readonly kind: "copy-dns"; readonly name: string }
  | { readonly kind: "open-services"; readonly services: readonly ServiceManifest[] }
  | { readonly kind: "simulate-in-rules" | "compare-rules"; readonly rules: DocumentUri };

/** The lenses of a file, in the order of the text. No address is handed out for them. */
export function findLenses(cluster: Cluster, file: ParsedFile): readonly Lens[] {
  return file.manifests.flatMap((manifest) => {
    if (manifest.type === "Service") return serviceLenses(cluster, manifest);
    if (manifest.type === "Workload") return workloadLenses(cluster, manifest);
    return [];
  });
}

function serviceLenses(cluster: Cluster, service: ServiceManifest): readonly Lens[] {
  if (service.name.value === "") return [];
  const { range } = service;
  const profile = cluster.profileAt(range.uri);
  const { mode } = profile.proxy;
  const dnsNames = new Set(cluster.placed(service).map((placed) => clusterName(profile, placed.service)));
  const proxied = service.headless === undefined && service.serviceType.value !== "ExternalName";
  return [
    { range, title: endpointsTitle(cluster, cluster.resolve(service)), action: { kind: "show-endpoints", service } },
    ...[...dnsNames].map((name) => ({ range, title: name, action: { kind: "copy-dns", name } }) as const),
    { range, title: message`Simulate request`, action: { kind: "simulate", service } },
    ...(proxied ? [{ range, title: pathTitle(mode), action: { kind: "iptables", service } } as const] : []),
  ];
}

function workloadLenses(cluster: Cluster, workload: WorkloadManifest): readonly Lens[] {
  const services = findSelecting(cluster, workload).map(({ service }) => service);
  if (services.length === 0) return [];
  const names = services.map(({ name }) => name.value);
  const shown = [...new Set(names)].slice(0, MOST_NAMES);
  const title =
    shown.length < new Set(names).size
      ? message`selected by ${services.length} Services`
      : message`selected by Service ${list(shown, "comma")}`;
  return [{ range: workload.template.key, title, action: { kind: "open-services", services } }];
}

/** More names than this are a number. */
const MOST_NAMES = 4;

/** How many endpoints a Service has: one number, or one for each scope where they differ. */
export function endpointsTitle(cluster: Cluster, resolutions: readonly Resolution[]): Message {
  const [first] = resolutions;
  if (first?.endpoints.kind === "external") return message`external: ${first.endpoints.name.value}`;
  const counts = resolutions.map((resolution) => countEndpoints(cluster, resolution));
  if (counts.some(({ open }) => open)) {
    const least = Math.min(...counts.map(({ certain }) => certain));
    return least === 0 ? message`an unknown number of endpoints` : message`${least} or more endpoints`;
  }
  const most = Math.max(0, ...counts.map(({ certain, possible }) => certain + possible));
  if (most === 0) return first?.scope.open === undefined ? message`no endpoints` : message`no endpoints in sight`;
  if (counts.some(({ possible }) => possible > 0)) {
    return plural(most, message`up to ${most} endpoint`, message`up to ${most} endpoints`);
  }
  const distinct = [...new Set(counts.map(({ certain }) => certain))].sort((a, b) => a - b);
  return plural(most, message`${list(distinct, "or")} endpoint`, message`${list(distinct, "or")} endpoints`);
}
