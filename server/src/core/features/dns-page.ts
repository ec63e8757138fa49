import { message, quote } from "../base/message.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { endpointNames, serviceNames } from "../cluster/dns-names.ts";
import { type DnsRecord, dnsRecords } from "../cluster/dns-records.ts";
import type { Resolution } from "../cluster/resolution.ts";
import { scopeName } from "../cluster/scope.ts";
import { dnsServiceOf, servedService } from "../cluster/served.ts";
import { recordData } from "./dns-words.ts";
import { blank, type Cell, fact, header, indented, linked, table, title, withLegend } from "./layout.ts";
import { nameOf } from "./naming.ts";
import type { Line, Page } from "./page.ts";

/** Every DNS record of a Service in one of its scopes, then the shorter names that lead to it, and from where. */
export function dnsPage(cluster: Cluster, resolution: Resolution): Page {
  const { service } = resolution;
  const view = cluster.viewOf(resolution);
  const served = servedService(view, service);
  const heading: Line = [
    linked(message`${nameOf(service)} in namespace ${quote(service.namespace.value)}`, service.name.range, "title"),
  ];
  if (served === undefined) return { lines: [heading] };
  const scope = fact(message`scope`, { text: scopeName(resolution.scope) });
  const { profile } = view;
  const subject = dnsServiceOf(view, served);
  const records = dnsRecords(profile, subject);
  const names: readonly (readonly Cell[])[] = [
    ...serviceNames(profile, subject).map((name): readonly Cell[] => [
      linked(name.name, (name.port?.name ?? service.name).range),
      whence(name.from),
      { text: name.port ? "SRV" : "" },
    ]),
    ...endpointNames(profile, subject).map((name): readonly Cell[] => [
      linked(name.name, name.endpoint.because),
      whence(name.from),
      { text: name.endpoint.pod ?? "" },
    ]),
  ];
  return {
    lines: withLegend([
      heading,
      ...(cluster.placed(service).length > 1 ? [scope] : []),
      blank,
      [title(message`Records`)],
      ...(records.length > 0
        ? table(1, [header("NAME", "TYPE", "DATA"), ...records.map(recordCells)])
        : [indented(1, { text: message`none: without a ready endpoint or an address its name does not exist` })]),
      blank,
      [title(message`Names that lead to it`)],
      ...(names.length > 0
        ? table(1, [header("NAME", "FROM NAMESPACE", "FOR"), ...names])
        : [indented(1, { text: message`none: a Service without a name has none` })]),
    ]),
  };
}

const recordCells = (record: DnsRecord): readonly Cell[] => [
  linked(record.name, record.because),
  { text: record.type },
  { text: recordData(record) },
];

/** The namespace that a short name works in; as kubectl writes what is no name. */
const whence = (namespace: string | undefined): Cell => ({ text: namespace ?? "<any>" });
