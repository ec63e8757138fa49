import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { distinctEndpoints, findUsedEndpoints } from "../../src/core/cluster/kube-proxy/used-endpoints.ts";
import { current, type EndpointSketch, endpoint, proxyInput, type ServicePortSketch, servicePort } from "./inputs.ts";

const { node } = proxyInput({ node: { zone: "east" } });

/** The addresses that are used, in order: cluster-wide, on the node, and whether any node could serve. */
function used(endpoints: readonly EndpointSketch[], port: ServicePortSketch = {}, minor = current.minor) {
  const { cluster, local, reachable, any } = findUsedEndpoints(
    { major: 1, minor },
    node,
    servicePort({ ...port, endpoints }),
  );
  const addresses = (list: typeof cluster): string => list.map(({ ip }) => ip).join(" ");
  return { cluster: addresses(cluster), local: addresses(local), reachable: addresses(reachable), any };
}

const here = { ip: "10.244.0.5", port: 80, nodeName: "node-a" };
const there = { ip: "10.244.1.7", port: 80, nodeName: "node-b" };
const far = { ip: "10.244.1.12", port: 80, nodeName: "node-b" };
const leaving = { ready: false, serving: true, terminating: true };
const externalLocal = { externalTrafficPolicy: "Local", nodePort: 30080 } as const;

describe("which endpoints kube-proxy uses", () => {
  test("they are sorted as text, port included", () => {
    assert.equal(used([there, far, here]).cluster, "10.244.0.5 10.244.1.12 10.244.1.7");
    const ported = [9, 80, 443].map((port) => endpoint({ ip: "10.244.0.5", port }));
    assert.deepEqual(
      distinctEndpoints(node, ported).map(({ port }) => port),
      [443, 80, 9],
    );
    const v6 = ["fd00:10:244::5", "fd00:10:244:1::7"].map((ip) => endpoint({ ip, port: 80 }));
    assert.deepEqual(
      distinctEndpoints(node, v6).map(({ ip }) => ip),
      ["fd00:10:244:1::7", "fd00:10:244::5"],
    );
  });

  test("one address is one endpoint; the one on the node, or else the ready one, counts", () => {
    const claims = [
      { ...there, ready: false },
      { ...there, label: "ready" },
      { ...there, ready: false },
    ];
    assert.deepEqual(
      distinctEndpoints(node, claims.map(endpoint)).map(({ label }) => label),
      ["ready"],
    );
    const local = [{ ...there }, { ...there, nodeName: "node-a", ready: false, label: "here" }];
    assert.deepEqual(
      distinctEndpoints(node, local.map(endpoint)).map(({ label }) => label),
      ["here"],
    );
  });

  test("those that are not ready are left out", () => {
    assert.deepEqual(used([here, { ...there, ready: false }]), {
      cluster: "10.244.0.5",
      local: "",
      reachable: "10.244.0.5",
      any: true,
    });
    assert.equal(used([{ ...here, ready: false, serving: true }]).any, false);
  });

  test("from 1.26, pods that shut down but serve are the last resort", () => {
    assert.equal(used([{ ...here, ...leaving }, there]).cluster, "10.244.1.7");
    assert.equal(used([{ ...here, ...leaving }]).cluster, "10.244.0.5");
    assert.equal(used([{ ...here, ...leaving, serving: false }]).cluster, "");
    assert.equal(used([{ ...here, ...leaving }], {}, 25).cluster, "");
  });

  test("the last resort is sought for the node and the cluster apart", () => {
    assert.deepEqual(used([{ ...here, ...leaving }, there], externalLocal), {
      cluster: "10.244.1.7",
      local: "10.244.0.5",
      reachable: "10.244.0.5 10.244.1.7",
      any: true,
    });
  });

  test("a local policy without a local endpoint is not the same as none at all", () => {
    assert.deepEqual(used([there], { internalTrafficPolicy: "Local" }), {
      cluster: "",
      local: "",
      reachable: "",
      any: true,
    });
    assert.equal(used([there], externalLocal).any, true);
    assert.equal(used([], externalLocal).any, false);
  });

  test("an external policy without any external address changes nothing", () => {
    assert.deepEqual(used([here, there], { externalTrafficPolicy: "Local" }), used([here, there]));
  });

  test("an endpoint without a node is never local", () => {
    assert.equal(used([{ ip: "10.244.0.5", port: 80 }], externalLocal).local, "");
  });

  describe("topology", () => {
    const east = { ...there, zoneHints: ["east"] };
    const west = { ...here, zoneHints: ["west"] };

    test("zone hints count if every ready endpoint has one and the zone is among them", () => {
      assert.equal(used([east, west]).cluster, "10.244.1.7");
      assert.equal(used([east, { ...west, zoneHints: [] }]).cluster, "10.244.0.5 10.244.1.7");
      assert.equal(used([{ ...east, zoneHints: ["west"] }, west]).cluster, "10.244.0.5 10.244.1.7");
      assert.equal(used([east, { ...west, zoneHints: [], ready: false }]).cluster, "10.244.1.7");
    });

    test("up to 1.30 they count only with the annotation, up to 1.23 not at all", () => {
      assert.equal(used([east, west], {}, 30).cluster, "10.244.0.5 10.244.1.7");
      assert.equal(used([east, west], { topologyModeAuto: true }, 30).cluster, "10.244.1.7");
      assert.equal(used([east, west], { topologyModeAuto: true }, 23).cluster, "10.244.0.5 10.244.1.7");
    });

    test("node hints come first, from 1.34", () => {
      const both = [
        { ...east, nodeHints: ["node-b"] },
        { ...west, nodeHints: ["node-a"] },
      ];
      assert.equal(used(both).cluster, "10.244.0.5");
      assert.equal(used(both, {}, 33).cluster, "10.244.1.7");
    });

    test("they do not touch the endpoints of local policies, nor the last resort", () => {
      assert.equal(used([{ ...west }, east], externalLocal).local, "10.244.0.5");
      assert.equal(used([{ ...west, ...leaving }]).cluster, "10.244.0.5");
    });
  });
});
