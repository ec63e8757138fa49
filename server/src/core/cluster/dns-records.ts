import { familyOf, parseIP, toNumber } from "../base/ip.ts";
import type { Origin, SourceRange } from "../base/source.ts";
import type { ServiceManifest, ServicePort } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import type { Address, Endpoint } from "./resolution.ts";

/** A Service, as far as the cluster's DNS server looks at it. */
export interface DnsService {
  readonly service: ServiceManifest;
  readonly clusterIPs: readonly Address[];
  readonly ports: readonly PortEndpoints[];
}

/** The endpoints of one Service port; of no port, for a headless Service that has none. */
export interface PortEndpoints {
  readonly port: ServicePort | undefined;
  readonly endpoints: readonly Endpoint[];
}

/** A resource record. Names are absolute, in lower case, without the final dot. */
export type DnsRecord = DnsRecordBase &
  (
    | { readonly type: "A" | "AAAA"; readonly ip: string }
    | { readonly type: "CNAME"; readonly target: string }
    | { readonly type: "PTR"; readonly target: string }
    | {
        readonly type: "SRV";
        readonly priority: number;
        readonly weight: number;
        readonly port: number;
        readonly target: string;
      }
  );

interface DnsRecordBase {
  readonly name: string;
  readonly origin: Origin;
  /** The YAML that makes the record; `undefined` for a name that spells an address. */
  readonly because: SourceRange | undefined;
}

/**
 * Every record that the cluster's DNS server has for a Service. Only ready endpoints count.
 * A Service without a name has none, nor has an ExternalName that is empty or an IP address.
 * @see https://github.com/kubernetes/dns/blob/master/docs/specification.md
 */
export function dnsRecords(profile: Profile, subject: DnsService): readonly DnsRecord[] {
  const { service } = subject;
  if (service.name.value === "") return [];
  if (service.serviceType.value === "ExternalName") return aliasRecords(profile, service);
  return service.headless === undefined ? clusterIPRecords(profile, subject) : headlessRecords(profile, subject);
}

/** `web.shop.svc.cluster.local`: the name that every other name of a Service is short for. */
export const clusterName = (profile: Profile, service: ServiceManifest): string =>
  `${service.name.value}.${service.namespace.value}.svc.${profile.domain}`.toLowerCase();

/**
 * The label that stands before the Service's name for one endpoint: its host name, else its address with dashes, as
 * CoreDNS makes it up.
 */
export function endpointHost({ hostname, address }: Endpoint): string {
  if (hostname !== undefined && hostname !== "") return hostname.toLowerCase();
  const dashed = address.ip.replace(/[.:]/g, "-");
  return dashed.endsWith("-") ? `${dashed}0` : dashed;
}

/** Ready endpoints, each address once, in the order of the ports. */
export function readyEndpoints({ service, ports }: DnsService): readonly Endpoint[] {
  const byAddress = new Map<string, Endpoint>();
  for (const endpoint of ports.flatMap((port) => readyOf(service, port))) {
    const key = `${endpoint.address.ip} ${endpointHost(endpoint)}`;
    if (!byAddress.has(key)) byAddress.set(key, endpoint);
  }
  return [...byAddress.values()];
}

/** The name under which the owner of an address is asked for: `7.12.96.10.in-addr.arpa`. */
export function reverseName(ip: string): string {
  if (familyOf(ip) === "IPv4") return `${ip.split(".").reverse().join(".")}.in-addr.arpa`;
  return `${nibbles(ip).reverse().join(".")}.ip6.arpa`;
}

function aliasRecords(profile: Profile, service: ServiceManifest): readonly DnsRecord[] {
  const written = service.externalName;
  const target = written?.value.replace(/\.$/, "").toLowerCase() ?? "";
  if (written === undefined || target === "" || parseIP(target) !== undefined) return [];
  const name = clusterName(profile, service);
  return [{ type: "CNAME", name, target, origin: written.origin, because: written.range }];
}

