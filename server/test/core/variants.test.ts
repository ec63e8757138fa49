import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clusterOf, deployment, meets, service, together } from "./sketches.ts";

describe("variants to choose from are scopes of their own", () => {
  it("side by side in the Service's folder", () => {
    const cluster = clusterOf({
      "app/service.yaml": service("web"),
      "app/deployment-dev.yaml": deployment("web"),
      "app/deployment-prod.yaml": deployment("web"),
    });
    assert.deepEqual(meets(cluster, "app/service.yaml"), [
      "plain:app/deployment-dev.yaml: app/deployment-dev.yaml",
      "plain:app/deployment-prod.yaml: app/deployment-prod.yaml",
    ]);
  });

  it("side by side in another folder", () => {
    const cluster = clusterOf({
      "services/web.yaml": service("web"),
      "workloads/dev-web.yaml": deployment("web"),
      "workloads/prod-web.yaml": deployment("web"),
    });
    assert.deepEqual(meets(cluster, "services/web.yaml"), [
      "plain:workloads/dev-web.yaml: workloads/dev-web.yaml",
      "plain:workloads/prod-web.yaml: workloads/prod-web.yaml",
    ]);
  });

  it("with everything that is there once, above and below where they part", () => {
    const cluster = clusterOf({
      "base/web.yaml": service("web"),
      "envs/dev/canary.yaml": deployment("canary", "web"),
      "envs/dev/eu.yaml": deployment("web"),
      "envs/dev/us.yaml": deployment("web"),
      "envs/prod/web.yaml": deployment("web"),
      "extra/debug.yaml": deployment("debug", "web"),
    });
    assert.deepEqual(meets(cluster, "base/web.yaml"), [
      "plain:envs/dev/eu.yaml: envs/dev/canary.yaml envs/dev/eu.yaml extra/debug.yaml",
      "plain:envs/dev/us.yaml: envs/dev/canary.yaml envs/dev/us.yaml extra/debug.yaml",
      "plain:envs/prod: envs/prod/web.yaml extra/debug.yaml",
    ]);
  });

  it("of several workloads each", () => {
    const cluster = clusterOf({
      "service.yaml": service("web"),
      "dev.yaml": together(deployment("web"), deployment("web-canary", "web")),
      "prod.yaml": together(deployment("web"), deployment("web-canary", "web")),
    });
    assert.deepEqual(meets(cluster, "service.yaml"), [
      "plain:dev.yaml: dev.yaml dev.yaml",
      "plain:prod.yaml: prod.yaml prod.yaml",
    ]);
  });

  it("of several workloads each, in a file for each", () => {
    const cluster = clusterOf({
      "app/service.yaml": service("shop"),
      "app/web-dev.yaml": deployment("web", "shop"),
      "app/web-prod.yaml": deployment("web", "shop"),
      "app/worker-dev.yaml": deployment("worker", "shop"),
      "app/worker-prod.yaml": deployment("worker", "shop"),
      "app/proxy.yaml": deployment("proxy", "shop"),
    });
    assert.deepEqual(meets(cluster, "app/service.yaml"), [
      "plain:app/web-dev.yaml: app/proxy.yaml app/web-dev.yaml app/worker-dev.yaml",
      "plain:app/web-prod.yaml: app/proxy.yaml app/web-prod.yaml app/worker-prod.yaml",
    ]);
  });

  it("in one file or in a file for each workload", () => {
    const cluster = clusterOf({
      "app/service.yaml": service("shop"),
      "app/all.yaml": together(deployment("web", "shop"), deployment("worker", "shop")),
      "app/web.yaml": deployment("web", "shop"),
      "app/worker.yaml": deployment("worker", "shop"),
    });
    assert.deepEqual(meets(cluster, "app/service.yaml"), [
      "plain:app/all.yaml: app/all.yaml app/all.yaml",
      "plain:app/web.yaml: app/web.yaml app/worker.yaml",
    ]);
  });

  it("each with no more than its folder has", () => {
    const cluster = clusterOf({
      "service.yaml": service("shop"),
      "dev/web.yaml": deployment("web", "shop"),
      "dev/canary.yaml": deployment("canary", "shop"),
      "prod/web.yaml": deployment("web", "shop"),
      "test/web.yaml": deployment("web", "shop"),
      "test/canary.yaml": deployment("canary", "shop"),
    });
    assert.deepEqual(meets(cluster, "service.yaml"), [
      "plain:dev: dev/canary.yaml dev/web.yaml",
      "plain:prod: prod/web.yaml",
      "plain:test: test/canary.yaml test/web.yaml",
    ]);
  });

  it("whether or not they name a namespace", () => {
    const cluster = clusterOf({
      "app/service.yaml": service("web"),
      "app/dev.yaml": deployment("web"),
      "app/prod.yaml": deployment("web", "web", "shop"),
    });
    assert.deepEqual(meets(cluster, "app/service.yaml"), [
      "plain:app/dev.yaml: app/dev.yaml",
      "plain:app/prod.yaml: app/prod.yaml",
    ]);
  });

  it("but not where the Service's own file has one of them", () => {
    const cluster = clusterOf({
      "app/web.yaml": together(service("web"), deployment("web")),
      "app/large.yaml": deployment("web", "web", "shop"),
    });
    assert.deepEqual(meets(cluster, "app/web.yaml"), ["plain:app: app/web.yaml"]);
  });

  it("and workloads of other names are no variants of each other", () => {
    const cluster = clusterOf({
      "app/service.yaml": service("web"),
      "app/blue.yaml": deployment("web-blue", "web"),
      "app/green.yaml": deployment("web-green", "web"),
      "app/twice.yaml": together(deployment("web-red", "web"), deployment("web-red", "web")),
    });
    assert.deepEqual(meets(cluster, "app/service.yaml"), [
      "plain:app: app/blue.yaml app/green.yaml app/twice.yaml app/twice.yaml",
    ]);
  });
});

describe("another Service of the same name keeps its pods to itself", () => {
  it("however far above the two have their folders in common", () => {
    const cluster = clusterOf({
      "envs/dev/service.yaml": service("web"),
      "envs/prod/service.yaml": service("web"),
      "envs/prod/deployment.yaml": deployment("web"),
    });
    assert.deepEqual(meets(cluster, "envs/dev/service.yaml"), ["plain:envs/dev:"]);
  });

  it("in a file above, too", () => {
    const cluster = clusterOf({
      "all.yaml": together(service("web"), deployment("web")),
      "next/service.yaml": service("web"),
    });
    assert.deepEqual(meets(cluster, "next/service.yaml"), ["plain:next:"]);
  });

  it("unless nobody else has any", () => {
    const cluster = clusterOf({
      "a.yaml": together(service("web"), deployment("web")),
      "b.yaml": together(service("web"), deployment("web")),
      "c.yaml": service("web"),
    });
    assert.deepEqual(meets(cluster, "a.yaml"), ["plain:.: a.yaml"]);
    assert.deepEqual(meets(cluster, "c.yaml"), ["plain:a.yaml: a.yaml", "plain:b.yaml: b.yaml"]);
  });
});
