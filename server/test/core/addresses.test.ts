import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contains, type Family, familyOf, parseCidr, sizeOf, toNumber } from "../../src/core/base/ip.ts";
import { type AddressPlan, planAddresses, type ServiceAddresses } from "../../src/core/cluster/addresses.ts";
import { familiesOf } from "../../src/core/cluster/families.ts";
import { claim, place, poolOf } from "../../src/core/cluster/placement.ts";
import { type PodKey, podId } from "../../src/core/cluster/pod-addresses.ts";
import type { NodeManifest } from "../../src/core/manifest/model.ts";
import { defaultProfile, type Profile, podSubnet, withObservedNodes } from "../../src/core/settings/profile.ts";
import { field, makeService, type ServiceSketch } from "./objects.ts";

const blocks = (...texts: readonly string[]) => texts.flatMap((text) => parseCidr(text) ?? []);

const dualStack: Profile = {
  ...defaultProfile,
  serviceCIDR: blocks("10.96.0.0/12", "fd00:10:96::/112"),
  podCIDR: blocks("10.244.0.0/16", "fd00:10:244::/56"),
};

const pod = (owner: string, ordinal = 0, more: Partial<PodKey> = {}): PodKey => ({
  namespace: "default",
  owner,
  ordinal,
  hostNetwork: false,
  node: undefined,
  observedIPs: undefined,
  ...more,
});

/** The addresses of one Service in a cluster of its own. */
function addressesOf(sketch: ServiceSketch, profile = defaultProfile): ServiceAddresses {
  const service = makeService(sketch);
  const addresses = planAddresses(profile, [service], []).services.get(service);
  assert.ok(addresses);
  return addresses;
}

const placementOf = (plan: AddressPlan, key: PodKey) => plan.pods.get(podId(key));

// Few names and small ranges, so that collisions do happen.
const sketches: fc.Arbitrary<ServiceSketch> = fc.record(
  {
    name: fc.constantFrom("a", "b", "c", "web", "db", "kubernetes"),
    namespace: fc.constantFrom("default", "shop"),
    type: fc.constantFrom("ClusterIP" as const, "NodePort" as const, "LoadBalancer" as const, "ExternalName" as const),
    ports: fc.array(
      fc.record(
        {
          port: fc.constantFrom(53, 80, 443),
          protocol: fc.constantFrom("TCP" as const, "UDP" as const),
          nodePort: fc.integer({ min: 30000, max: 30040 }),
        },
        { requiredKeys: ["port"] },
      ),
      { maxLength: 3 },
    ),
    clusterIPs: fc.array(fc.constantFrom("10.96.0.20", "10.96.0.21", "fd00:10:96::5", "nonsense"), { maxLength: 2 }),
    ipFamilyPolicy: fc.constantFrom("SingleStack" as const, "PreferDualStack" as const, "RequireDualStack" as const),
    ipFamilies: fc.constantFrom<Family[]>([], ["IPv4"], ["IPv6"], ["IPv6", "IPv4"]),
    headless: fc.boolean(),
    externalTrafficPolicy: fc.constantFrom("Cluster" as const, "Local" as const),
  },
  { requiredKeys: ["name"] },
);

const services = fc
  .uniqueArray(sketches, { selector: ({ namespace = "default", name }) => `${namespace}/${name}`, maxLength: 8 })
  .map((all) => all.map(makeService));

const podKeys = fc.uniqueArray(
  fc.record({
    namespace: fc.constantFrom("default", "shop"),
    owner: fc.constantFrom("Deployment/a", "Deployment/b", "StatefulSet/db", "Pod/x"),
    ordinal: fc.nat(12),
    hostNetwork: fc.boolean(),
    node: fc.constantFrom(
      undefined,
      { name: "node-1", origin: "written" as const },
      { name: "far", origin: "observed" as const },
    ),
    observedIPs: fc.constantFrom(undefined, undefined, [], ["10.244.0.5"], ["10.244.128.4", "fd00:10:244::9"]),
  }),
  { selector: podId, maxLength: 40 },
);

