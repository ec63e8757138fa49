import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { recentAfter, walkPacket } from "../../src/core/cluster/iptables/interpret.ts";
import { findChain, type RuleSet } from "../../src/core/cluster/iptables/rule.ts";
import { writeTable } from "../../src/core/cluster/iptables/rule-set-writer.ts";
import { formatFraction } from "../../src/core/cluster/netfilter/fraction.ts";
import type { Packet } from "../../src/core/cluster/netfilter/packet.ts";
import { type InputSketch, proxyInput, readFixtures, type ServicePortSketch } from "./inputs.ts";
import { describeWalk, elsewhere, everywhere, host, outside, packet, policies, profiles } from "./source-addresses.ts";

const outcome = (rules: RuleSet, sent: Packet): string => describeWalk(walkPacket(rules, host, sent));

const rulesFor = (service: ServicePortSketch, rest: InputSketch = {}): RuleSet =>
  generateRules(proxyInput({ ...rest, servicePorts: [service] }));

for (const [profile, config, table] of profiles) {
  describe(`what address an endpoint sees, with ${profile}`, () => {
    for (const [from, ways, expected] of table) {
      for (const to of ways) {
        policies.forEach((policy, column) => {
          test(`${from} to ${to}, internal ${policy.internalTrafficPolicy}, external ${policy.externalTrafficPolicy}`, () => {
            assert.equal(
              outcome(rulesFor({ ...everywhere, ...policy }, { config }), packet(from, to)),
              expected[column],
            );
          });
        });
      }
    }
  });
}

describe("a pod that reaches itself is masqueraded", () => {
  for (const policy of policies) {
    for (const to of ["ClusterIP", ...outside] as const) {
      test(`through its ${to}, internal ${policy.internalTrafficPolicy}, external ${policy.externalTrafficPolicy}`, () => {
        const walk = walkPacket(rulesFor({ ...everywhere, ...policy }), host, {
          ...packet("pod", to),
          source: "10.244.0.6",
        });
        const itself = walk.branches.find(({ verdict }) => verdict.kind === "delivered" && verdict.ip === "10.244.0.6");
        assert.ok(itself?.verdict.kind === "delivered" && itself.verdict.masqueraded);
      });
    }
  }
});

