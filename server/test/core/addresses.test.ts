import assert from "node:assert/strict";
import { test } from "node:test";
import { toNumber } from "../../src/core/base/ip.ts";
import { planAddresses } from "../../src/core/cluster/addresses.ts";
import type { NodeManifest } from "../../src/core/manifest/model.ts";
import { defaultProfile, withObservedNodes } from "../../src/core/settings/profile.ts";
import { addressesOf, blocks, dualStack, placementOf, pod } from "./address-sketches.ts";
import { field, makeService } from "./objects.ts";

test("written and observed values win over simulated ones, wherever they lie", () => {
  const free = addressesOf({ name: "web", type: "NodePort" });
  const [ip, nodePort] = [free.clusterIPs[0]?.ip ?? "", free.nodePorts.ports[0]?.port ?? 0];
  assert.equal(free.clusterIPs[0]?.origin, "simulated");
  const web = makeService({ name: "web", type: "NodePort" });
  const thief = makeService({ name: "thief", type: "NodePort", clusterIPs: [ip], ports: [{ port: 80, nodePort }] });
  const plan = planAddresses(defaultProfile, [web, thief], []);
  assert.deepEqual(plan.services.get(thief)?.clusterIPs, [{ ip, origin: "written" }]);
  assert.deepEqual(plan.services.get(thief)?.nodePorts.ports, [{ port: nodePort, origin: "written" }]);
  assert.notEqual(plan.services.get(web)?.clusterIPs[0]?.ip, ip);
  assert.notEqual(plan.services.get(web)?.nodePorts.ports[0]?.port, nodePort);
  assert.deepEqual(addressesOf({ name: "out", clusterIPs: ["1.2.3.4"] }).clusterIPs, [
    { ip: "1.2.3.4", origin: "written" },
  ]);

  const [key, other] = [pod("Deployment/web"), pod("Pod/seen")];
  const podIP = placementOf(planAddresses(defaultProfile, [], [key]), key)?.addresses[0]?.ip ?? "";
  const seen = { ...other, observedIPs: [podIP], node: { name: "far", origin: "observed" as const } };
  const observed = planAddresses(defaultProfile, [], [key, seen]);
  assert.deepEqual(placementOf(observed, seen), { node: seen.node, addresses: [{ ip: podIP, origin: "observed" }] });
  assert.notEqual(placementOf(observed, key)?.addresses[0]?.ip, podIP);
  const claimed = planAddresses(defaultProfile, [], [key], [podIP, "nonsense"]);
  assert.notEqual(placementOf(claimed, key)?.addresses[0]?.ip, podIP);
});

test("two Services of one name share what is simulated for it", () => {
  const [one, other] = [makeService({ name: "web" }), makeService({ name: "web" })];
  const { services } = planAddresses(defaultProfile, [one, other], []);
  assert.deepEqual(services.get(one), services.get(other));
});

test("the API server and the DNS server have the addresses that kubeadm gives them", () => {
  const ip = (namespace: string, name: string, profile = defaultProfile) =>
    addressesOf({ namespace, name }, profile).clusterIPs[0]?.ip;
  assert.equal(ip("default", "kubernetes"), "10.96.0.1");
  assert.equal(ip("kube-system", "kube-dns"), "10.96.0.10");
  assert.equal(
    ip("default", "kubernetes", { ...dualStack, serviceCIDR: [...dualStack.serviceCIDR].reverse() }),
    "fd00:10:96::1",
  );
  const far = toNumber(ip("shop", "kubernetes") ?? "0.0.0.0") - toNumber("10.96.0.0");
  assert.ok(far > 256n, "the first 256 addresses are left to people");
});

