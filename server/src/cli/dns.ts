import { message } from "../core/base/message.ts";
import { endpointNames, serviceNames } from "../core/cluster/dns-names.ts";
import { clusterName, type DnsRecord, dnsRecords } from "../core/cluster/dns-records.ts";
import type { Resolution } from "../core/cluster/resolution.ts";
import { scopeName } from "../core/cluster/scope.ts";
import { dnsServiceOf, servedService } from "../core/cluster/served.ts";
import { dnsPage } from "../core/features/dns-page.ts";
import { type Call, type ExitStatus, formatOf, printJson } from "./call.ts";
import { CallError } from "./call-error.ts";
import { findService } from "./find-service.ts";
import { openWorkspace, type Workspace } from "./load.ts";
import { printPages } from "./page-text.ts";
import { placeOf, sourceOf } from "./service-json.ts";

/** `portolan dns`: every DNS record of a Service in each of its scopes, and the shorter names that lead to it. */
export async function dns(call: Call): Promise<ExitStatus> {
  const format = formatOf(call, ["text", "json"]);
  const [reference, ...paths] = call.operands;
  if (reference === undefined) throw new CallError(message`name a Service: ${"portolan dns [NAMESPACE/]SERVICE"}`);
  const workspace = await openWorkspace(call, paths);
  const resolutions = findService(call, workspace, reference);
  if (format === "json") {
    printJson(call, { version: 1, services: resolutions.map((resolution) => dnsDocument(workspace, resolution)) });
  } else {
    printPages(
      call,
      resolutions.map((resolution) => dnsPage(workspace.cluster, resolution)),
    );
  }
  return 0;
}

function dnsDocument(workspace: Workspace, resolution: Resolution): object {
  const { service, scope } = resolution;
  const view = workspace.cluster.viewOf(resolution);
  const { profile } = view;
  const served = servedService(view, service);
  const subject = served && dnsServiceOf(view, served);
  return {
    scope: scopeName(scope),
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
