import { familyOf, parseIP } from "../base/ip.ts";
import type { Profile } from "../settings/profile.ts";
import { type DnsRecord, type DnsService, dnsRecords, endpointHost, readyEndpoints } from "./dns-records.ts";

/** What a DNS server answers to one question. */
export type DnsAnswer =
  | {
      readonly kind: "records";
      /** Aliases first, in the order they were followed. */
      readonly records: readonly DnsRecord[];
      /** The Service behind the name; `undefined` for a name that spells a pod's address. */
      readonly service: DnsService | undefined;
      /** The host name of one endpoint, where the name asks for that endpoint alone. */
      readonly host: string | undefined;
      /** CoreDNS answers, other servers need not: an endpoint of a Service with a cluster IP, or a pod by address. */
      readonly guaranteed: boolean;
    }
  /** The name exists and has no record of the kind asked for. */
  | { readonly kind: "nodata"; readonly records: readonly DnsRecord[]; readonly because: NoData }
  /** The name does not exist. */
  | { readonly kind: "nxdomain"; readonly because: NoName }
  /** A server outside the cluster knows: the manifests cannot tell. */
  | { readonly kind: "elsewhere"; readonly records: readonly DnsRecord[]; readonly name: string };

export type NoData =
  /** The cluster domain itself, or a part of it that only holds other names. */
  | { readonly kind: "not-a-service" }
  /** The Service has no address of its own: the cluster had none left. */
  | { readonly kind: "no-address"; readonly service: DnsService }
  /** An ExternalName that leads to a name that does not exist. */
  | { readonly kind: "dangling-alias"; readonly service: DnsService; readonly target: string }
  /** ExternalNames that lead to each other, or on and on. */
  | { readonly kind: "alias-loop"; readonly service: DnsService };

export type NoName =
  /** Seen from here at least: the namespace may hold what no manifest shows, the more so if it is not known. */
  | {
      readonly kind: "no-service";
      readonly namespace: string;
      readonly name: string;
      readonly namespaceKnown: boolean;
    }
  /** A headless Service without a ready endpoint. */
  | { readonly kind: "no-endpoints"; readonly service: DnsService }
  | { readonly kind: "no-host"; readonly service: DnsService; readonly host: string }
  | { readonly kind: "no-port"; readonly service: DnsService }
  /** An ExternalName that is empty or an IP address. */
  | { readonly kind: "no-external-name"; readonly service: DnsService }
  /** No name of the cluster has this form, and no other server knows it. */
  | { readonly kind: "no-such-form" }
  /** A name of the cluster, asked of a server that does not know the cluster. */
  | { readonly kind: "not-cluster-dns" };

/** What DNS knows of the cluster. Names are given in lower case. */
export interface DnsLookup {
  readonly service: (namespace: string, name: string) => DnsService | undefined;
  /** Whether anything at all is known to be in a namespace. */
  readonly hasNamespace: (namespace: string) => boolean;
  /** The namespaces that hold a Service of a name. */
  readonly namespacesOf: (name: string) => readonly string[];
}

/** `address` asks for A and AAAA records. */
export type DnsQuestion = "address" | "SRV";

/**
 * The answer of the cluster's DNS server to a question for an absolute name, ExternalNames followed.
 * @param name without the final dot, in any case
 */
export function answer(profile: Profile, lookup: DnsLookup, name: string, question: DnsQuestion): DnsAnswer {
  return follow(profile, lookup, name.toLowerCase(), question, []);
}

/** The labels of a name before the cluster domain; `undefined` for a name outside of it. */
export function labelsInCluster(profile: Profile, name: string): readonly string[] | undefined {
  if (name === profile.domain) return [];
  return name.endsWith(`.${profile.domain}`) ? name.slice(0, -profile.domain.length - 1).split(".") : undefined;
}

function follow(
  profile: Profile,
  lookup: DnsLookup,
  name: string,
  question: DnsQuestion,
  aliases: readonly DnsRecord[],
): DnsAnswer {
  const labels = labelsInCluster(profile, name);
  if (labels === undefined) return { kind: "elsewhere", records: aliases, name };
  const area = labels.at(-1);
  if (area === undefined || (labels.length === 1 && (area === "svc" || area === "pod"))) return NOT_A_SERVICE;
  if (labels.length === 1 && area === "dns-version") return NOT_A_SERVICE;
  if (area === "pod") return podAnswer(name, labels.slice(0, -1), aliases);
  if (area !== "svc") return NO_SUCH_FORM;
  const [namespace, serviceName, ...prefix] = labels.slice(0, -1).reverse();
  if (namespace === undefined || labels.includes("")) return NO_SUCH_FORM;
  const namespaceKnown = lookup.hasNamespace(namespace);
  if (serviceName === undefined) {
    return namespaceKnown ? NOT_A_SERVICE : noSuchName({ kind: "no-service", namespace, name: "", namespaceKnown });
  }
  const service = lookup.service(namespace, serviceName);
  if (service === undefined) return noSuchName({ kind: "no-service", namespace, name: serviceName, namespaceKnown });
  return serviceAnswer(profile, lookup, { service, name, host: prefix.reverse(), question, aliases });
}

