import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointNames, podName, serviceNames } from "../../src/core/cluster/dns-names.ts";
import { dnsRecords, reverseName } from "../../src/core/cluster/dns-records.ts";
import { defaultProfile } from "../../src/core/settings/profile.ts";
import {
  database,
  emptyHeadless,
  external,
  look,
  lookup,
  numeric,
  plainHeadless,
  podIn,
  printed,
  web,
} from "./dns-services.ts";
import { makeDnsService, makeLookup, placeAt } from "./objects.ts";

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
