import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { render } from "../../src/core/base/message.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { parseSource } from "../../src/core/cluster/simulation/parse-request.ts";
import { findChoices } from "../../src/core/features/choices.ts";
import { traceRequest } from "../../src/core/features/trace-page.ts";
import { textFilesBelow } from "../harness/files.ts";
import { clusterOf, storeOf, uriOf } from "../harness/workspace.ts";
import { seen, serviceIn, servicesIn, web } from "./page-cluster.ts";

describe("choices", () => {
  const examples = textFilesBelow("examples/harbour", /\.yaml$/).filter(({ name }) => !name.includes(".portolan"));
  const harbour = clusterOf(storeOf(examples.map(({ name, text }) => ({ path: `/${name}`, text }))).snapshot);
  const cluster = seen(web);

  test("are all requests that can be followed", () => {
    assert.ok(examples.length > 5);
    for (const service of servicesIn(harbour)) {
      const from = service.range.uri;
      const { sources, destinations } = findChoices(harbour, from, service);
      for (const { value } of sources) assert.ok(!("error" in traceRequest(harbour, from, value, "web:80")), value);
      for (const { value } of destinations)
        assert.ok(!("error" in traceRequest(harbour, from, "external", value)), value);
      assert.equal(new Set(destinations.map(({ value }) => value)).size, destinations.length);
    }
  });

  test("begin with a neighbour that calls the Service by its name", () => {
    const { sources, destinations } = findChoices(cluster, uriOf("/all.yaml"), serviceIn(cluster, "web"));
    assert.deepEqual(
      sources.map(({ value }) => value),
      ["Pod/shop/client", "StatefulSet/shop/web", "node:node-1", "node:node-2", "external"],
    );
    const values = destinations.map(({ value }) => value);
    assert.deepEqual(values.slice(0, 2), ["web:80", "web.shop:80"]);
    for (const value of ["10.96.10.1:80", "node-1:30080", "node-2:30080", "192.0.2.50:80"])
      assert.ok(values.includes(value), value);
    const [source, destination] = [sources[0]?.value ?? "", values[0] ?? ""];
    const trace = traceRequest(cluster, uriOf("/all.yaml"), source, destination);
    assert.ok(!("error" in trace) && trace.verdict === "delivered");
  });

  test("put first what the chosen source can reach", () => {
    const from = uriOf("/all.yaml");
    const proposals = (source: string): readonly string[] => {
      const parsed = parseSource(source);
      assert.ok(!("error" in parsed));
      return findChoices(cluster, from, serviceIn(cluster, "web"), parsed).destinations.map(({ value }) => value);
    };
    assert.deepEqual(proposals("Pod/shop/client").slice(0, 2), ["web:80", "web.shop:80"]);
    assert.equal(proposals("Pod/other/client")[0], "web.shop:80");
    assert.deepEqual(proposals("external").slice(0, 3), ["node-1:30080", "node-2:30080", "192.0.2.50:80"]);
    assert.equal(proposals("node:node-2")[0], "10.96.10.1:80");
    for (const source of ["Pod/shop/client", "node:node-2", "external"]) {
      const trace = traceRequest(cluster, from, source, proposals(source)[0] ?? "");
      assert.ok(!("error" in trace) && trace.verdict === "delivered", source);
      assert.deepEqual([...proposals(source)].sort(), [...proposals("Pod/shop/client")].sort());
    }
  });

  test("say which addresses are simulated", () => {
    const simulated = seen(web.replace("  clusterIP: 10.96.10.1\n", "").replace(", nodePort: 30080", ""));
    const details = (from: Cluster): readonly string[] =>
      findChoices(from, uriOf("/all.yaml"), serviceIn(from, "web")).destinations.map(({ detail }) => render(detail));
    assert.ok(details(cluster).includes('cluster IP of Service "web"'));
    assert.ok(details(cluster).includes('node port of Service "web"'));
    assert.ok(details(simulated).includes('simulated cluster IP of Service "web"'));
    assert.ok(details(simulated).includes('simulated node port of Service "web"'));
    assert.ok(![...details(cluster), ...details(simulated)].some((detail) => detail.includes("~")));
  });

  test("name the port of the pods behind a headless Service, and the protocol", () => {
    const headless = seen(
      `apiVersion: v1
kind: Service
metadata: { name: dns, namespace: shop }
spec: { clusterIP: None, selector: { app: web }, ports: [{ port: 53, targetPort: 8080, protocol: UDP }] }
---
${web}`,
    );
    const { destinations } = findChoices(headless, uriOf("/all.yaml"), serviceIn(headless, "dns"));
    assert.equal(destinations[0]?.value, "udp://dns:8080");
  });
});
