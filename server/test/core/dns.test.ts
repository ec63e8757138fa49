import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type NameResolution, resolveName } from "../../src/core/cluster/dns.ts";
import { answer } from "../../src/core/cluster/dns-answer.ts";
import { noDnsConfig, searchPath } from "../../src/core/cluster/search-path.ts";
import type { DnsConfig } from "../../src/core/manifest/model.ts";
import { defaultProfile } from "../../src/core/settings/profile.ts";
import { all, look, lookup, podIn, printed, web } from "./dns-services.ts";
import { field, makeDnsService, makeLookup } from "./objects.ts";

/** The Service that a name reaches, as `namespace/name`, or the kind of the outcome. */
function reached(name: string, client = podIn("shop")): string {
  const { outcome } = look(name, client);
  if (outcome.kind !== "records" || outcome.service === undefined) return outcome.kind;
  const { service } = outcome.service;
  return [`${service.namespace.value}/${service.name.value}`, ...(outcome.host ? [outcome.host] : [])].join(" ");
}

const queries = ({ attempts }: NameResolution): readonly string[] => attempts.map(({ query }) => query);

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
