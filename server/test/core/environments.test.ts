import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { render } from "../../src/core/base/message.ts";
import { documentUri } from "../../src/core/base/source.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { scopeName } from "../../src/core/cluster/scope.ts";
import { servedServices } from "../../src/core/cluster/served.ts";
import { analyze } from "../../src/core/features/analysis.ts";
import { dnsPage } from "../../src/core/features/dns-page.ts";
import { endpointsPage } from "../../src/core/features/endpoints-page.ts";
import { renderPage } from "../../src/core/features/page.ts";
import { rulesPage } from "../../src/core/features/rules-page.ts";
import { defaultSettings } from "../../src/core/settings/settings.ts";
import { clusterOf, deployment, service, serviceIn, together } from "./sketches.ts";

/** A Service that is shared by two environments, which have another one in common. */
const shared = {
  "base/web.yaml": service("web"),
  "dev/web.yaml": together(deployment("web"), service("db"), deployment("db")),
  "prod/web.yaml": together(deployment("web", "web", undefined, 3), service("db"), deployment("db")),
};

/** Variants that lie side by side, each with a Service that the other has as well. */
const sideBySide = {
  "service.yaml": service("web"),
  "dev.yaml": together(deployment("web"), service("db"), deployment("db")),
  "prod.yaml": together(deployment("web", "web", undefined, 3), service("db"), deployment("db")),
};

const counts = (cluster: Cluster, path: string, name?: string): readonly string[] =>
  cluster
    .resolve(serviceIn(cluster, path, name))
    .map(
      (resolution) =>
        `${scopeName(resolution.scope)} ${cluster.endpointsOf(resolution).map((port) => port.endpoints.length)}`,
    );

describe("the endpoints of every scope are shown", () => {
  it("where environments have other Services in common", () => {
    assert.deepEqual(counts(clusterOf(shared), "base/web.yaml"), ["plain:dev 1", "plain:prod 3"]);
    assert.deepEqual(counts(clusterOf(sideBySide), "service.yaml"), ["plain:dev.yaml 1", "plain:prod.yaml 3"]);
  });

  it("on the page of endpoints, with an address for each Service", () => {
    for (const [path, files] of [
      ["base/web.yaml", shared],
      ["service.yaml", sideBySide],
    ] as const) {
      const cluster = clusterOf(files);
      const { text } = renderPage(endpointsPage(cluster, cluster.resolve(serviceIn(cluster, path))));
      assert.equal(text.match(/web-\d/g)?.length, 4, text);
      assert.equal(text.match(/cluster IP/g)?.length, 2, text);
    }
  });

  it("in a hover, and where a port leads in each", () => {
    const { snapshot } = clusterOf(shared);
    const { hover } = analyze(snapshot, () => defaultSettings);
    const text = shared["base/web.yaml"];
    const about = (word: string): string => JSON.stringify(hover(documentUri("base/web.yaml"), text.indexOf(word) + 1));
    assert.ok(["plain:dev", "plain:prod"].every((scope) => about("Service").includes(scope)));
    assert.ok(["plain:dev", "plain:prod"].every((scope) => about("80").includes(scope)));
  });

  it("in DNS and in kube-proxy's rules", () => {
    const headless = { ...shared, "base/web.yaml": service("web").replace("spec: {", "spec: { clusterIP: None,") };
    const cluster = clusterOf(headless);
    const pages = cluster
      .resolve(serviceIn(cluster, "base/web.yaml"))
      .map((resolution) => renderPage(dnsPage(cluster, resolution)).text);
    assert.deepEqual(
      pages.map((text) => text.match(/^ {2}web\.default\.svc\.cluster\.local +A /gm)?.length),
      [1, 3],
    );
    const all = clusterOf(shared);
    const web = serviceIn(all, "base/web.yaml");
    const rules = all
      .resolve(web)
      .map(({ from }) => renderPage(rulesPage(all, from, { service: web, form: "save" })).text);
    assert.deepEqual(
      rules.map((text) => text.match(/^:KUBE-SEP-/gm)?.length),
      [1, 3],
    );
  });
});

describe("a Service that a nearer one hides", () => {
  const twice = { "all.yaml": together(service("web"), service("web", "api"), deployment("web"), deployment("api")) };

  it("is shown all the same where it is asked for", () => {
    const cluster = clusterOf(twice);
    const [, second] = cluster.snapshot.files.get(documentUri("all.yaml"))?.manifests ?? [];
    assert.ok(second?.type === "Service");
    const { text } = renderPage(endpointsPage(cluster, cluster.resolve(second)));
    assert.match(text, /cluster IP +~/);
    assert.match(text, /api-0/);
    const rules = rulesPage(cluster, documentUri("all.yaml"), { service: second, form: "save" });
    assert.match(renderPage(rules).text, /KUBE-SEP/);
    assert.equal(servedServices(cluster.viewFrom(documentUri("all.yaml"))).length, 1);
  });
});

it("lenses and pages count the same endpoints", () => {
  const { snapshot } = clusterOf(shared);
  const { lenses } = analyze(snapshot, () => defaultSettings);
  const titles = lenses(documentUri("base/web.yaml")).map(({ title }) =>
    typeof title === "string" ? title : render(title),
  );
  assert.ok(titles.includes("1 or 3 endpoints"), titles.join());
});