function clusterIPRecords(profile: Profile, { service, clusterIPs }: DnsService): readonly DnsRecord[] {
  const name = clusterName(profile, service);
  const addresses = clusterIPs.map((address): DnsRecord => {
    const written = service.clusterIPs.find((field) => parseIP(field.value) === address.ip);
    return addressRecord(name, address, (written ?? service.name).range);
  });
  const pointers = clusterIPs.map(
    ({ ip, origin }): DnsRecord => ({
      type: "PTR",
      name: reverseName(ip),
      target: name,
      origin,
      because: service.name.range,
    }),
  );
  const ports = service.ports.flatMap((port): DnsRecord[] => {
    const portName = portNameOf(profile, service, port);
    if (portName === undefined) return [];
    const { value, origin } = port.port;
    const data = { priority: 0, weight: 100, port: value, target: name };
    return [{ type: "SRV", name: portName, ...data, origin, because: port.range }];
  });
  return [...addresses, ...ports, ...pointers];
}

function headlessRecords(profile: Profile, subject: DnsService): readonly DnsRecord[] {
  const { service } = subject;
  const name = clusterName(profile, service);
  const ready = readyEndpoints(subject);
  const hostName = (endpoint: Endpoint): string => `${endpointHost(endpoint)}.${name}`;
  const shared = ready.map((endpoint) => addressRecord(name, endpoint.address, endpoint.because));
  const hosts = ready.map((endpoint) => addressRecord(hostName(endpoint), endpoint.address, endpoint.because));
  const ports = subject.ports.flatMap((entry) => servicePortRecords(profile, service, entry, hostName));
  const pointers = ready.map(
    (endpoint): DnsRecord => ({
      type: "PTR",
      name: reverseName(endpoint.address.ip),
      target: hostName(endpoint),
      origin: endpoint.address.origin,
      because: endpoint.because,
    }),
  );
  return unique([...shared, ...hosts, ...ports, ...pointers]);
}

/** SRV records of one port of a headless Service. Each endpoint weighs the same, in hundredths, as CoreDNS has it. */
function servicePortRecords(
  profile: Profile,
  service: ServiceManifest,
  entry: PortEndpoints,
  hostName: (endpoint: Endpoint) => string,
): readonly DnsRecord[] {
  const name = entry.port && portNameOf(profile, service, entry.port);
  if (name === undefined) return [];
  const ready = readyOf(service, entry);
  const weight = Math.max(1, Math.floor(100 / ready.length));
  return ready.map((endpoint) => ({
    type: "SRV",
    name,
    priority: 0,
    weight,
    port: endpoint.port,
    target: hostName(endpoint),
    origin: endpoint.hostname ? "written" : endpoint.address.origin,
    because: endpoint.because,
  }));
}

/** `_http._tcp.web.shop.svc.cluster.local`; `undefined` for an unnamed port. */
export function portNameOf(profile: Profile, service: ServiceManifest, port: ServicePort): string | undefined {
  const name = port.name?.value;
  if (name === undefined || name === "") return undefined;
  return `_${name}._${port.protocol.value}.${clusterName(profile, service)}`.toLowerCase();
}

const readyOf = (service: ServiceManifest, { endpoints }: PortEndpoints): readonly Endpoint[] =>
  endpoints.filter((endpoint) => endpoint.ready || service.publishNotReadyAddresses);

const addressRecord = (name: string, { ip, origin }: Address, because: SourceRange): DnsRecord => ({
  type: familyOf(ip) === "IPv4" ? "A" : "AAAA",
  name,
  ip,
  origin,
  because,
});

function unique(records: readonly DnsRecord[]): readonly DnsRecord[] {
  const byData = new Map<string, DnsRecord>();
  for (const record of records) {
    const { because, origin, ...data } = record;
    const key = JSON.stringify(data);
    if (!byData.has(key)) byData.set(key, record);
  }
  return [...byData.values()];
}

/** The 32 hexadecimal digits of an IPv6 address. */
function nibbles(ip: string): string[] {
  return [...toNumber(ip).toString(16).padStart(32, "0")];
}
