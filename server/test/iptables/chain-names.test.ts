import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chainHash, endpointChain, portChain, portHash } from "../../src/core/cluster/iptables/chain-names.ts";
import type { Protocol } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { servicePortName } from "../../src/core/cluster/kube-proxy/service-order.ts";
import { readFixture } from "./inputs.ts";

/** Rows of `name protocol [endpoint] hash`, copied from real nodes and from kube-proxy's own tests. */
const vectors = readFixture("chain-names.txt")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(/\s+/));

describe("chain names", () => {
  for (const [name = "", protocol = "", ...rest] of vectors) {
    const [endpoint, hash] = rest.length === 1 ? [undefined, rest[0]] : rest;
    test(`${name} ${protocol} ${endpoint ?? ""}`, () => {
      const upper = protocol.toUpperCase() as Protocol;
      if (endpoint === undefined) assert.equal(portHash(name, upper), hash);
      else assert.equal(endpointChain(name, upper, endpoint), `KUBE-SEP-${hash}`);
    });
  }

  test("every row of the table was read", () => assert.equal(vectors.length, 40));

  test("the chains of one port end alike", () => {
    assert.equal(portChain("SVC", "default/kubernetes:https", "TCP"), "KUBE-SVC-NPX46M4PTMTKRN6Y");
    assert.equal(portChain("FW", "default/kubernetes:https", "TCP"), "KUBE-FW-NPX46M4PTMTKRN6Y");
  });

  test("an unnamed port keeps its colon up to 1.18", () => {
    assert.equal(servicePortName({ major: 1, minor: 18 }, "default", "nginx", ""), "default/nginx:");
    assert.equal(servicePortName({ major: 1, minor: 19 }, "default", "nginx", ""), "default/nginx");
    assert.equal(servicePortName({ major: 1, minor: 18 }, "default", "nginx", "http"), "default/nginx:http");
    assert.equal(servicePortName({ major: 2, minor: 0 }, "default", "nginx", "http"), "default/nginx:http");
  });

  test("a hash is that of the UTF-8 bytes", () => {
    assert.match(chainHash("名前/服务:端口"), /^[A-Z2-7]{16}$/);
    assert.notEqual(chainHash("é"), chainHash("e"));
  });
});
