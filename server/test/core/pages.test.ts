import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Bundle } from "../../src/core/base/message.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import type { Resolution } from "../../src/core/cluster/resolution.ts";
import { dnsPage } from "../../src/core/features/dns-page.ts";
import { endpointsPage } from "../../src/core/features/endpoints-page.ts";
import { envPage } from "../../src/core/features/env-page.ts";
import { displayWidth } from "../../src/core/features/page.ts";
import { servicesPage } from "../../src/core/features/services-page.ts";
import { clusterOf, storeOf } from "../harness/workspace.ts";
import { linksOf, seen, serviceIn, servicesIn, textOf, web, workloadIn } from "./page-cluster.ts";

function resolutionIn(cluster: Cluster, name: string): Resolution {
  const [resolution] = cluster.resolve(serviceIn(cluster, name));
  assert.ok(resolution, name);
  return resolution;
}

describe("the other pages", () => {
  const cluster = seen(web);

  test("list Services as kubectl does", () => {
    const rows = servicesIn(cluster).flatMap((service) =>
      cluster.resolve(service).map((resolution) => ({ resolution, findings: 2, file: "all.yaml" })),
    );
    const text = textOf(servicesPage(cluster, rows));
    assert.match(text, /^NAMESPACE +NAME +TYPE +PORT\(S\) +ENDPOINTS +FINDINGS +FILE$/m);
    assert.match(text, /^shop +web +NodePort +80:30080\/TCP,9000:~\d+\/TCP,9100:~\d+\/TCP +2 +2 +all\.yaml$/m);
  });

  test("say that the number of endpoints is not known", () => {
    const selecting = (selector: string): string =>
      `apiVersion: v1\nkind: Service\nmetadata: { name: it }\nspec:\n  selector: ${selector}\n  ports: [{ port: 80 }]\n`;
    const deployment = (replicas: string): string =>
      `apiVersion: apps/v1
kind: Deployment
metadata: { name: d${replicas.length} }
spec:
  replicas: ${replicas}
  template: { metadata: { labels: { app: it } }, spec: { containers: [{ name: c, image: c }] } }
`;
    const shown = (...manifests: readonly string[]): string => {
      const open = seen(manifests.join("---\n"));
      const rows = open
        .resolve(serviceIn(open, "it"))
        .map((resolution) => ({ resolution, findings: 0, file: "a.yaml" }));
      return textOf(servicesPage(open, rows)) + textOf(endpointsPage(open, open.resolve(serviceIn(open, "it"))));
    };
    const selector = shown(selecting("${SELECTOR}"));
    assert.match(selector, /80\/TCP +\? +0 +a\.yaml/);
    assert.match(selector, /which pods it selects, if any, is filled in later/);
    const replicas = shown(selecting("{ app: it }"), deployment("2"), deployment("${REPLICAS}"));
    assert.match(replicas, /80\/TCP +2\+ +0 +a\.yaml/);
    assert.match(replicas, /only a cluster can tell how many pods Deployment "d11" has; one stands for them/);
  });

  test("name the scope of a Service that lives in several", () => {
    const pod = (name: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, labels: { app: web } }\nspec: { containers: [{ name: c, image: c }] }\n`;
    const several = clusterOf(
      storeOf([
        {
          path: "/base/s.yaml",
          text: "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 80 }] }\n",
        },
        { path: "/dev/p.yaml", text: pod("web") },
        { path: "/prod/p.yaml", text: pod("web") },
      ]).snapshot,
    );
    const resolutions = several.resolve(serviceIn(several, "web"));
    assert.equal(resolutions.length, 2);
    const rows = resolutions.map((resolution) => ({ resolution, findings: 0, file: "base/s.yaml" }));
    assert.match(textOf(servicesPage(several, rows)), /SCOPE\n.* plain:dev\n.* plain:prod\n/);
    assert.equal(textOf(endpointsPage(several, resolutions)).match(/^Service /gm)?.length, 2);
  });

  test("list the records of a Service, and who can use its names", () => {
    const text = textOf(dnsPage(cluster, resolutionIn(cluster, "web")));
    assert.match(text, /^ {2}web\.shop\.svc\.cluster\.local +A +10\.96\.10\.1$/m);
    assert.match(
      text,
      /^ {2}_http\._tcp\.web\.shop\.svc\.cluster\.local +SRV +0 \d+ 80 web\.shop\.svc\.cluster\.local$/m,
    );
    assert.match(text, /^ {2}web +shop$/m);
    assert.match(text, /^ {2}web\.shop +<any>$/m);
  });

  test("list the variables of each container, and those that it sets itself", () => {
    const page = envPage(cluster, workloadIn(cluster, "web"));
    const text = textOf(page);
    assert.match(text, /^Container "app"$/m);
    assert.match(text, /^ {2}WEB_SERVICE_HOST=10\.96\.10\.1$/m);
    assert.match(text, /^ {2}WEB_PORT=tcp:\/\/10\.96\.10\.1:80 +the container sets "WEB_PORT" itself, which wins$/m);
    assert.match(text, /^ {2}KUBERNETES_SERVICE_HOST=~10\.96\.0\.1$/m);
    assert.ok(
      linksOf(cluster, page).some(([words, there]) => words.startsWith("the container sets") && there === "WEB_PORT"),
    );
  });
});

describe("columns", () => {
  test("stand where they stand in any language", () => {
    const cluster = seen(web);
    const wide: Bundle = {
      type: "类型",
      "cluster IP": "集群 IP",
      name: "名称",
      selector: "选择算符",
      scope: "作用域",
      "external IP": "外部 IP",
    };
    const page = endpointsPage(cluster, cluster.resolve(serviceIn(cluster, "web")));
    const starts = (text: string): readonly number[] =>
      ["NodePort", "10.96.10.1", "192.0.2.50", "web.shop", "app=web", "plain:"].map((value) => {
        const line = text.split("\n").find((candidate) => candidate.includes(value)) ?? "";
        return displayWidth(line.slice(0, line.indexOf(value)));
      });
    assert.deepEqual(starts(textOf(page, wide)), starts(textOf(page)));
    assert.equal(new Set(starts(textOf(page))).size, 1);
  });
});
