import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contains, familyOf, sizeOf, toNumber } from "../../src/core/base/ip.ts";
import { type AddressPlan, planAddresses } from "../../src/core/cluster/addresses.ts";
import { claim, place, poolOf } from "../../src/core/cluster/placement.ts";
import { podId } from "../../src/core/cluster/pod-addresses.ts";
import { defaultProfile, type Profile, podSubnet } from "../../src/core/settings/profile.ts";
import { blocks, placementOf, pod, services, sketches } from "./address-sketches.ts";
import { makeService } from "./objects.ts";

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
