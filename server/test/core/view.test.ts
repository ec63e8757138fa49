import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { documentUri } from "../../src/core/base/source.ts";
import { clusterOf, deployment, meets, service, together } from "./sketches.ts";

describe("a Service meets", () => {
  it("the pods of its own folder, and not those of another environment", () => {
    const cluster = clusterOf({
      "dev/service.yaml": service("web"),
      "dev/deployment.yaml": deployment("web"),
      "prod/service.yaml": service("web"),
      "prod/deployment.yaml": deployment("web"),
    });
    assert.deepEqual(meets(cluster, "dev/service.yaml"), ["plain:dev: dev/deployment.yaml"]);
  });

  it("pods in a folder beside its own", () => {
    const cluster = clusterOf({ "app/services/web.yaml": service("web"), "app/workloads/web.yaml": deployment("web") });
    assert.deepEqual(meets(cluster, "app/services/web.yaml"), ["plain:app: app/workloads/web.yaml"]);
  });

  it("no pods of a tree that has a Service of that name itself", () => {
    const cluster = clusterOf({
      "dev/service.yaml": service("web"),
      "prod/service.yaml": service("web"),
      "prod/deployment.yaml": deployment("web"),
    });
    assert.deepEqual(meets(cluster, "dev/service.yaml"), ["plain:dev:"]);
  });

  it("each environment's pods in a scope of its own, where it is shared between them", () => {
    const cluster = clusterOf({
      "service.yaml": service("web"),
      "dev/deployment.yaml": deployment("web"),
      "prod/deployment.yaml": deployment("web"),
    });
    assert.deepEqual(meets(cluster, "service.yaml"), [
      "plain:dev: dev/deployment.yaml",
      "plain:prod: prod/deployment.yaml",
    ]);
  });

  it("all workloads of its folder that carry its labels, but no variant of its own file", () => {
    const cluster = clusterOf({
      "a.yaml": together(service("web"), deployment("web")),
      "b.yaml": together(service("web"), deployment("web")),
      "canary.yaml": deployment("web-canary", "web"),
    });
    assert.deepEqual(meets(cluster, "a.yaml"), ["plain:.: a.yaml canary.yaml"]);
  });

  it("pods of its namespace, and of any where one side names none", () => {
    const cluster = clusterOf({
      "a/service.yaml": service("web", "web", "shop"),
      "a/other.yaml": deployment("web", "web", "bank"),
      "b/service.yaml": service("api", "api", "shop"),
      "b/unset.yaml": deployment("api"),
    });
    assert.deepEqual(meets(cluster, "a/service.yaml"), ["plain:a:"]);
    assert.deepEqual(meets(cluster, "b/service.yaml"), ["plain:b: b/unset.yaml"]);
  });

  it("pods of a namespace that is filled in later", () => {
    const cluster = clusterOf({
      "a/service.yaml": service("web", "web", "shop"),
      "a/deployment.yaml": deployment("web", "web", '"${NAMESPACE}"'),
    });
    assert.deepEqual(meets(cluster, "a/service.yaml"), ["plain:a: a/deployment.yaml"]);
  });

  it("nothing for certain under a kustomization or a chart", () => {
    const cluster = clusterOf({
      "base/kustomization.yaml": "resources: [service.yaml]\n",
      "base/service.yaml": service("web"),
      "chart/Chart.yaml": "name: x\n",
      "chart/crds/service.yaml": service("api"),
    });
    assert.deepEqual(meets(cluster, "base/service.yaml"), ["kustomize:base:"]);
    assert.deepEqual(meets(cluster, "chart/crds/service.yaml"), ["helm:chart:"]);
  });
});

describe("a view", () => {
  const files = {
    "dev/all.yaml": `${service("web")}---\n${service("api")}---\n${deployment("web")}`,
    "prod/all.yaml": `${service("web")}---\n${service("only-prod")}---\n${deployment("web")}`,
    "shared/queue.yaml": service("queue"),
    "variants/a.yaml": service("cache"),
    "variants/b.yaml": service("cache"),
  };
  const seen = (from: string): readonly string[] =>
    clusterOf(files)
      .viewFrom(documentUri(from))
      .services.map(({ name, range }) => `${range.uri}/${name.value}`);

  it("holds what is applied together with a text, and no other environment", () => {
    assert.deepEqual(seen("dev/all.yaml"), [
      "dev/all.yaml/web",
      "dev/all.yaml/api",
      "shared/queue.yaml/queue",
      "variants/a.yaml/cache",
    ]);
    assert.deepEqual(seen("prod/x.yaml"), [
      "prod/all.yaml/web",
      "prod/all.yaml/only-prod",
      "shared/queue.yaml/queue",
      "variants/a.yaml/cache",
    ]);
  });

  it("prefers the text it looks from", () => {
    assert.ok(seen("variants/b.yaml").includes("variants/b.yaml/cache"));
    assert.ok(!seen("variants/b.yaml").includes("variants/a.yaml/cache"));
  });

  it("has of dumped nodes of one name the nearest, in whatever order they came", () => {
    const node = (address: string): string =>
      `apiVersion: v1\nkind: Node\nmetadata: { name: a }\nstatus: { addresses: [{ type: InternalIP, address: ${address} }] }\n`;
    const dumps = {
      "dev/nodes.yaml": node("172.18.0.2"),
      "prod/nodes.yaml": `${node("172.19.0.2")}---\n${node("172.19.0.3")}`,
    };
    for (const files of [dumps, Object.fromEntries(Object.entries(dumps).reverse())]) {
      const addressFrom = (from: string): string | undefined =>
        clusterOf(files).viewFrom(documentUri(from)).profile.nodes[0]?.address;
      assert.equal(addressFrom("dev/all.yaml"), "172.18.0.2");
      assert.equal(addressFrom("prod/all.yaml"), "172.19.0.2");
      assert.equal(addressFrom("all.yaml"), "172.18.0.2");
    }
  });

  it("tells what it leaves out", () => {
    const { hidden } = clusterOf(files).viewFrom(documentUri("dev/all.yaml"));
    assert.deepEqual(
      hidden.map(({ name }) => name.value),
      ["web", "only-prod", "cache"],
    );
  });
});