const profiles = fc
  .record({
    serviceCIDR: fc.constantFrom(
      ...[["10.96.0.0/12"], ["10.96.0.0/27"], ["10.96.0.0/30"], ["10.96.0.0/32"], ["10.96.0.0/27", "fd00:10:96::/124"]],
      ...[["fd00:10:96::/112", "10.96.0.0/12"], []],
    ),
    podCIDR: fc.constantFrom(
      ["10.244.0.0/16"],
      ["10.244.0.0/28"],
      ["10.244.0.0/31"],
      ["10.244.0.0/26", "fd00:10:244::/124"],
      [],
    ),
    nodePortRange: fc.constantFrom(
      { first: 30000, last: 32767 },
      { first: 30000, last: 30002 },
      { first: 30001, last: 30001 },
    ),
    nodes: fc.constantFrom(defaultProfile.nodes, defaultProfile.nodes.slice(0, 1), []),
  })
  .map(
    ({ serviceCIDR, podCIDR, ...rest }): Profile => ({
      ...defaultProfile,
      ...rest,
      serviceCIDR: blocks(...serviceCIDR),
      podCIDR: blocks(...podCIDR),
    }),
  );

/** Everything a plan gives to somebody, by who has it: `clusterIP default/web IPv4`. */
function giftsOf(plan: AddressPlan): ReadonlyMap<string, { readonly value: string; readonly origin: string }> {
  const gifts = new Map<string, { readonly value: string; readonly origin: string }>();
  for (const [service, { clusterIPs, nodePorts }] of plan.services) {
    const id = `${service.namespace.value}/${service.name.value}`;
    clusterIPs.forEach(({ ip, origin }, index) => {
      gifts.set(`clusterIP ${id} ${origin === "simulated" ? familyOf(ip) : index}`, { value: ip, origin });
    });
    nodePorts.ports.forEach((given, index) => {
      const key = `nodePort ${id} ${given?.origin === "simulated" ? service.ports[index]?.port.value : `#${index}`}`;
      if (given && !gifts.has(key)) gifts.set(key, { value: String(given.port), origin: given.origin });
    });
    const { healthCheck } = nodePorts;
    if (healthCheck)
      gifts.set(`nodePort ${id} health`, { value: String(healthCheck.port), origin: healthCheck.origin });
  }
  for (const [id, { addresses }] of plan.pods) {
    for (const { ip, origin } of addresses) gifts.set(`pod ${id} ${familyOf(ip)}`, { value: ip, origin });
  }
  return gifts;
}

test("the same objects in any order have the same addresses", () => {
  const shuffled = fc
    .tuple(services, podKeys)
    .chain(([all, pods]) =>
      fc.tuple(
        fc.constant({ all, pods }),
        fc.shuffledSubarray([...all], { minLength: all.length }),
        fc.shuffledSubarray([...pods], { minLength: pods.length }),
      ),
    );
  fc.assert(
    fc.property(profiles, shuffled, (profile, [{ all, pods }, otherAll, otherPods]) => {
      const plan = planAddresses(profile, all, pods);
      const other = planAddresses(profile, otherAll, otherPods);
      for (const service of all) assert.deepEqual(other.services.get(service), plan.services.get(service));
      for (const key of pods) assert.deepEqual(placementOf(other, key), placementOf(plan, key));
    }),
    { numRuns: 500 },
  );
});

test("no simulated value has two owners, and none is a written or observed one", () => {
  fc.assert(
    fc.property(profiles, services, podKeys, (profile, all, pods) => {
      const gifts = [...giftsOf(planAddresses(profile, all, pods))];
      const simulated = gifts.filter(([, { origin }]) => origin === "simulated");
      const onHost = new Set(profile.nodes.map(({ address }) => address));
      const own = simulated.filter(([, { value }]) => !onHost.has(value));
      for (const [owner, { value }] of own) {
        const holders = gifts.filter(
          ([key, gift]) => gift.value === value && key.split(" ")[0] === owner.split(" ")[0],
        );
        assert.deepEqual(
          holders.map(([key]) => key),
          [owner],
        );
      }
    }),
    { numRuns: 500 },
  );
});

