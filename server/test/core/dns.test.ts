import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type NameResolution, resolveName } from "../../src/core/cluster/dns.ts";
import { answer } from "../../src/core/cluster/dns-answer.ts";
import { endpointNames, podName, serviceNames } from "../../src/core/cluster/dns-names.ts";
import { type DnsRecord, dnsRecords, reverseName } from "../../src/core/cluster/dns-records.ts";
import { type DnsClient, noDnsConfig, searchPath } from "../../src/core/cluster/search-path.ts";
import type { DnsConfig } from "../../src/core/manifest/model.ts";
import { defaultProfile } from "../../src/core/settings/profile.ts";
import { field, makeDnsService, makeLookup, placeAt } from "./objects.ts";

const web = makeDnsService(
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
const database = makeDnsService(
  { name: "db-hl", namespace: "shop", headless: true, ports: [{ name: "pg", port: 5432 }] },
  [],
  [
    { ip: "10.244.0.5", port: 15432, hostname: "db-0" },
    { ip: "10.244.0.6", port: 15432, hostname: "db-1" },
    { ip: "10.244.0.9", port: 15432, hostname: "db-2", ready: false },
  ],
);
const plainHeadless = makeDnsService(
  { name: "peers", namespace: "shop", headless: true, ports: [] },
  [],
  [{ ip: "10.1.2.3" }, { ip: "fd00::10" }, { ip: "fd00::" }],
);
const emptyHeadless = makeDnsService(
  { name: "nobody", namespace: "shop", headless: true },
  [],
  [{ ip: "10.244.0.8", ready: false }],
);
const external = makeDnsService({
  name: "mail",
  namespace: "shop",
  type: "ExternalName",
  externalName: "SMTP.example.com.",
  ports: [{ name: "smtp", port: 25 }],
});
const alias = makeDnsService({
  name: "alias",
  namespace: "shop",
  type: "ExternalName",
  externalName: "web.shop.svc.cluster.local",
});
const dangling = makeDnsService({
  name: "dangling",
  namespace: "shop",
  type: "ExternalName",
  externalName: "gone.shop.svc.cluster.local",
});
const loopA = makeDnsService({
  name: "a",
  namespace: "loop",
  type: "ExternalName",
  externalName: "b.loop.svc.cluster.local",
});
const loopB = makeDnsService({
  name: "b",
  namespace: "loop",
  type: "ExternalName",
  externalName: "a.loop.svc.cluster.local",
});
const self = makeDnsService({
  name: "self",
  namespace: "loop",
  type: "ExternalName",
  externalName: "self.loop.svc.cluster.local.",
});
const numeric = makeDnsService({ name: "numeric", namespace: "shop", type: "ExternalName", externalName: "10.0.0.1" });
const full = makeDnsService({ name: "full", namespace: "shop" });
const all = [web, database, plainHeadless, emptyHeadless, external, alias, dangling, loopA, loopB, self, numeric, full];
const lookup = makeLookup(all, ["default"]);

/** A record as a zone file has it, addresses and targets with their final dot. */
function print(record: DnsRecord): string {
  const target = "target" in record ? `${record.target}.` : record.ip;
  const data = record.type === "SRV" ? `${record.priority} ${record.weight} ${record.port} ${target}` : target;
  return `${record.name}. ${record.type} ${data}`;
}

const printed = (records: readonly DnsRecord[]): readonly string[] => records.map(print);

const podIn = (namespace: string, more: Partial<DnsClient> = {}): DnsClient => ({
  namespace,
  dnsPolicy: "ClusterFirst",
  hostNetwork: false,
  dnsConfig: noDnsConfig,
  ...more,
});

const look = (name: string, client = podIn("shop"), profile = defaultProfile): NameResolution =>
  resolveName(profile, lookup, client, name);

/** The Service that a name reaches, as `namespace/name`, or the kind of the outcome. */
function reached(name: string, client = podIn("shop")): string {
  const { outcome } = look(name, client);
  if (outcome.kind !== "records" || outcome.service === undefined) return outcome.kind;
  const { service } = outcome.service;
  return [`${service.namespace.value}/${service.name.value}`, ...(outcome.host ? [outcome.host] : [])].join(" ");
}

const queries = ({ attempts }: NameResolution): readonly string[] => attempts.map(({ query }) => query);

test("a Service with a cluster IP has an address, ports by name, and a pointer", () => {
  assert.deepEqual(printed(dnsRecords(defaultProfile, web)), [
    "web.shop.svc.cluster.local. A 10.96.0.20",
    "_http._tcp.web.shop.svc.cluster.local. SRV 0 100 80 web.shop.svc.cluster.local.",
    "_dns._udp.web.shop.svc.cluster.local. SRV 0 100 53 web.shop.svc.cluster.local.",
    "20.0.96.10.in-addr.arpa. PTR web.shop.svc.cluster.local.",
  ]);
  const dual = makeDnsService({ name: "v6", ports: [{ port: 80 }] }, ["10.96.0.21", "fd00::15"]);
  assert.deepEqual(printed(dnsRecords({ ...defaultProfile, domain: "corp" }, dual)).slice(0, 2), [
    "v6.default.svc.corp. A 10.96.0.21",
    "v6.default.svc.corp. AAAA fd00::15",
  ]);
});

test("a headless Service has the addresses of its ready endpoints, and ports with the target's number", () => {
  assert.deepEqual(printed(dnsRecords(defaultProfile, database)), [
    "db-hl.shop.svc.cluster.local. A 10.244.0.5",
    "db-hl.shop.svc.cluster.local. A 10.244.0.6",
    "db-0.db-hl.shop.svc.cluster.local. A 10.244.0.5",
    "db-1.db-hl.shop.svc.cluster.local. A 10.244.0.6",
    "_pg._tcp.db-hl.shop.svc.cluster.local. SRV 0 50 15432 db-0.db-hl.shop.svc.cluster.local.",
    "_pg._tcp.db-hl.shop.svc.cluster.local. SRV 0 50 15432 db-1.db-hl.shop.svc.cluster.local.",
    "5.0.244.10.in-addr.arpa. PTR db-0.db-hl.shop.svc.cluster.local.",
    "6.0.244.10.in-addr.arpa. PTR db-1.db-hl.shop.svc.cluster.local.",
  ]);
});

test("endpoints without a host name are named by their address, also behind no port", () => {
  const hosts = dnsRecords(defaultProfile, plainHeadless).filter(
    ({ name, type }) => type !== "PTR" && name.split(".").length === 6,
  );
  assert.deepEqual(printed(hosts), [
    "10-1-2-3.peers.shop.svc.cluster.local. A 10.1.2.3",
    "fd00--10.peers.shop.svc.cluster.local. AAAA fd00::10",
    "fd00--0.peers.shop.svc.cluster.local. AAAA fd00::",
  ]);
});

test("endpoints of several ports are listed once; those of one name share it", () => {
  const twoPorts = makeDnsService(
    {
      name: "x",
      headless: true,
      ports: [
        { name: "a", port: 1 },
        { name: "b", port: 2 },
      ],
    },
    [],
    [
      { ip: "10.0.0.1", hostname: "same" },
      { ip: "10.0.0.2", hostname: "same" },
    ],
  );
  const addresses = printed(dnsRecords(defaultProfile, twoPorts)).filter((text) => text.includes(" A "));
  assert.deepEqual(addresses, [
    "x.default.svc.cluster.local. A 10.0.0.1",
    "x.default.svc.cluster.local. A 10.0.0.2",
    "same.x.default.svc.cluster.local. A 10.0.0.1",
    "same.x.default.svc.cluster.local. A 10.0.0.2",
  ]);
});

test("publishNotReadyAddresses lets every endpoint count", () => {
  const eager = makeDnsService(
    { name: "x", headless: true, publishNotReadyAddresses: true, ports: [] },
    [],
    [{ ip: "10.0.0.1", ready: false }],
  );
  assert.deepEqual(printed(dnsRecords(defaultProfile, eager)).slice(0, 1), ["x.default.svc.cluster.local. A 10.0.0.1"]);
  assert.deepEqual(dnsRecords(defaultProfile, emptyHeadless), []);
});

test("an ExternalName is an alias and nothing else; an address is no name", () => {
  assert.deepEqual(printed(dnsRecords(defaultProfile, external)), [
    "mail.shop.svc.cluster.local. CNAME smtp.example.com.",
  ]);
  assert.deepEqual(dnsRecords(defaultProfile, numeric), []);
  assert.deepEqual(dnsRecords(defaultProfile, makeDnsService({ name: "x", type: "ExternalName" })), []);
  assert.deepEqual(dnsRecords(defaultProfile, makeDnsService({ name: "" }, ["10.96.0.1"])), []);
});

test("records say where they come from", () => {
  const written = makeDnsService({ name: "x", clusterIPs: ["10.96.0.30"] }, ["10.96.0.30"]);
  assert.deepEqual(dnsRecords(defaultProfile, written)[0]?.because, placeAt(10), "the written address");
  assert.deepEqual(
    dnsRecords(defaultProfile, web).map(({ because, origin }) => [because?.start, origin]),
    [
      [1, "simulated"],
      [100, "written"],
      [101, "written"],
      [1, "simulated"],
    ],
  );
  const origins = (subject: typeof database) =>
    dnsRecords(defaultProfile, subject).flatMap(({ type, origin }) => (type === "SRV" ? [origin] : []));
  assert.deepEqual(origins(database), ["written", "written"], "the host name is the manifest's");
  const unnamed = makeDnsService(
    { name: "x", headless: true, ports: [{ name: "a", port: 1 }] },
    [],
    [{ ip: "10.0.0.1" }],
  );
  assert.deepEqual(origins(unnamed), ["simulated"], "the host name is made of a simulated address");
});

test("reverse names", () => {
  assert.equal(reverseName("10.96.0.10"), "10.0.96.10.in-addr.arpa");
  assert.equal(reverseName("fd00::10"), `0.1.${"0.".repeat(26)}0.0.d.f.ip6.arpa`);
});

test("the names that a Service answers to, and from where", () => {
  assert.deepEqual(
    serviceNames(defaultProfile, web).map(({ name, from, port }) => [name, from, port?.port.value]),
    [
      ["web", "shop", undefined],
      ["web.shop", undefined, undefined],
      ["web.shop.svc", undefined, undefined],
      ["web.shop.svc.cluster.local", undefined, undefined],
      ["_http._tcp.web.shop.svc.cluster.local", undefined, 80],
      ["_dns._udp.web.shop.svc.cluster.local", undefined, 53],
    ],
  );
  assert.equal(serviceNames(defaultProfile, external).length, 4, "no name for the port of an ExternalName");
  for (const subject of [web, database]) {
    for (const { name, from, port } of serviceNames(defaultProfile, subject)) {
      const { outcome } = look(name, podIn(from ?? "elsewhere"));
      assert.ok(outcome.kind === "records" && outcome.service === subject, name);
      assert.equal(outcome.records[0]?.type, port ? "SRV" : "A", name);
    }
  }
});

test("pods of a StatefulSet have names of their own while they are ready", () => {
  const names = endpointNames(defaultProfile, database);
  assert.deepEqual(names.map(({ name, from }) => [name, from]).slice(0, 4), [
    ["db-0.db-hl", "shop"],
    ["db-0.db-hl.shop", undefined],
    ["db-0.db-hl.shop.svc", undefined],
    ["db-0.db-hl.shop.svc.cluster.local", undefined],
  ]);
  assert.equal(names.length, 8);
  for (const { name, from, endpoint } of names) {
    const { outcome } = look(name, podIn(from ?? "elsewhere"));
    assert.ok(outcome.kind === "records" && outcome.host === endpoint.hostname);
    assert.ok(outcome.records.every((record) => record.type === "A" && record.ip === endpoint.address.ip));
  }
  assert.deepEqual(endpointNames(defaultProfile, plainHeadless), [], "a dashed address is nobody's own name");
});

test("why a pod has no name of its own", () => {
  const name = (hostname?: string, subdomain?: string, namespace = "shop") =>
    podName(defaultProfile, lookup, { namespace, hostname, subdomain });
  assert.deepEqual(name("db-0", "db-hl"), {
    kind: "resolves",
    name: "db-0.db-hl.shop.svc.cluster.local",
    guaranteed: true,
  });
  assert.deepEqual(name("db-2", "db-hl"), { kind: "not-ready", service: database });
  assert.deepEqual(name("db-7", "db-hl"), { kind: "not-selected", service: database });
  assert.deepEqual(name("db-0", "db"), { kind: "no-service", name: "db" });
  assert.deepEqual(name("db-0", "db-hl", "default"), { kind: "no-service", name: "db-hl" });
  assert.deepEqual(name(undefined, "db-hl"), { kind: "no-hostname" });
  assert.deepEqual(name("db-0"), { kind: "no-subdomain" });
  const withIP = makeDnsService(
    { name: "web", namespace: "shop" },
    ["10.96.0.20"],
    [{ ip: "10.0.0.1", hostname: "web-0" }],
  );
  assert.deepEqual(
    podName(defaultProfile, makeLookup([withIP]), { namespace: "shop", hostname: "web-0", subdomain: "web" }),
    {
      kind: "resolves",
      name: "web-0.web.shop.svc.cluster.local",
      guaranteed: false,
    },
  );
});

test("which short names resolve", () => {
  const table: readonly (readonly [name: string, hit: string, query: string])[] = [
    ["web", "shop/web", "web.shop.svc.cluster.local"],
    ["web.shop", "shop/web", "web.shop.svc.cluster.local"],
    ["web.shop.svc", "shop/web", "web.shop.svc.cluster.local"],
    ["web.shop.svc.cluster.local", "shop/web", "web.shop.svc.cluster.local"],
    ["web.shop.svc.cluster.local.", "shop/web", "web.shop.svc.cluster.local"],
    ["WEB.Shop.SVC.cluster.LOCAL", "shop/web", "web.shop.svc.cluster.local"],
    ["db-0.db-hl", "shop/db-hl db-0", "db-0.db-hl.shop.svc.cluster.local"],
    ["db-0.db-hl.shop", "shop/db-hl db-0", "db-0.db-hl.shop.svc.cluster.local"],
    ["_http._tcp.web", "shop/web", "_http._tcp.web.shop.svc.cluster.local"],
  ];
  for (const [name, hit, query] of table) {
    assert.equal(reached(name), hit, name);
    assert.equal(queries(look(name)).at(-1), query, name);
  }
  for (const name of [
    "web.svc",
    "web.cluster.local",
    "web.shop.cluster.local",
    "web.shop.svc.cluster.locl",
    "web.",
    "web.shop.svc.",
  ]) {
    assert.equal(reached(name), "nxdomain", name);
  }
  assert.equal(reached("web", podIn("default")), "nxdomain", "a single label stays in its own namespace");
  assert.equal(reached("web.shop", podIn("default")), "shop/web");
  assert.equal(reached("db-0.db-hl", podIn("default")), "elsewhere", "db-hl is no namespace, so it may be anybody's");
  assert.equal(reached("_http._tcp.web", podIn("default")), "elsewhere");
});

test("a name is tried in the order of the C library", () => {
  assert.deepEqual(queries(look("gone")), [
    "gone.shop.svc.cluster.local",
    "gone.svc.cluster.local",
    "gone.cluster.local",
    "gone",
  ]);
  assert.deepEqual(queries(look("web.shop", podIn("default"))), [
    "web.shop.default.svc.cluster.local",
    "web.shop.svc.cluster.local",
  ]);
  assert.equal(
    queries(look("web.shop.svc.cluster.local", podIn("default"))).length,
    4,
    "three useless questions first",
  );
  assert.deepEqual(
    queries(look("db-0.db-hl.shop.svc.cluster.local")),
    ["db-0.db-hl.shop.svc.cluster.local"],
    "five dots",
  );
  assert.deepEqual(queries(look("example.com.")), ["example.com"]);
  assert.equal(queries(look("a.b.c.d.e.cluster.local"))[0], "a.b.c.d.e.cluster.local");
  assert.equal(queries(look("a.b.c.d.e.cluster.local")).length, 4, "the search domains come after");
  assert.deepEqual(queries(look("example.com")), [
    "example.com.shop.svc.cluster.local",
    "example.com.svc.cluster.local",
    "example.com.cluster.local",
    "example.com",
  ]);
  assert.equal(look("example.com").outcome.kind, "elsewhere");
});

test("a pod's own namespace comes before another namespace", () => {
  const hidden = makeDnsService(
    { name: "shop", namespace: "default", headless: true, ports: [] },
    [],
    [{ ip: "10.0.0.1", hostname: "web" }],
  );
  const both = makeLookup([web, hidden]);
  const { outcome } = resolveName(defaultProfile, both, podIn("default"), "web.shop");
  assert.ok(outcome.kind === "records" && outcome.service === hidden && outcome.host === "web");
});

test("dnsPolicy decides whom a pod asks", () => {
  const path = (dnsPolicy: string, hostNetwork = false) =>
    searchPath(defaultProfile, podIn("shop", { dnsPolicy, hostNetwork }));
  const cluster = {
    server: "cluster",
    domains: ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"],
    ndots: 5,
    hostNetworkTrap: false,
  };
  assert.deepEqual(path("ClusterFirst"), cluster);
  assert.deepEqual(path("ClusterFirstWithHostNet", true), cluster);
  assert.deepEqual(path("ClusterFirstWithHostNet"), cluster);
  assert.deepEqual(path("ClusterFirst", true), { server: "node", domains: [], ndots: 1, hostNetworkTrap: true });
  assert.deepEqual(path("Default"), { server: "node", domains: [], ndots: 1, hostNetworkTrap: false });
  assert.deepEqual(path("Default", true).hostNetworkTrap, false);
  assert.equal(path("None").server, "custom");

  const onHost = podIn("shop", { hostNetwork: true });
  for (const name of ["web", "web.shop.svc", "web.shop.svc.cluster.local", "web.shop"]) {
    const { outcome, hints } = look(name, onHost);
    assert.equal(outcome.kind, name === "web.shop" ? "elsewhere" : "nxdomain", name);
    assert.deepEqual(hints, [{ kind: "not-cluster-dns", suggestions: [] }], name);
  }
  assert.deepEqual(look("web.shop.svc.cluster.local", onHost).outcome, {
    kind: "nxdomain",
    because: { kind: "not-cluster-dns" },
  });
  assert.deepEqual(look("example.com", onHost).hints, []);
  assert.equal(reached("web", podIn("shop", { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" })), "shop/web");
  assert.equal(look("web", podIn("shop", { dnsPolicy: "None" })).outcome.kind, "elsewhere");
});

test("dnsConfig adds to what dnsPolicy gives", () => {
  const config = (nameservers: readonly string[], searches: readonly string[], ndots?: string): DnsConfig => ({
    nameservers: nameservers.map((server) => field(server)),
    searches: searches.map((domain) => field(domain)),
    options: ndots === undefined ? [] : [{ name: field("ndots"), value: field(ndots) }],
  });
  const path = (dnsPolicy: string, dnsConfig: DnsConfig, profile = defaultProfile) =>
    searchPath(profile, podIn("shop", { dnsPolicy, dnsConfig }));
  const added = path("ClusterFirst", config(["192.0.2.53"], ["Example.com.", "cluster.local", "${ZONE}"], "2"));
  assert.equal(added.server, "cluster", "the first server is asked");
  assert.deepEqual(added.domains, ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.com"]);
  assert.equal(added.ndots, 2);
  assert.equal(path("ClusterFirst", config([], [], "99")).ndots, 15);
  assert.equal(path("ClusterFirst", config([], [], "${NDOTS}")).ndots, 5);
  const valueless = { ...noDnsConfig, options: [{ name: field("ndots"), value: undefined }] };
  assert.equal(path("ClusterFirst", valueless).ndots, 1);
  assert.equal(path("Default", config(["10.96.0.10"], ["shop.svc.cluster.local"])).server, "node");
  for (const server of ["10.96.0.10", "169.254.20.10"]) {
    assert.equal(path("None", config([server, "192.0.2.53"], [])).server, "cluster", server);
  }
  assert.equal(path("None", config(["192.0.2.53", "10.96.0.10"], [])).server, "custom");
  assert.equal(path("None", config([], [])).server, "custom");
  const many = config(
    [],
    Array.from({ length: 40 }, (_, index) => `d${index}.example`),
  );
  const before = { ...defaultProfile, kubernetesVersion: { major: 1, minor: 25 } };
  assert.deepEqual([path("None", many).domains.length, path("None", many, before).domains.length], [32, 6]);

  const reach = (name: string, dnsConfig: DnsConfig) =>
    reached(name, podIn("default", { dnsPolicy: "None", dnsConfig }));
  assert.equal(reach("web", config(["10.96.0.10"], ["shop.svc.cluster.local"])), "shop/web");
  assert.equal(reach("web.shop", config(["10.96.0.10"], ["svc.cluster.local"], "2")), "shop/web");
  const bare = look("web", podIn("shop", { dnsPolicy: "None", dnsConfig: config(["10.96.0.10"], []) }));
  assert.deepEqual(bare.hints, [{ kind: "not-searched", suggestions: ["web.shop.svc.cluster.local"] }]);
});

test("a written address of the cluster's DNS server is known", () => {
  const dns = makeDnsService({ name: "kube-dns", namespace: "kube-system" }, ["10.96.7.7"]);
  const dnsConfig = { ...noDnsConfig, nameservers: [field("10.96.7.7")] };
  const client = podIn("shop", { dnsPolicy: "None", dnsConfig });
  assert.equal(resolveName(defaultProfile, makeLookup([...all, dns]), client, "x").path.server, "cluster");
  assert.equal(resolveName(defaultProfile, lookup, client, "x").path.server, "custom");
});

test("ExternalNames are followed into the cluster and out of it, and loops end", () => {
  const inside = look("alias");
  assert.ok(inside.outcome.kind === "records" && inside.outcome.service === web);
  assert.deepEqual(printed(inside.outcome.records), [
    "alias.shop.svc.cluster.local. CNAME web.shop.svc.cluster.local.",
    "web.shop.svc.cluster.local. A 10.96.0.20",
  ]);
  const outside = look("mail").outcome;
  assert.ok(outside.kind === "elsewhere" && outside.name === "smtp.example.com");
  assert.deepEqual(printed(outside.records), ["mail.shop.svc.cluster.local. CNAME smtp.example.com."]);
  const because = (name: string, namespace: string) => {
    const { outcome } = look(name, podIn(namespace));
    return outcome.kind === "nodata" || outcome.kind === "nxdomain"
      ? [outcome.kind, outcome.because.kind]
      : [outcome.kind];
  };
  assert.deepEqual(because("a", "loop"), ["nodata", "alias-loop"]);
  const { outcome: loop } = look("a", podIn("loop"));
  assert.equal(loop.kind === "nodata" && loop.records.length, 2, "each alias is followed once");
  assert.deepEqual(because("self", "loop"), ["nodata", "alias-loop"]);
  assert.deepEqual(because("dangling", "shop"), ["nodata", "dangling-alias"]);
  assert.deepEqual(because("numeric", "shop"), ["nxdomain", "no-external-name"]);
  const chain = Array.from({ length: 5000 }, (_, index) =>
    makeDnsService({
      name: `n${index}`,
      type: "ExternalName",
      externalName: `n${index + 1}.default.svc.cluster.local`,
    }),
  );
  const byName = new Map(chain.map((subject) => [subject.service.name.value, subject]));
  const long = { ...makeLookup([]), service: (_: string, name: string) => byName.get(name) };
  assert.equal(answer(defaultProfile, long, "n0.default.svc.cluster.local", "address").kind, "nodata");
});

test("a name that exists without an address is not a name that does not exist", () => {
  const kinds = (name: string) => {
    const given = answer(defaultProfile, lookup, name, "address");
    return given.kind === "nodata" || given.kind === "nxdomain" ? `${given.kind} ${given.because.kind}` : given.kind;
  };
  assert.equal(kinds("cluster.local"), "nodata not-a-service");
  assert.equal(kinds("svc.cluster.local"), "nodata not-a-service");
  assert.equal(kinds("shop.svc.cluster.local"), "nodata not-a-service");
  assert.equal(kinds("dns-version.cluster.local"), "nodata not-a-service");
  assert.equal(kinds("unheard.svc.cluster.local"), "nxdomain no-service");
  assert.equal(kinds("web.cluster.local"), "nxdomain no-such-form");
  assert.equal(kinds("a.b.c.web.shop.svc.cluster.local"), "nxdomain no-such-form");
  assert.equal(kinds("nobody.shop.svc.cluster.local"), "nxdomain no-endpoints");
  assert.equal(kinds("db-9.db-hl.shop.svc.cluster.local"), "nxdomain no-host");
  assert.equal(kinds("db-2.db-hl.shop.svc.cluster.local"), "nxdomain no-host", "not ready");
  assert.equal(kinds("full.shop.svc.cluster.local"), "nodata no-address");
  assert.equal(kinds("x..svc.cluster.local"), "nxdomain no-such-form");
  assert.equal(kinds("_http._tcp.web.shop.svc.cluster.local"), "nodata not-a-service", "it has SRV records only");
  assert.equal(answer(defaultProfile, lookup, "_gone._tcp.web.shop.svc.cluster.local", "SRV").kind, "nxdomain");
  assert.equal(kinds("example.com"), "elsewhere");
});

test("CoreDNS knows more than it has to, and that is said", () => {
  const one = answer(defaultProfile, lookup, "10-244-0-7.web.shop.svc.cluster.local", "address");
  assert.ok(one.kind === "records" && !one.guaranteed && one.host === "10-244-0-7");
  const byAddress = answer(defaultProfile, lookup, "10-244-0-7.shop.pod.cluster.local", "address");
  assert.ok(byAddress.kind === "records" && !byAddress.guaranteed);
  assert.deepEqual(printed(byAddress.records), ["10-244-0-7.shop.pod.cluster.local. A 10.244.0.7"]);
  const six = answer(defaultProfile, lookup, "fd00--10.shop.pod.cluster.local", "address");
  assert.deepEqual(six.kind === "records" && printed(six.records), ["fd00--10.shop.pod.cluster.local. AAAA fd00::10"]);
  assert.equal(answer(defaultProfile, lookup, "web-0.shop.pod.cluster.local", "address").kind, "nxdomain");
});

test("addresses and localhost are asked of nobody", () => {
  assert.deepEqual(look("10.96.0.20").outcome, { kind: "literal", ip: "10.96.0.20" });
  assert.deepEqual(look("FD00:0::1").outcome, { kind: "literal", ip: "fd00::1" });
  assert.deepEqual(look("localhost").outcome, { kind: "loopback" });
  assert.deepEqual(look("10.96.0.20").attempts, []);
});

test("of several failures the most telling one is the outcome", () => {
  const because = (name: string, client = podIn("shop")) => {
    const { outcome } = look(name, client);
    return outcome.kind === "nxdomain" ? outcome.because : outcome.kind;
  };
  const missing = (namespace: string, name: string, namespaceKnown = true) => ({
    kind: "no-service",
    namespace,
    name,
    namespaceKnown,
  });
  assert.deepEqual(because("gone"), missing("shop", "gone"));
  assert.deepEqual(because("gone.shop"), missing("shop", "gone"));
  assert.deepEqual(because("gone.shop.svc"), missing("shop", "gone"));
  assert.deepEqual(because("gone.nowhere.svc"), missing("nowhere", "gone", false));
  assert.deepEqual(because("gone.shop.svc.cluster.local"), missing("shop", "gone"));
  assert.deepEqual(because("nobody"), { kind: "no-endpoints", service: emptyHeadless });
  assert.deepEqual(because("db-9.db-hl.shop.svc"), { kind: "no-host", service: database, host: "db-9" });
  assert.deepEqual(because("gone.nowhere"), "elsewhere", "an unknown namespace may be a top-level domain");
  assert.deepEqual(because("shop"), "nodata", "a namespace is a name, too");
});

test("frequent mistakes come with what was meant, if that exists", () => {
  const hints = (name: string, client = podIn("shop"), profile = defaultProfile) =>
    look(name, client, profile).hints.map(({ kind, suggestions }) => `${kind}: ${suggestions.join(", ")}`);
  assert.deepEqual(hints("web.svc"), ["missing-namespace: web.shop.svc"]);
  assert.deepEqual(hints("web.svc.cluster.local"), ["missing-namespace: web.shop.svc.cluster.local"]);
  assert.deepEqual(hints("web.cluster.local"), ["missing-namespace: web.shop.svc.cluster.local"]);
  assert.deepEqual(hints("web.shop.cluster.local"), ["missing-svc: web.shop.svc.cluster.local"]);
  assert.deepEqual(hints("db-0.db-hl.shop.cluster.local"), ["missing-svc: db-0.db-hl.shop.svc.cluster.local"]);
  assert.deepEqual(hints("web.shop.svc.cluster.locl"), ["wrong-domain: web.shop.svc.cluster.local"]);
  assert.deepEqual(hints("web.shop.svc.cluster"), ["wrong-domain: web.shop.svc.cluster.local"]);
  assert.deepEqual(hints("web.shop.svc.cluster.local", podIn("shop"), { ...defaultProfile, domain: "corp.example" }), [
    "wrong-domain: web.shop.svc.corp.example",
  ]);
  assert.deepEqual(hints("web", podIn("default")), ["other-namespace: web.shop"]);
  assert.deepEqual(hints("shop.web", podIn("default")), ["swapped: web.shop"]);
  assert.deepEqual(hints("shop.web.svc", podIn("default")), ["swapped: web.shop.svc"]);
  assert.deepEqual(hints("web."), ["absolute: web"]);
  for (const name of [
    "gone.svc",
    "gone.shop.cluster.local",
    "gone.shop.svc.cluster.locl",
    "gone",
    "example.com",
    "web",
    "a.b.svc.clusterset.local",
  ]) {
    assert.deepEqual(hints(name), [], name);
  }
  assert.equal(look("a.b.svc.clusterset.local").outcome.kind, "elsewhere", "a domain of many clusters, not a slip");
});

test("every suggestion leads to a Service from where it is made", () => {
  const labels = fc.constantFrom(
    "web",
    "shop",
    "default",
    "db-hl",
    "db-0",
    "svc",
    "cluster",
    "local",
    "locl",
    "pod",
    "alias",
    "",
  );
  const names = fc
    .tuple(fc.array(labels, { minLength: 1, maxLength: 7 }), fc.boolean())
    .map(([parts, dot]) => parts.join(".") + (dot ? "." : ""));
  const clients = fc.record({
    namespace: fc.constantFrom("shop", "default"),
    dnsPolicy: fc.constantFrom("ClusterFirst", "Default", "ClusterFirstWithHostNet", "None", "clusterfirst"),
    hostNetwork: fc.boolean(),
    dnsConfig: fc.record({
      nameservers: fc.subarray([field("10.96.0.10"), field("192.0.2.53")]),
      searches: fc.subarray([field("shop.svc.cluster.local"), field("example.com"), field(".")]),
      options: fc.constantFrom([], [{ name: field("ndots"), value: field("1") }]),
    }),
  });
  fc.assert(
    fc.property(fc.oneof(names, fc.string()), clients, (name, client) => {
      const { outcome, hints, path } = look(name, client);
      if (outcome.kind === "records") assert.deepEqual(hints, []);
      for (const suggestion of hints.flatMap(({ suggestions }) => suggestions)) {
        const { outcome: again } = look(suggestion, {
          ...client,
          dnsPolicy: "ClusterFirst",
          hostNetwork: false,
          dnsConfig: noDnsConfig,
        });
        assert.ok(again.kind === "records" || again.kind === "elsewhere", `${name} → ${suggestion}`);
      }
      if (path.server !== "cluster") assert.notEqual(outcome.kind, "records");
    }),
    { numRuns: 2000 },
  );
});

test("a trailing dot asks one question, and case never matters", () => {
  const names = fc
    .array(fc.constantFrom("web", "shop", "svc", "cluster", "local", "db-0", "db-hl"), { minLength: 1, maxLength: 7 })
    .map((parts) => parts.join("."));
  fc.assert(
    fc.property(names, (name) => {
      assert.ok(look(`${name}.`).attempts.length <= 1);
      assert.deepEqual(look(name.toUpperCase()).attempts, look(name).attempts);
    }),
  );
});
