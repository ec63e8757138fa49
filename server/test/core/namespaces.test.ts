import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { documentUri } from "../../src/core/base/source.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { resolveName } from "../../src/core/cluster/dns.ts";
import { noDnsConfig } from "../../src/core/cluster/search-path.ts";
import { dnsLookupOf } from "../../src/core/cluster/served.ts";
import { analyze } from "../../src/core/features/analysis.ts";
import { endpointsPage } from "../../src/core/features/endpoints-page.ts";
import { environmentOf } from "../../src/core/features/env-page.ts";
import { renderPage } from "../../src/core/features/page.ts";
import { traceRequest } from "../../src/core/features/trace-page.ts";
import { defaultSettings } from "../../src/core/settings/settings.ts";
import { byHand, clusterOf, deployment, endpoints, service, serviceIn, together } from "./sketches.ts";

/** What a name leads to for a pod of a namespace, seen from a text. */
function lookUp(cluster: Cluster, from: string, namespace: string, name: string): string {
  const view = cluster.viewFrom(documentUri(from));
  const client = { namespace, dnsPolicy: "ClusterFirst", hostNetwork: false, dnsConfig: noDnsConfig };
  const { outcome } = resolveName(view.profile, dnsLookupOf(view), client, name);
  return outcome.kind === "records" ? (outcome.records.at(-1)?.name ?? "") : outcome.kind;
}

/** The Services that announce themselves to the containers of the first workload of a text. */
function announced(cluster: Cluster, path: string): readonly string[] {
  const manifests = cluster.snapshot.files.get(documentUri(path))?.manifests ?? [];
  const workload = manifests.find((manifest) => manifest.type === "Workload");
  assert.ok(workload?.type === "Workload");
  const [container] = workload.template.containers;
  assert.ok(container);
  const names = environmentOf(cluster, workload, container).map(({ name }) => name);
  return names.filter((name) => name.endsWith("_SERVICE_HOST") && name !== "KUBERNETES_SERVICE_HOST");
}

const verdict = (cluster: Cluster, path: string, source: string, destination: string): string => {
  const trace = traceRequest(cluster, documentUri(path), source, destination);
  return "error" in trace ? "error" : trace.verdict;
};

const dnsNames = ({ snapshot }: Cluster, path: string): readonly string[] =>
  analyze(snapshot, () => defaultSettings)
    .lenses(documentUri(path))
    .flatMap(({ action }) => (action.kind === "copy-dns" ? [action.name] : []));

describe("a Service that names no namespace is in the one", () => {
  const cluster = clusterOf({
    "app/web.yaml": together(deployment("web", "web", "shop"), service("web")),
    "app/worker.yaml": deployment("worker", "worker", "shop"),
    "app/client.yaml": deployment("client"),
    "elsewhere/client.yaml": deployment("stranger"),
  });

  it("of its pods, for DNS", () => {
    const names = ["web", "web.shop", "web.default"].map((name) => lookUp(cluster, "app/web.yaml", "shop", name));
    assert.deepEqual(names, ["web.shop.svc.cluster.local", "web.shop.svc.cluster.local", "nxdomain"]);
  });

  it("of its pods, for variables, lenses and pages", () => {
    assert.deepEqual(announced(cluster, "app/worker.yaml"), ["WEB_SERVICE_HOST"]);
    assert.deepEqual(announced(cluster, "elsewhere/client.yaml"), []);
    assert.deepEqual(dnsNames(cluster, "app/web.yaml"), ["web.shop.svc.cluster.local"]);
    const { text } = renderPage(endpointsPage(cluster, cluster.placed(serviceIn(cluster, "app/web.yaml"))));
    assert.match(text, /^Service "web" in namespace "shop"\n/);
    assert.match(text, /names no namespace/);
    assert.match(text, /name +web\.shop\.svc\.cluster\.local\n/);
  });

  it("of its pods, for requests", () => {
    assert.equal(verdict(cluster, "app/worker.yaml", "deployment/shop/worker", "web"), "delivered");
    assert.equal(verdict(cluster, "app/web.yaml", "deployment/shop/web", "web.shop"), "delivered");
  });

  it("that its folder is applied to, as such pairs show", () => {
    assert.deepEqual(announced(cluster, "app/client.yaml"), ["WEB_SERVICE_HOST"]);
    assert.equal(verdict(cluster, "app/client.yaml", "deployment/client", "web"), "delivered");
    assert.equal(verdict(cluster, "elsewhere/client.yaml", "deployment/stranger", "web"), "no-such-name");
  });

  it("of the addresses that are kept for it", () => {
    const kept = clusterOf({ "db.yaml": together(byHand("db"), endpoints("db", "192.0.2.1", "shop")) });
    assert.deepEqual(dnsNames(kept, "db.yaml"), ["db.shop.svc.cluster.local"]);
  });

  it("that is filled in later", () => {
    const later = clusterOf({ "web.yaml": together(service("web"), deployment("web", "web", '"${NAMESPACE}"')) });
    assert.deepEqual(dnsNames(later, "web.yaml"), ["web.${namespace}.svc.cluster.local"]);
  });

  it("called default, where nothing tells", () => {
    const plain = clusterOf({
      "web.yaml": together(service("web"), deployment("web")),
      "other.yaml": together(service("api", "api", "shop"), deployment("api", "api", "shop")),
    });
    assert.deepEqual(dnsNames(plain, "web.yaml"), ["web.default.svc.cluster.local"]);
    assert.equal(lookUp(plain, "web.yaml", "shop", "web"), "nxdomain");
  });
});

