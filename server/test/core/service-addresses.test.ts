import assert from "node:assert/strict";
import { test } from "node:test";
import { familyOf } from "../../src/core/base/ip.ts";
import { familiesOf } from "../../src/core/cluster/families.ts";
import { defaultProfile } from "../../src/core/settings/profile.ts";
import { addressesOf, dualStack } from "./address-sketches.ts";
import { makeService, type ServiceSketch } from "./objects.ts";

test("families follow ipFamilies, the written addresses and the policy", () => {
  const families = (sketch: Omit<ServiceSketch, "name">, profile = dualStack): string =>
    familiesOf(profile, makeService({ name: "web", ...sketch })).join(" ");
  assert.equal(families({}), "IPv4");
  assert.equal(families({ ipFamilyPolicy: "PreferDualStack" }), "IPv4 IPv6");
  assert.equal(families({ ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv6"] }), "IPv6 IPv4");
  assert.equal(families({ ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv6", "IPv4"] }), "IPv6 IPv4");
  assert.equal(families({ ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv6", "IPv4"] }), "IPv6");
  assert.equal(families({ clusterIPs: ["fd00:10:96::7"] }), "IPv6");
  assert.equal(families({ clusterIPs: ["nonsense"] }), "IPv4");
  assert.equal(families({ headless: true }), "IPv4");
  assert.equal(families({ headless: true, selector: false }), "IPv4 IPv6");
  assert.equal(families({ headless: true, selector: false, ipFamilyPolicy: "SingleStack" }), "IPv4");
  assert.equal(families({ type: "ExternalName" }), "");
  assert.equal(families({ ipFamilyPolicy: "PreferDualStack" }, defaultProfile), "IPv4");
  assert.equal(families({ ipFamilies: ["IPv6"] }, defaultProfile), "");
  assert.equal(families({ headless: true, selector: false }, defaultProfile), "IPv4 IPv6");
  assert.equal(families({}, { ...dualStack, serviceCIDR: [...dualStack.serviceCIDR].reverse() }), "IPv6");
});

test("a dual-stack Service has an address of each family, in their order", () => {
  const ips = addressesOf(
    { name: "web", ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv6", "IPv4"] },
    dualStack,
  ).clusterIPs;
  assert.deepEqual(
    ips.map(({ ip, origin }) => [familyOf(ip), origin]),
    [
      ["IPv6", "simulated"],
      ["IPv4", "simulated"],
    ],
  );
  const half = addressesOf(
    { name: "web", ipFamilyPolicy: "PreferDualStack", clusterIPs: ["10.96.3.4"] },
    dualStack,
  ).clusterIPs;
  assert.deepEqual(
    half.map(({ ip, origin }) => [familyOf(ip), origin]),
    [
      ["IPv4", "written"],
      ["IPv6", "simulated"],
    ],
  );
});

test("a headless Service and an ExternalName have no addresses or node ports", () => {
  for (const sketch of [
    { headless: true },
    { type: "ExternalName" },
    { headless: true, clusterIPs: ["10.96.0.9"] },
  ] as const) {
    const { clusterIPs, exhausted, nodePorts } = addressesOf({
      name: "web",
      ...sketch,
      ports: [{ port: 80, nodePort: 30080 }],
    });
    assert.deepEqual([clusterIPs, exhausted, nodePorts.ports], [[], [], [undefined]]);
  }
});

test("node ports: by type, shared by the protocols of one port, written ones first", () => {
  const ports = (sketch: Omit<ServiceSketch, "name">) => addressesOf({ name: "dns", ...sketch }).nodePorts.ports;
  assert.deepEqual(ports({ ports: [{ port: 80, nodePort: 30080 }] }), [undefined], "a ClusterIP has none");
  const [udp, tcp, other] = ports({
    type: "NodePort",
    ports: [{ port: 53, protocol: "UDP" }, { port: 53 }, { port: 54 }],
  });
  assert.ok(udp && other);
  assert.deepEqual(tcp, udp);
  assert.notEqual(other.port, udp.port);
  assert.ok(udp.port >= 30086, "the lower part of the range is left to people");
  const inherited = ports({
    type: "LoadBalancer",
    ports: [
      { port: 53, protocol: "UDP" },
      { port: 53, nodePort: 30053 },
    ],
  });
  assert.deepEqual(
    inherited.map((given) => given?.port),
    [30053, 30053],
  );
  assert.deepEqual(ports({ type: "NodePort", ports: [{ port: 80, nodePort: 80 }] }), [{ port: 80, origin: "written" }]);
  assert.equal(ports({ type: "NodePort", ports: [{ port: 80, nodePort: 0 }] })[0]?.origin, "simulated");
});

test("a LoadBalancer may do without node ports, but for written ones, from Kubernetes 1.22 on", () => {
  const nodePorts = (sketch: Omit<ServiceSketch, "name">, minor: number) =>
    addressesOf(
      { name: "web", allocateLoadBalancerNodePorts: false, ...sketch },
      { ...defaultProfile, kubernetesVersion: { major: 1, minor } },
    ).nodePorts;
  const some: Omit<ServiceSketch, "name"> = {
    type: "LoadBalancer",
    externalTrafficPolicy: "Local",
    ports: [{ port: 80 }, { port: 443, nodePort: 30443 }, { port: 443, protocol: "UDP" }],
  };
  const { ports, healthCheck } = nodePorts(some, 22);
  assert.deepEqual(ports, [undefined, { port: 30443, origin: "written" }, undefined]);
  assert.equal(healthCheck?.origin, "simulated");
  assert.equal(nodePorts(some, 21).ports[0]?.origin, "simulated");
  assert.equal(nodePorts({ type: "NodePort" }, 34).ports[0]?.origin, "simulated", "it is about load balancers");
});

test("only a LoadBalancer with the policy Local is health-checked", () => {
  const check = (sketch: Omit<ServiceSketch, "name">) => addressesOf({ name: "web", ...sketch }).nodePorts.healthCheck;
  assert.equal(check({ type: "LoadBalancer" }), undefined);
  assert.equal(check({ type: "NodePort", externalTrafficPolicy: "Local" }), undefined);
  assert.equal(check({ type: "LoadBalancer", externalTrafficPolicy: "Local" })?.origin, "simulated");
  assert.deepEqual(check({ type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort: 31000 }), {
    port: 31000,
    origin: "written",
  });
});

test("load-balancer addresses are observed or written, never simulated", () => {
  const ips = (sketch: Omit<ServiceSketch, "name">) => addressesOf({ name: "web", ...sketch }).loadBalancerIPs;
  assert.deepEqual(ips({ type: "LoadBalancer" }), []);
  assert.deepEqual(ips({ type: "LoadBalancer", loadBalancerIP: "203.0.113.5" }), [
    { ip: "203.0.113.5", origin: "written" },
  ]);
  assert.deepEqual(ips({ type: "LoadBalancer", loadBalancerIP: "203.0.113.5", loadBalancerIngress: ["203.0.113.9"] }), [
    { ip: "203.0.113.9", origin: "observed" },
  ]);
  assert.deepEqual(ips({ type: "NodePort", loadBalancerIP: "203.0.113.5" }), []);
});

test("a load-balancer address stays when the Service is of another type by now: kube-proxy does not ask", () => {
  const { loadBalancerIPs } = addressesOf({ name: "web", type: "NodePort", loadBalancerIngress: ["203.0.113.9"] });
  assert.deepEqual(loadBalancerIPs, [{ ip: "203.0.113.9", origin: "observed" }]);
});
