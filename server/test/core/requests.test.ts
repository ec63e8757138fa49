import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseDestination, parseSource } from "../../src/core/cluster/simulation/parse-request.ts";
import { assertComplaint } from "./traces.ts";

describe("a source is read", () => {
  const cases: readonly (readonly [string, object])[] = [
    ["pod:web-0", { kind: "workload", workloadKind: "Pod", namespace: undefined, name: "web-0" }],
    ["pod:shop/web-0", { kind: "workload", workloadKind: "Pod", namespace: "shop", name: "web-0" }],
    ["Deployment/web", { kind: "workload", workloadKind: "Deployment", namespace: undefined, name: "web" }],
    ["deploy/shop/web", { kind: "workload", workloadKind: "Deployment", namespace: "shop", name: "web" }],
    ["statefulsets/web", { kind: "workload", workloadKind: "StatefulSet", namespace: undefined, name: "web" }],
    ["Rollout/web", { kind: "workload", workloadKind: "Rollout", namespace: undefined, name: "web" }],
    ["node:node-1", { kind: "node", name: "node-1" }],
    [" external ", { kind: "external", ip: undefined }],
    ["external:203.0.113.7", { kind: "external", ip: "203.0.113.7" }],
    ["external:[2001:DB8::1]", { kind: "external", ip: "2001:db8::1" }],
  ];
  for (const [text, expected] of cases) test(text, () => assert.deepEqual(parseSource(text), expected));

  for (const text of [
    "",
    "web",
    "pod:",
    "pod:a/b/c",
    "Deployment/",
    "/web",
    "node:",
    "external:",
    "external:x",
    "pod:a b",
  ]) {
    test(`unless it is ${JSON.stringify(text)}`, () => assertComplaint(parseSource(text)));
  }
});

describe("a destination is read", () => {
  const cases: readonly (readonly [string, string, number | undefined, number | undefined])[] = [
    ["web", "web", undefined, undefined],
    ["web:80", "web", 80, undefined],
    ["web.shop.svc.cluster.local.:8080", "web.shop.svc.cluster.local.", 8080, undefined],
    ["http://web", "web", undefined, 80],
    ["https://web:8443/path?x=1#y", "web", 8443, 443],
    ["web:80/index.html", "web", 80, undefined],
    ["postgres://user:secret@db.shop/data", "db.shop", undefined, 5432],
    ["jdbc:postgresql://db:5433/data", "db", 5433, 5432],
    ["10.96.0.1:443", "10.96.0.1", 443, undefined],
    ["[fd00::10]:80", "fd00::10", 80, undefined],
    ["http://[fd00::10]/", "fd00::10", undefined, 80],
    ["fd00::10", "fd00::10", undefined, undefined],
    ["node-1:30080", "node-1", 30080, undefined],
    ["_http._tcp.web", "_http._tcp.web", undefined, undefined],
  ];
  for (const [text, host, port, schemePort] of cases) {
    test(text, () => {
      const read = parseDestination(text);
      assert.ok("host" in read);
      assert.deepEqual([read.host, read.port, read.schemePort], [host, port, schemePort]);
    });
  }

  const variables: readonly (readonly [string, string, readonly string[]])[] = [
    [
      "$CART_SERVICE_HOST:$CART_SERVICE_PORT",
      "$CART_SERVICE_HOST:$CART_SERVICE_PORT",
      ["CART_SERVICE_HOST", "CART_SERVICE_PORT"],
    ],
    ["http://${CART_SERVICE_HOST}:8080/$PATH", "http://${CART_SERVICE_HOST}:8080", ["CART_SERVICE_HOST"]],
    ["$(CART_PORT)", "$(CART_PORT)", ["CART_PORT"]],
    ["http://$USER:$PASSWORD@$CART_PORT_80_TCP_ADDR", "http://$CART_PORT_80_TCP_ADDR", ["CART_PORT_80_TCP_ADDR"]],
  ];
  for (const [text, head, names] of variables) {
    test(text, () => assert.deepEqual(parseDestination(text), { text: head, variables: names }));
  }

  const nonsense = [
    "$",
    "${CART",
    "$1:80",
    "web:$",
    "",
    "::::",
    ":80",
    "web:",
    "web:0",
    "web:99999",
    "web:http",
    "gopher://web",
    "http://",
    "a b",
    "-web",
    "a..b",
  ];
  for (const text of [...nonsense, "[10.0.0.1]:80", "[fd00::1", "//web", "http:///web", "w\u00e9b", "10.0.0.1:-1"]) {
    test(`unless it is ${JSON.stringify(text)}`, () => assertComplaint(parseDestination(text)));
  }
});