it("Services that name no namespace are no copies of each other where their pods name two", () => {
  const cluster = clusterOf({
    "a/all.yaml": together(service("web"), deployment("web", "web", "a")),
    "b/all.yaml": together(service("web"), deployment("web", "web", "b")),
  });
  assert.equal(verdict(cluster, "a/all.yaml", "deployment/a/web", "web.b"), "delivered");
  assert.deepEqual(cluster.viewFrom(documentUri("a/all.yaml")).hidden, []);
});

describe("pods that name no namespace are in the one of their Service", () => {
  it("for DNS, variables and requests", () => {
    const cluster = clusterOf({ "web.yaml": together(service("web", "web", "shop"), deployment("web")) });
    assert.deepEqual(announced(cluster, "web.yaml"), ["WEB_SERVICE_HOST"]);
    assert.equal(verdict(cluster, "web.yaml", "deployment/shop/web", "web"), "delivered");
    assert.equal(verdict(cluster, "web.yaml", "deployment/web", "web"), "delivered");
  });

  it("once in each, where Services of several select them", () => {
    const cluster = clusterOf({
      "web.yaml": together(service("web", "web", "a"), service("web", "web", "b"), deployment("web")),
    });
    const view = cluster.viewFrom(documentUri("web.yaml"));
    assert.deepEqual(
      view.workloads.map(({ namespace }) => namespace.value),
      ["a", "b"],
    );
    const addresses = view.services.map((one) => {
      const resolution = view.resolutionOf(one);
      assert.ok(resolution);
      return cluster.endpointsOf(resolution).flatMap((port) => port.endpoints.map(({ address }) => address.ip));
    });
    assert.deepEqual(
      addresses.map(({ length }) => length),
      [1, 1],
    );
    assert.notDeepEqual(addresses[0], addresses[1]);
  });
});

describe("a Service without namespace that meets several", () => {
  const cluster = clusterOf({
    "all.yaml": together(service("web"), deployment("web", "web", "a"), deployment("web", "web", "b", 3)),
  });
  const placed = cluster.placed(serviceIn(cluster, "all.yaml"));

  it("has an answer in each, and none for all of them", () => {
    assert.deepEqual(
      placed.map((resolution) => [
        resolution.service.namespace.value,
        cluster.endpointsOf(resolution).map((port) => port.endpoints.length),
      ]),
      [
        ["a", [1]],
        ["b", [3]],
      ],
    );
  });

  it("is there in each", () => {
    const names = ["web.a", "web.b", "web.default.svc"].map((name) => lookUp(cluster, "all.yaml", "default", name));
    assert.deepEqual(names, ["web.a.svc.cluster.local", "web.b.svc.cluster.local", "nxdomain"]);
    assert.deepEqual(dnsNames(cluster, "all.yaml"), ["web.a.svc.cluster.local", "web.b.svc.cluster.local"]);
    const { text } = renderPage(endpointsPage(cluster, placed));
    const ips = [...text.matchAll(/cluster IP +~(\S+)/g)].map(([, ip]) => ip);
    assert.equal(new Set(ips).size, 2, text);
    assert.equal(verdict(cluster, "all.yaml", "deployment/b/web", "web"), "delivered");
  });

  it("is told apart by them", () => {
    const { hover } = analyze(cluster.snapshot, () => defaultSettings);
    const [file] = [...cluster.snapshot.files.entries()];
    const shown = JSON.stringify(hover(documentUri("all.yaml"), (file?.[1].text.indexOf("Service") ?? 0) + 1));
    assert.ok(shown.includes("in namespace") && shown.includes('"b"'), shown);
  });
});
