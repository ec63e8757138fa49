import { message } from "../core/base/message.ts";
import { endpointNames, serviceNames } from "../core/cluster/dns-names.ts";
import { clusterName, type DnsRecord, dnsRecords } from "../core/cluster/dns-records.ts";
import { dnsServiceOf, servedService } from "../core/cluster/served.ts";
import { dnsPage } from "../core/features/dns-page.ts";
import type { ServiceManifest } from "../core/manifest/model.ts";
import { type Call, type ExitStatus, formatOf, printJson } from "./call.ts";
import { CallError } from "./call-error.ts";
import { findService } from "./find-service.ts";
import { openWorkspace, type Workspace } from "./load.ts";
import { printPages } from "./page-text.ts";
import { placeOf, sourceOf } from "./service-json.ts";

/** `portolan dns`: every DNS record of a Service, and the shorter names that lead to it. */
export async function dns(call: Call): Promise<ExitStatus> {
  const format = formatOf(call, ["text", "json"]);
  const [reference, ...paths] = call.operands;
  if (reference === undefined) throw new CallError(message`name a Service: ${"portolan dns [NAMESPACE/]SERVICE"}`);
  const workspace = await openWorkspace(call, paths);
  const services = [...new Set(findService(call, workspace, reference).map(({ service }) => service))];
  if (format === "json") {
    printJson(call, { version: 1, services: services.map((service) => dnsDocument(workspace, service)) });
  } else {
    printPages(
      call,
      services.map((service) => dnsPage(workspace.cluster, service)),
    );
  }
  return 0;
}

function dnsDocument(workspace: Workspace, service: ServiceManifest): object {
  const { cluster } = workspace;
  const from = service.range.uri;
  const { profile } = cluster.viewFrom(from);
  const served = servedService(cluster, from, service);
  const subject = served && dnsServiceOf(cluster, from, served);
  return {
    namespace: service.namespace.value,
    name: service.name.value,
    ...placeOf(workspace, service.name.range),
    fqdn: clusterName(profile, service),
    records: subject ? dnsRecords(profile, subject).map((record) => recordDocument(workspace, record)) : [],
    names: subject
      ? [
          ...serviceNames(profile, subject).map(({ name, from: namespace, port }) => ({
            name,
            from: namespace ?? null,
            type: port ? "SRV" : "address",
            pod: null,
          })),
          ...endpointNames(profile, subject).map(({ name, from: namespace, endpoint }) => ({
            name,
            from: namespace ?? null,
            type: "address",
            pod: endpoint.pod ?? null,
          })),
        ]
      : [],
  };
}

function recordDocument(workspace: Workspace, record: DnsRecord): object {
  const { because, ...data } = record;
  return { ...data, source: sourceOf(workspace, because) };
}