describe("what the client observes", () => {
  const everyone = ["pod", "node process", "external"] as const;

  for (const from of everyone) {
    // What a node sends is not held against KUBE-EXTERNAL-SERVICES: it leaves for the external address.
    const refused =
      from === "node process" ? (["ClusterIP", "NodePort"] as const) : (["ClusterIP", ...outside] as const);
    for (const to of refused) {
      test(`no endpoints: ${from} to ${to} is refused`, () => {
        assert.equal(outcome(rulesFor({ ...everywhere, endpoints: [] }), packet(from, to)), "rejected");
      });
    }

    test(`internal policy Local, no local endpoint: ${from} to ClusterIP is dropped`, () => {
      const rules = rulesFor({ ...elsewhere, internalTrafficPolicy: "Local" });
      assert.equal(outcome(rules, packet(from, "ClusterIP")), "dropped");
    });
  }

  test("no endpoints: a node process reaches out for the external address itself", () => {
    assert.equal(
      outcome(rulesFor({ ...everywhere, endpoints: [] }), packet("node process", "LB")),
      "unchanged, own IP",
    );
  });

  for (const to of outside) {
    const rules = rulesFor({ ...elsewhere, externalTrafficPolicy: "Local" });
    test(`external policy Local, no local endpoint: external to ${to} is dropped`, () => {
      assert.equal(outcome(rules, packet("external", to)), "dropped");
    });
    test(`external policy Local, no local endpoint: pod and node process to ${to} reach another node`, () => {
      assert.equal(outcome(rules, packet("pod", to)), "remote, own IP");
      assert.equal(outcome(rules, packet("node process", to)), "remote, SNAT");
    });
    test(`without a detector even a pod to ${to} is dropped then`, () => {
      const blind = rulesFor(
        { ...elsewhere, externalTrafficPolicy: "Local" },
        { config: { detectLocal: { mode: "none" } } },
      );
      assert.equal(outcome(blind, packet("pod", to)), "dropped");
    });
  }

  describe("source ranges", () => {
    const guarded = { ...everywhere, sourceRanges: ["192.0.2.0/24"] };
    test("a client outside is dropped, pods included", () => {
      assert.equal(outcome(rulesFor(guarded), packet("external", "LB")), "dropped");
      assert.equal(outcome(rulesFor(guarded), packet("pod", "LB")), "dropped");
      assert.equal(outcome(rulesFor(guarded), packet("node process", "LB")), "dropped");
    });
    test("the same client passes by the node port and the external IP", () => {
      assert.equal(outcome(rulesFor(guarded), packet("external", "NodePort")), "all, SNAT");
      assert.equal(outcome(rulesFor(guarded), packet("external", "externalIP")), "all, SNAT");
    });
    test("a client inside passes", () => {
      const open = rulesFor({ ...guarded, sourceRanges: ["192.0.2.0/24", "198.51.100.0/24"] });
      assert.equal(outcome(open, packet("external", "LB")), "all, SNAT");
    });
    test("a node in a range passes, and so does the address of the load balancer as a source", () => {
      const own = rulesFor({ ...guarded, sourceRanges: ["192.168.10.0/24"] });
      assert.equal(outcome(own, packet("node process", "LB")), "all, SNAT");
      assert.equal(outcome(own, { ...packet("node process", "LB"), source: "203.0.113.10" }), "all, SNAT");
    });
  });

  test("a port that the Service does not define is left alone", () => {
    const { branches } = walkPacket(rulesFor(everywhere), host, { ...packet("pod", "ClusterIP"), destinationPort: 81 });
    assert.deepEqual(
      branches.map(({ verdict }) => verdict),
      [{ kind: "unchanged", masqueraded: false, toThisNode: false }],
    );
  });

  test("another protocol is left alone", () => {
    const { branches } = walkPacket(rulesFor(everywhere), host, { ...packet("pod", "ClusterIP"), protocol: "udp" });
    assert.equal(branches[0]?.verdict.kind, "unchanged");
  });

  test("a stranger who sends to 127.0.0.1 is dropped unless a node port takes it", () => {
    const spoofed = { ...packet("external", "NodePort, loopback"), destinationPort: 22 };
    assert.equal(outcome(rulesFor(everywhere), spoofed), "dropped");
  });

  test("what is masqueraded comes back over loopback with its new address, as a martian if nothing translates it", () => {
    const leaving = {
      ip: "10.244.0.6",
      port: 8080,
      nodeName: "node-a",
      ready: false,
      serving: true,
      terminating: true,
    };
    const rules = rulesFor({ nodePort: 30080, endpoints: [leaving] }, { config: { release: { major: 1, minor: 22 } } });
    assert.equal(outcome(rules, packet("node process, loopback", "NodePort, loopback")), "dropped");
    assert.equal(outcome(rules, packet("node process", "NodePort")), "unchanged, SNAT");
  });

  test("a node port on ::1 leads to no pod: IPv6 lets nobody answer to it", () => {
    const rules = rulesFor(
      {
        clusterIP: "fd00:10:96::80",
        nodePort: 30080,
        endpoints: [{ ip: "fd00:10:244::6", port: 8080, nodeName: "node-a" }],
      },
      { family: "IPv6", config: { release: { major: 1, minor: 20 } } },
    );
    const sent: Packet = {
      protocol: "tcp",
      source: "::1",
      origin: "sent",
      destination: "::1",
      destinationPort: 30080,
    };
    const { branches } = walkPacket(rules, { localAddresses: ["2001:db8:10::11"] }, sent);
    assert.ok(branches[0]?.steps.some(({ action }) => action.kind === "masquerade"));
    assert.deepEqual(
      branches.map(({ verdict }) => verdict),
      [{ kind: "dropped" }],
    );
  });

  test("an endpoint on the node itself is input, not forwarded", () => {
    const rules = rulesFor({ ...everywhere, endpoints: [{ ip: "192.168.10.11", port: 6443, nodeName: "node-a" }] });
    const { branches } = walkPacket(rules, host, packet("pod", "ClusterIP"));
    assert.equal(branches.length, 1);
    const verdict = branches[0]?.verdict;
    assert.ok(verdict?.kind === "delivered" && verdict.onThisNode && !verdict.masqueraded);
  });

  test("packets of a known connection do not see nat", () => {
    const { branches } = walkPacket(rulesFor(everywhere), host, {
      ...packet("external", "NodePort"),
      state: "ESTABLISHED",
    });
    assert.equal(branches[0]?.verdict.kind, "unchanged");
    assert.deepEqual(
      branches[0]?.steps.filter(({ table }) => table === "nat"),
      [],
    );
  });
});