test("simulated values lie in their ranges and are nobody else's", () => {
  fc.assert(
    fc.property(profiles, services, podKeys, (profile, all, pods) => {
      const plan = planAddresses(profile, all, pods);
      for (const [service, { clusterIPs, nodePorts }] of plan.services) {
        for (const { ip, origin } of clusterIPs) {
          if (origin !== "simulated") continue;
          const block = profile.serviceCIDR.find((candidate) => contains(candidate, ip));
          assert.ok(block);
          const place = toNumber(ip) - block.network;
          assert.ok(place >= 1n && (block.family === "IPv6" || place < sizeOf(block) - 1n), ip);
          const isApiServer = block === profile.serviceCIDR[0] && place === 1n;
          assert.equal(
            isApiServer,
            `${service.namespace.value}/${service.name.value}` === "default/kubernetes" &&
              block === profile.serviceCIDR[0],
            ip,
          );
          if (block === profile.serviceCIDR[0]) assert.notEqual(place, 10n);
        }
        for (const given of [...nodePorts.ports, nodePorts.healthCheck]) {
          if (given?.origin !== "simulated") continue;
          assert.ok(given.port >= profile.nodePortRange.first && given.port <= profile.nodePortRange.last);
        }
      }
      for (const key of pods) {
        const { node, addresses } = placementOf(plan, key) ?? { node: undefined, addresses: [] };
        const index = profile.nodes.findIndex(({ name }) => name === node?.name);
        for (const { ip, origin } of addresses) {
          if (origin !== "simulated") continue;
          if (key.hostNetwork) assert.equal(ip, profile.nodes[index]?.address);
          else if (index >= 0) {
            const block = podSubnet(profile, index, familyOf(ip));
            assert.ok(block && contains(block, ip));
            assert.ok(toNumber(ip) - block.network >= 2n);
            if (block.family === "IPv4") assert.ok(toNumber(ip) - block.network < sizeOf(block) - 1n);
          }
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("one object more moves only what it, or what it moved, now stands on", () => {
  const additions = fc.oneof(
    sketches.map((sketch) => ({ service: makeService({ ...sketch, name: "new" }), pod: undefined })),
    fc.nat(99).map((ordinal) => ({ service: undefined, pod: pod("Deployment/new", ordinal) })),
  );
  fc.assert(
    fc.property(profiles, services, podKeys, additions, (profile, all, pods, added) => {
      const before = giftsOf(planAddresses(profile, all, pods));
      const after = giftsOf(
        planAddresses(profile, added.service ? [...all, added.service] : all, added.pod ? [...pods, added.pod] : pods),
      );
      for (const [owner, { value }] of before) {
        const now = after.get(owner)?.value;
        if (now === value) continue;
        const kind = owner.split(" ")[0];
        const successor = [...after].find(([key, gift]) => gift.value === value && key.split(" ")[0] === kind);
        assert.ok(successor, `${owner} left ${value}, and nobody is there now`);
        assert.ok(!before.has(successor[0]) || before.get(successor[0])?.value !== value);
      }
    }),
    { numRuns: 1000 },
  );
});

test("keys are placed by their hash, the later one of two moves on, and a full pool ends it", () => {
  const keys = fc.uniqueArray(fc.string(), { maxLength: 30 });
  fc.assert(
    fc.property(
      keys,
      fc.array(fc.nat(20)),
      fc.integer({ min: -1, max: 20 }),
      fc.string(),
      (all, claimed, last, added) => {
        const placed = (names: readonly string[]): ReadonlyMap<string, number> => {
          const pool = poolOf([5, last], [0, 4]);
          for (const number of claimed) claim(pool, number);
          return place(pool, names);
        };
        const free = Array.from({ length: Math.max(last, 4) + 1 }, (_, number) => number).filter(
          (number) => !claimed.includes(number),
        );
        const before = placed(all);
        const numbers = [...before.values()];
        assert.equal(new Set(numbers).size, numbers.length);
        assert.ok(numbers.every((number) => free.includes(number)));
        assert.equal(numbers.length, Math.min(all.length, free.length), "nobody goes without while numbers are left");
        const after = placed([...all, added]);
        const holderAfter = new Map([...after].map(([key, number]) => [number, key]));
        for (const [key, number] of before) {
          const holder = holderAfter.get(number);
          assert.ok(holder !== undefined && holder <= key, "only a key that sorts before takes a place");
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test("in a cluster of the usual size an unrelated object moves nothing", () => {
  const names = Array.from({ length: 30 }, (_, index) => `service-${index}`);
  const all = names.map((name) => makeService({ name, type: "NodePort" }));
  const pods = names.flatMap((name) => [0, 1, 2].map((ordinal) => pod(`Deployment/${name}`, ordinal)));
  const whole = planAddresses(defaultProfile, all, pods);
  const half = planAddresses(defaultProfile, all.slice(0, 15), pods.slice(0, 45));
  for (const [service, { clusterIPs }] of half.services) {
    assert.deepEqual(whole.services.get(service)?.clusterIPs, clusterIPs);
  }
  for (const [id, placement] of half.pods) assert.deepEqual(whole.pods.get(id), placement);
});

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
