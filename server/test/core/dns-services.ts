import { type NameResolution, resolveName } from "../../src/core/cluster/dns.ts";
import type { DnsRecord } from "../../src/core/cluster/dns-records.ts";
import { type DnsClient, noDnsConfig } from "../../src/core/cluster/search-path.ts";
import { defaultProfile } from "../../src/core/settings/profile.ts";
import { makeDnsService, makeLookup } from "./objects.ts";

/** With a cluster IP. */
export const web = makeDnsService(
  {
    name: "web",
    namespace: "shop",
    ports: [
      { name: "http", port: 80 },
      { name: "dns", port: 53, protocol: "UDP" },
    ],
  },
  ["10.96.0.20"],
  [{ ip: "10.244.0.7" }],
);

/** Headless, its pods with host names; one of them is not ready. */
export const database = makeDnsService(
  { name: "db-hl", namespace: "shop", headless: true, ports: [{ name: "pg", port: 5432 }] },
  [],
  [
    { ip: "10.244.0.5", port: 15432, hostname: "db-0" },
    { ip: "10.244.0.6", port: 15432, hostname: "db-1" },
    { ip: "10.244.0.9", port: 15432, hostname: "db-2", ready: false },
  ],
);

/** Headless, without ports and host names. */
export const plainHeadless = makeDnsService(
  { name: "peers", namespace: "shop", headless: true, ports: [] },
  [],
  [{ ip: "10.1.2.3" }, { ip: "fd00::10" }, { ip: "fd00::" }],
);

/** Headless, with no pod that is ready. */
export const emptyHeadless = makeDnsService(
  { name: "nobody", namespace: "shop", headless: true },
  [],
  [{ ip: "10.244.0.8", ready: false }],
);

export const external = makeDnsService({
  name: "mail",
  namespace: "shop",
  type: "ExternalName",
  externalName: "SMTP.example.com.",
  ports: [{ name: "smtp", port: 25 }],
});

export const alias = makeDnsService({
  name: "alias",
  namespace: "shop",
  type: "ExternalName",
  externalName: "web.shop.svc.cluster.local",
});

/** An alias for a name that nobody has. */
export const dangling = makeDnsService({
  name: "dangling",
  namespace: "shop",
  type: "ExternalName",
  externalName: "gone.shop.svc.cluster.local",
});

/** Aliases for one another, and one for itself. */
export const loopA = makeDnsService({
  name: "a",
  namespace: "loop",
  type: "ExternalName",
  externalName: "b.loop.svc.cluster.local",
});

export const loopB = makeDnsService({
  name: "b",
  namespace: "loop",
  type: "ExternalName",
  externalName: "a.loop.svc.cluster.local",
});

export const self = makeDnsService({
  name: "self",
  namespace: "loop",
  type: "ExternalName",
  externalName: "self.loop.svc.cluster.local.",
});

/** An alias for what is an address. */
export const numeric = makeDnsService({
  name: "numeric",
  namespace: "shop",
  type: "ExternalName",
  externalName: "10.0.0.1",
});

/** Without endpoints. */
export const full = makeDnsService({ name: "full", namespace: "shop" });

/** All of them. */
export const all = [
  web,
  database,
  plainHeadless,
  emptyHeadless,
  external,
  alias,
  dangling,
  loopA,
  loopB,
  self,
  numeric,
  full,
];

/** The names of a cluster with them. */
export const lookup = makeLookup(all, ["default"]);

/** A record as a zone file has it, addresses and targets with their final dot. */
export function print(record: DnsRecord): string {
  const target = "target" in record ? `${record.target}.` : record.ip;
  const data = record.type === "SRV" ? `${record.priority} ${record.weight} ${record.port} ${target}` : target;
  return `${record.name}. ${record.type} ${data}`;
}

/** Records as a zone file has them. */
export const printed = (records: readonly DnsRecord[]): readonly string[] => records.map(print);

/** A pod that asks for names. */
export const podIn = (namespace: string, more: Partial<DnsClient> = {}): DnsClient => ({
  namespace,
  dnsPolicy: "ClusterFirst",
  hostNetwork: false,
  dnsConfig: noDnsConfig,
  ...more,
});

export const look = (name: string, client = podIn("shop"), profile = defaultProfile): NameResolution =>
  resolveName(profile, lookup, client, name);