interface ServiceQuery {
  readonly service: DnsService;
  readonly name: string;
  /** The labels before the Service's name. */
  readonly host: readonly string[];
  readonly question: DnsQuestion;
  readonly aliases: readonly DnsRecord[];
}

function serviceAnswer(profile: Profile, lookup: DnsLookup, query: ServiceQuery): DnsAnswer {
  const { service, name, host, question, aliases } = query;
  if (host.length > 2) return NO_SUCH_FORM;
  const all = dnsRecords(profile, service).filter((record) => record.name === name);
  const alias = all.find((record) => record.type === "CNAME");
  if (alias !== undefined) return followAlias(profile, lookup, query, alias.target, [...aliases, alias]);
  const records = all.filter((record) => (record.type === "SRV") === (question === "SRV"));
  const one = host.length === 1 ? host[0] : undefined;
  if (records.length > 0) {
    return { kind: "records", records: [...aliases, ...records], service, host: one, guaranteed: true };
  }
  const { headless, serviceType } = service.service;
  if (serviceType.value === "ExternalName") return noSuchName({ kind: "no-external-name", service });
  if (all.length > 0) return { kind: "nodata", records: aliases, because: { kind: "not-a-service" } };
  if (headless !== undefined && readyEndpoints(service).length === 0)
    return noSuchName({ kind: "no-endpoints", service });
  if (host.length === 2) return noSuchName({ kind: "no-port", service });
  if (one === undefined) return { kind: "nodata", records: aliases, because: { kind: "no-address", service } };
  if (question === "SRV") return noSuchName({ kind: "no-host", service, host: one });
  return headless === undefined ? extensionAnswer(query, one) : noSuchName({ kind: "no-host", service, host: one });
}

/** CoreDNS knows the endpoints of a Service with a cluster IP by name, too. */
function extensionAnswer({ service, name, aliases }: ServiceQuery, host: string): DnsAnswer {
  const records = readyEndpoints(service)
    .filter((endpoint) => endpointHost(endpoint) === host)
    .map(
      ({ address, because }): DnsRecord => ({ ...addressRecord(name, address.ip), origin: address.origin, because }),
    );
  if (records.length === 0) return noSuchName({ kind: "no-host", service, host });
  return { kind: "records", records: [...aliases, ...records], service, host, guaranteed: false };
}

function followAlias(
  profile: Profile,
  lookup: DnsLookup,
  { service, question }: ServiceQuery,
  target: string,
  aliases: readonly DnsRecord[],
): DnsAnswer {
  if (aliases.length > LONGEST_CHAIN || aliases.some((alias) => alias.name === target)) {
    return { kind: "nodata", records: aliases, because: { kind: "alias-loop", service } };
  }
  const end = follow(profile, lookup, target, question, aliases);
  if (end.kind !== "nxdomain") return end;
  return { kind: "nodata", records: aliases, because: { kind: "dangling-alias", service, target } };
}

/** `10-244-1-7.shop.pod`: any address, as kubeadm sets CoreDNS up (`pods insecure`). */
function podAnswer(name: string, labels: readonly string[], aliases: readonly DnsRecord[]): DnsAnswer {
  const [dashed, namespace, ...rest] = labels;
  if (namespace === undefined) return NOT_A_SERVICE;
  const ip = parseIP(dashed?.replace(/-/g, ".") ?? "") ?? parseIP(dashed?.replace(/-/g, ":") ?? "");
  if (ip === undefined || rest.length > 0) return NO_SUCH_FORM;
  const record: DnsRecord = { ...addressRecord(name, ip), origin: "default", because: undefined };
  return { kind: "records", records: [...aliases, record], service: undefined, host: undefined, guaranteed: false };
}

const addressRecord = (name: string, ip: string) =>
  ({ type: familyOf(ip) === "IPv4" ? "A" : "AAAA", name, ip }) as const;

const noSuchName = (because: NoName): DnsAnswer => ({ kind: "nxdomain", because });

/** So many aliases CoreDNS follows. */
const LONGEST_CHAIN = 8;

const NO_SUCH_FORM: DnsAnswer = { kind: "nxdomain", because: { kind: "no-such-form" } };
const NOT_A_SERVICE: DnsAnswer = { kind: "nodata", records: [], because: { kind: "not-a-service" } };
