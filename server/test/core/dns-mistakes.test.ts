import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noDnsConfig } from "../../src/core/cluster/search-path.ts";
import { defaultProfile } from "../../src/core/settings/profile.ts";
import { database, emptyHeadless, look, podIn } from "./dns-services.ts";
import { field } from "./objects.ts";

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