test("a range that is used up gives nothing, and says so", () => {
  const tiny = { ...defaultProfile, serviceCIDR: blocks("10.96.0.0/29"), nodePortRange: { first: 30000, last: 30001 } };
  const all = Array.from({ length: 9 }, (_, index) => makeService({ name: `s${index}`, type: "NodePort" }));
  const plan = planAddresses(tiny, all, []);
  const withIP = all.filter((service) => plan.services.get(service)?.clusterIPs.length === 1);
  assert.equal(withIP.length, 5, "eight addresses without network, broadcast and API server");
  for (const service of all) {
    assert.deepEqual(plan.services.get(service)?.exhausted, withIP.includes(service) ? [] : ["IPv4"]);
  }
  assert.equal(all.filter((service) => plan.services.get(service)?.nodePorts.ports[0]).length, 2);
  const crowd = Array.from({ length: 40 }, (_, ordinal) => pod("Deployment/web", ordinal));
  const { pods } = planAddresses({ ...defaultProfile, podCIDR: blocks("10.244.0.0/27") }, [], crowd);
  assert.equal([...pods.values()].filter(({ addresses }) => addresses.length === 1).length, 2 * (16 - 3));
});

test("pods take turns on the nodes, and DaemonSets are everywhere", () => {
  const crowd = [0, 1, 2, 3].map((ordinal) => pod("Deployment/web", ordinal));
  const plan = planAddresses(defaultProfile, [], crowd);
  const nodes = crowd.map((key) => placementOf(plan, key)?.node?.name);
  assert.equal(new Set(nodes.slice(0, 2)).size, 2);
  assert.deepEqual(nodes.slice(2), nodes.slice(0, 2));
  assert.deepEqual(placementOf(plan, pod("Deployment/web"))?.node?.origin, "simulated");
  const owners = Array.from({ length: 40 }, (_, index) => pod(`Deployment/d${index}`));
  const firsts = [...planAddresses(defaultProfile, [], owners).pods.values()].map(({ node }) => node?.name);
  assert.equal(new Set(firsts).size, 2, "not everyone starts on the same node");
});

test("a pod that names its node is there; on the host network it has the node's address", () => {
  const there = pod("Pod/a", 0, { node: { name: "node-2", origin: "written" } });
  const host = pod("Pod/b", 0, { node: { name: "node-2", origin: "written" }, hostNetwork: true });
  const lost = pod("Pod/c", 0, { node: { name: "far", origin: "written" }, hostNetwork: true });
  const plan = planAddresses(defaultProfile, [], [there, host, lost]);
  assert.deepEqual(placementOf(plan, there)?.node, { name: "node-2", origin: "written" });
  assert.match(placementOf(plan, there)?.addresses[0]?.ip ?? "", /^10\.244\.(12[89]|1[3-9]\d|2\d\d)\./);
  assert.deepEqual(placementOf(plan, host)?.addresses, [{ ip: "192.168.10.12", origin: "simulated" }]);
  assert.deepEqual(placementOf(plan, lost), { node: { name: "far", origin: "written" }, addresses: [] });
});

test("dumped nodes take the place of the assumed ones, with their own blocks", () => {
  const node = (name: string, addresses: readonly string[], podCIDRs: readonly string[]): NodeManifest => ({
    ...makeService({ name }),
    type: "Node",
    addresses: addresses.map((ip) => field(ip)),
    podCIDRs,
  });
  const profile = withObservedNodes(defaultProfile, [
    node("b", ["worker-b", "172.18.0.3"], ["10.50.1.0/24"]),
    node("a", ["172.18.0.2"], ["10.50.0.0/24"]),
    node("c", ["worker-c"], []),
  ]);
  assert.deepEqual(
    profile.nodes.map(({ name, address, origin }) => [name, address, origin]),
    [
      ["a", "172.18.0.2", "observed"],
      ["b", "172.18.0.3", "observed"],
    ],
  );
  const host = pod("Pod/h", 0, { hostNetwork: true, node: { name: "b", origin: "observed" } });
  const own = pod("Pod/o", 0, { node: { name: "b", origin: "observed" } });
  const plan = planAddresses(profile, [], [host, own]);
  assert.deepEqual(placementOf(plan, host)?.addresses, [{ ip: "172.18.0.3", origin: "observed" }]);
  assert.match(placementOf(plan, own)?.addresses[0]?.ip ?? "", /^10\.50\.1\.\d+$/);
  assert.equal(withObservedNodes(defaultProfile, [node("c", [], [])]), defaultProfile);
});