describe("the steps of a walk", () => {
  const cart = readFixtures("current", "restore").find(({ name }) => name === "cluster-ip");
  assert.ok(cart);
  const rules = generateRules(cart.input);
  const walk = walkPacket(rules, host, {
    protocol: "tcp",
    origin: "arrives",
    source: "198.51.100.7",
    destination: "10.96.10.1",
    destinationPort: 80,
  });

  test("lead from the hook to the endpoint by rules that stand where they say", () => {
    const second = walk.branches.find(
      ({ verdict }) => verdict.kind === "delivered" && verdict.endpoint?.ip === "10.244.1.12",
    );
    assert.deepEqual(
      second?.steps.map(({ hook, table, chain, position, chance }) =>
        [hook, table, chain, position, formatFraction(chance)].join(" "),
      ),
      [
        "PREROUTING nat PREROUTING 0 1",
        "PREROUTING nat KUBE-SERVICES 0 1",
        "PREROUTING nat KUBE-SVC-N5W5PH5NLY2BP4HG 0 1",
        "PREROUTING nat KUBE-MARK-MASQ 0 1",
        "PREROUTING nat KUBE-SVC-N5W5PH5NLY2BP4HG 2 1/2",
        "PREROUTING nat KUBE-SEP-FTCJ5BXEQGU7G6GQ 1 1",
        "FORWARD filter FORWARD 0 1",
        "FORWARD filter FORWARD 1 1",
        "FORWARD filter KUBE-FORWARD 1 1",
        "POSTROUTING nat POSTROUTING 0 1",
        "POSTROUTING nat KUBE-POSTROUTING 1 1",
        "POSTROUTING nat KUBE-POSTROUTING 2 1",
      ],
    );
    for (const { steps } of walk.branches) {
      for (const { table, chain, position, matched } of steps) {
        assert.equal(findChain(rules, table, chain)?.rules[position], matched);
      }
    }
  });

  test("are shared up to the choice of the endpoint", () => {
    assert.equal(walk.branches.length, 3);
    assert.equal(walk.shared, 4);
  });
});

describe("rule sets that no kernel would take", () => {
  const nat = writeTable("nat");
  nat.foreignRule("PREROUTING", "kernel", [], { kind: "jump", chain: "A" });
  nat.rule("A", [], { kind: "jump", chain: "B" });
  nat.rule("A", [], { kind: "jump", chain: "NOWHERE" });
  nat.rule("B", [], { kind: "jump", chain: "A" });
  nat.rule("B", [], { kind: "dnat", ip: "10.244.0.6", port: 8080 });
  const rules: RuleSet = { family: "IPv4", tables: new Map([["nat", nat.finish()]]), notes: [] };

  test("a loop of jumps is passed over, and so is a jump to nowhere", () => {
    const { branches } = walkPacket(rules, host, packet("pod", "ClusterIP"));
    assert.deepEqual(
      branches.map(({ verdict }) => verdict.kind),
      ["delivered"],
    );
  });
});

describe("session affinity", () => {
  const sticky = rulesFor({ ...everywhere, affinitySeconds: 600 });

  test("a fresh client meets either endpoint", () => {
    assert.equal(outcome(sticky, packet("pod", "ClusterIP")), "all, own IP");
  });

  test("a client that is remembered meets the same endpoint again, by any address of the Service", () => {
    for (const branch of walkPacket(sticky, host, packet("pod", "ClusterIP")).branches) {
      const recent = recentAfter(new Map(), packet("pod", "ClusterIP"), branch);
      const again = walkPacket(sticky, { ...host, recent }, packet("pod", "NodePort"));
      assert.ok(branch.verdict.kind === "delivered");
      assert.deepEqual(
        again.branches.map(({ verdict }) => verdict.kind === "delivered" && verdict.ip),
        [branch.verdict.ip],
      );
    }
  });

  test("another client is not remembered", () => {
    const [branch] = walkPacket(sticky, host, packet("pod", "ClusterIP")).branches;
    assert.ok(branch);
    const recent = recentAfter(new Map(), packet("pod", "ClusterIP"), branch);
    assert.equal(walkPacket(sticky, { ...host, recent }, packet("external", "NodePort")).branches.length, 2);
  });
});

describe("old releases", () => {
  const old = (minor: number, service: ServicePortSketch): RuleSet =>
    rulesFor(service, { config: { release: { major: 1, minor } } });

  test("1.8: as in current releases, an external client of a node port is masqueraded", () => {
    assert.equal(outcome(old(8, everywhere), packet("external", "NodePort")), "all, SNAT");
  });

  test("1.8: the policy Local keeps the client's address", () => {
    const rules = old(8, { ...everywhere, externalTrafficPolicy: "Local" });
    assert.equal(outcome(rules, packet("external", "NodePort")), "local, own IP");
    assert.equal(outcome(rules, packet("pod", "LB")), "all, own IP");
  });

  test("1.8: an external IP is for clients from outside the node, unless it is the node's own address", () => {
    const rules = old(8, everywhere);
    assert.equal(outcome(rules, packet("external", "externalIP")), "all, SNAT");
    const fromPod = { ...packet("pod", "externalIP"), throughBridgePort: true };
    assert.equal(walkPacket(rules, host, fromPod).branches[0]?.verdict.kind, "unchanged");
    const bound = { localAddresses: [...host.localAddresses, "192.0.2.50"] };
    assert.equal(walkPacket(rules, bound, fromPod).branches[0]?.verdict.kind, "delivered");
  });

  test("the policy Local is for external IPs, too, from 1.18 on", () => {
    const ofExternalIP = (minor: number): string =>
      outcome(old(minor, { ...everywhere, externalTrafficPolicy: "Local" }), packet("external", "externalIP"));
    assert.equal(ofExternalIP(17), "all, SNAT");
    for (const minor of [18, 20, 21, 23]) assert.equal(ofExternalIP(minor), "local, own IP", `1.${minor}`);
  });

  test("a pod reaches an external IP through the rules from 1.21 on", () => {
    const ofPod = (minor: number): string =>
      outcome(old(minor, everywhere), { ...packet("pod", "externalIP"), throughBridgePort: true });
    assert.equal(ofPod(20), "unchanged, SNAT");
    assert.equal(ofPod(21), "all, own IP");
  });

  test("no endpoints: load balancers refuse from 1.13 on, node ports from 1.6 on", () => {
    const ofNobody = (minor: number, to: "LB" | "NodePort"): string =>
      outcome(old(minor, { ...everywhere, endpoints: [] }), packet("external", to));
    assert.deepEqual([ofNobody(12, "LB"), ofNobody(13, "LB")], ["unchanged, own IP", "rejected"]);
    assert.deepEqual([ofNobody(5, "NodePort"), ofNobody(6, "NodePort")], ["unchanged, own IP", "rejected"]);
  });

  test("1.22: service chains mark, so a cluster IP and a node port differ by destination", () => {
    assert.equal(outcome(old(22, everywhere), packet("pod", "ClusterIP")), "all, own IP");
    assert.equal(outcome(old(22, everywhere), packet("pod", "NodePort")), "all, SNAT");
  });

  test("no endpoints: a node process is refused in every release", () => {
    for (let minor = 1; minor <= 36; minor++) {
      assert.equal(
        outcome(old(minor, { ...everywhere, endpoints: [] }), packet("node process", "ClusterIP")),
        "rejected",
      );
    }
  });
});
