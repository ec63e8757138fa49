import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatFraction } from "../../src/core/cluster/netfilter/fraction.ts";
import type { Packet } from "../../src/core/cluster/netfilter/packet.ts";
import { generateTable } from "../../src/core/cluster/nftables/generate-table.ts";
import { matchedText } from "../../src/core/cluster/nftables/print-rule.ts";
import type { NftTable } from "../../src/core/cluster/nftables/table.ts";
import { writeTable } from "../../src/core/cluster/nftables/table-writer.ts";
import { setsAfter, walkTable } from "../../src/core/cluster/nftables/walk-table.ts";
import { type InputSketch, proxyInput, type ServicePortSketch } from "../iptables/inputs.ts";
import {
  describeWalk,
  elsewhere,
  everywhere,
  host,
  outside,
  packet,
  policies,
  profiles,
} from "../iptables/source-addresses.ts";

/** One release of each layout: before 1.34, before 1.36, before 1.37, and the latest. */
const releases = [33, 34, 36, 37] as const;

type Config = NonNullable<InputSketch["config"]>;

const tableFor = (minor: number, service: ServicePortSketch, config: Config = {}): NftTable =>
  generateTable(
    proxyInput({
      config: { serviceCIDRs: ["10.96.0.0/16"], ...config, release: { major: 1, minor } },
      servicePorts: [service],
    }),
  );

const outcome = (table: NftTable, sent: Packet): string => describeWalk(walkTable(table, host, sent));

for (const minor of releases) {
  for (const [profile, config, rows] of profiles) {
    test(`what address an endpoint sees in 1.${minor}, with ${profile}`, () => {
      for (const [from, ways, expected] of rows) {
        policies.forEach((policy, column) => {
          const table = tableFor(minor, { ...everywhere, ...policy }, config);
          for (const to of ways) {
            // There are no node ports on loopback addresses in this mode.
            const wanted = to === "NodePort, loopback" ? "unchanged, own IP" : expected[column];
            assert.equal(outcome(table, packet(from, to)), wanted, `${from} to ${to}, ${Object.values(policy).join()}`);
          }
        });
      }
    });
  }

  describe(`in 1.${minor}`, () => {
    test("a pod that reaches itself is masqueraded", () => {
      for (const policy of policies) {
        for (const to of ["ClusterIP", ...outside] as const) {
          const sent = { ...packet("pod", to), source: "10.244.0.6" };
          const { branches } = walkTable(tableFor(minor, { ...everywhere, ...policy }), host, sent);
          const itself = branches.find(({ verdict }) => verdict.kind === "delivered" && verdict.ip === "10.244.0.6");
          assert.ok(itself?.verdict.kind === "delivered" && itself.verdict.masqueraded);
        }
      }
    });

    test("without endpoints everyone is refused", () => {
      const table = tableFor(minor, { ...everywhere, endpoints: [] });
      for (const from of ["pod", "node process", "external"] as const) {
        for (const to of ["ClusterIP", ...outside] as const) assert.equal(outcome(table, packet(from, to)), "rejected");
      }
    });

    test("with the policy Local and no local endpoint strangers are dropped", () => {
      const internal = tableFor(minor, { ...elsewhere, internalTrafficPolicy: "Local" });
      const external = tableFor(minor, { ...elsewhere, externalTrafficPolicy: "Local" });
      for (const from of ["pod", "node process", "external"] as const) {
        assert.equal(outcome(internal, packet(from, "ClusterIP")), "dropped");
      }
      for (const to of outside) {
        assert.equal(outcome(external, packet("external", to)), "dropped");
        assert.equal(outcome(external, packet("pod", to)), "remote, own IP");
      }
    });

    test("a node process then reaches another node, but up to 1.33 only by the node port", () => {
      const table = tableFor(minor, { ...elsewhere, externalTrafficPolicy: "Local" });
      assert.equal(outcome(table, packet("node process", "NodePort")), "remote, SNAT");
      for (const to of ["LB", "externalIP"] as const) {
        assert.equal(outcome(table, packet("node process", to)), minor < 34 ? "dropped" : "remote, SNAT");
      }
    });

    test("source ranges keep out all others from the load balancer, endpoints or not", () => {
      const guarded = { ...everywhere, sourceRanges: ["192.0.2.0/24"] };
      for (const service of [guarded, { ...guarded, endpoints: [] }]) {
        for (const from of ["pod", "node process", "external"] as const) {
          // The check for endpoints comes first there.
          const wanted = minor < 34 && from === "node process" && service !== guarded ? "rejected" : "dropped";
          assert.equal(outcome(tableFor(minor, service), packet(from, "LB")), wanted);
        }
      }
      assert.equal(outcome(tableFor(minor, guarded), packet("external", "NodePort")), "all, SNAT");
      assert.equal(outcome(tableFor(minor, guarded), packet("external", "externalIP")), "all, SNAT");
      const own = tableFor(minor, { ...guarded, sourceRanges: ["192.168.10.0/24"] });
      assert.equal(outcome(own, packet("node process", "LB")), "all, SNAT");
      assert.equal(outcome(own, { ...packet("node process", "LB"), source: "203.0.113.10" }), "all, SNAT");
    });

    test("ports that no Service has are refused, and addresses that none has dropped", () => {
      const table = tableFor(minor, everywhere);
      for (const from of ["pod", "node process", "external"] as const) {
        const toPort = { ...packet(from, "ClusterIP"), destinationPort: 81 };
        assert.equal(outcome(table, toPort), "rejected");
        assert.equal(outcome(table, { ...packet(from, "ClusterIP"), protocol: "udp" }), "rejected");
        assert.equal(outcome(table, { ...toPort, destination: "10.96.0.81" }), "dropped");
        assert.equal(outcome(table, { ...toPort, destination: "203.0.113.10" }), "unchanged, own IP");
      }
    });

    test("node ports answer on the primary address alone unless configured", () => {
      const second = { ...packet("external", "NodePort"), destination: "10.244.0.1" };
      assert.equal(outcome(tableFor(minor, everywhere), second), "unchanged, own IP");
      const everyAddress = { nodePortAddresses: ["0.0.0.0/0"] };
      assert.equal(outcome(tableFor(minor, everywhere, everyAddress), second), "all, SNAT");
      const loopback = packet("node process, loopback", "NodePort, loopback");
      assert.equal(outcome(tableFor(minor, everywhere, everyAddress), loopback), "unchanged, own IP");
    });

    test("packets of a known connection are neither translated nor checked", () => {
      const sent: Packet = { ...packet("external", "ClusterIP"), destinationPort: 81, state: "ESTABLISHED" };
      const { branches } = walkTable(tableFor(minor, everywhere), host, sent);
      assert.deepEqual(branches, [
        {
          odds: { numerator: 1n, denominator: 1n },
          steps: [],
          verdict: { kind: "unchanged", masqueraded: false, toThisNode: false },
        },
      ]);
    });

    test("a client comes back to its endpoint for as long as the set remembers it", () => {
      const table = tableFor(minor, { ...everywhere, affinitySeconds: 600 });
      const sent = packet("pod", "ClusterIP");
      const first = walkTable(table, host, sent);
      assert.deepEqual(
        first.branches.map(({ odds }) => formatFraction(odds)),
        ["1/2", "1/2"],
      );
      for (const branch of first.branches) {
        const recent = setsAfter(new Map(), sent, branch);
        assert.equal(recent.size, 1);
        const again = walkTable(table, { ...host, recent }, sent);
        assert.deepEqual(
          again.branches.map(({ verdict }) => verdict),
          [branch.verdict],
        );
        const other = walkTable(table, { ...host, recent }, packet("external", "ClusterIP"));
        assert.equal(other.branches.length, 2);
      }
    });
  });
}

describe("the steps of a walk", () => {
  const stepsOf = (minor: number): readonly string[] =>
    walkTable(
      tableFor(minor, { ...everywhere, namespace: "shop", service: "web" }),
      host,
      packet("external", "NodePort"),
    ).branches[0]?.steps.map(({ family, hook, base, rule, matched, chance }) =>
      `${hook} ${base} ${rule.chain}: ${matchedText(family, rule, matched)} ${formatFraction(chance)}`.replaceAll(
        /-[A-Z2-7]{8}-/g,
        "-HASH-",
      ),
    ) ?? [];

  test("show of each map what the packet found there", () => {
    assert.deepEqual(stepsOf(35), [
      "PREROUTING filter-prerouting-pre-dnat filter-prerouting-pre-dnat: ct state new jump firewall-check 1",
      "PREROUTING nat-prerouting nat-prerouting: jump services 1",
      "PREROUTING nat-prerouting services: ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports { tcp . 30080 : goto external-HASH-shop/web/tcp/ } 1",
      "PREROUTING nat-prerouting external-HASH-shop/web/tcp/: jump mark-for-masquerade 1",
      "PREROUTING nat-prerouting mark-for-masquerade: meta mark set meta mark | 0x00004000 1",
      "PREROUTING nat-prerouting external-HASH-shop/web/tcp/: goto service-HASH-shop/web/tcp/ 1",
      "PREROUTING nat-prerouting service-HASH-shop/web/tcp/: numgen random mod 2 vmap { 0 : goto endpoint-HASH-shop/web/tcp/__10.244.0.6/8080 } 1/2",
      "PREROUTING nat-prerouting endpoint-HASH-shop/web/tcp/__10.244.0.6/8080: meta l4proto tcp dnat to 10.244.0.6:8080 1",
      "FORWARD filter-forward filter-forward: ct state new jump service-endpoints-check 1",
      "FORWARD filter-forward filter-forward: ct state new jump cluster-ips-check 1",
      "POSTROUTING nat-postrouting nat-postrouting: jump masquerading 1",
      "POSTROUTING nat-postrouting masquerading: meta mark set meta mark ^ 0x00004000 1",
      "POSTROUTING nat-postrouting masquerading: masquerade fully-random 1",
    ]);
  });

  test("are fewer from 1.36", () => {
    assert.deepEqual(stepsOf(36).slice(2), [
      "PREROUTING nat-prerouting services: ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports { tcp . 30080 : goto external-HASH-shop/web/tcp/ } 1",
      'PREROUTING nat-prerouting external-HASH-shop/web/tcp/: meta mark set meta mark | 0x00004000 comment "masquerade" 1',
      "PREROUTING nat-prerouting external-HASH-shop/web/tcp/: goto service-HASH-shop/web/tcp/ 1",
      "PREROUTING nat-prerouting service-HASH-shop/web/tcp/: meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.0.6 . 8080 } 1/2",
      "FORWARD filter-forward filter-forward: ct state new jump service-endpoints-check 1",
      "FORWARD filter-forward filter-forward: ct state new jump cluster-ips-check 1",
      "POSTROUTING nat-postrouting nat-postrouting: jump masquerading 1",
      "POSTROUTING nat-postrouting masquerading: meta mark & 0x00004000 != 0x00000000 meta mark set meta mark ^ 0x00004000 masquerade fully-random 1",
    ]);
  });

  test("are shared up to the choice of the endpoint", () => {
    const walk = walkTable(tableFor(35, everywhere), host, packet("pod", "ClusterIP"));
    assert.equal(walk.branches.length, 2);
    assert.equal(walk.branches[0]?.steps[walk.shared]?.chance.denominator, 2n);
  });
});

describe("a table that kube-proxy would not write", () => {
  test("is passed: chains that are missing, and chains that lead back", () => {
    const table = writeTable("IPv4");
    table.chain("nat-prerouting", { base: { type: "nat", hook: "PREROUTING", priority: -100 } });
    table.chain("loop");
    table.rule("nat-prerouting", [], { kind: "jump", chain: "nowhere" });
    table.rule("nat-prerouting", [], { kind: "jump", chain: "loop" });
    table.rule("loop", [], { kind: "jump", chain: "loop" });
    table.rule("nat-prerouting", [], { kind: "dnat", ip: "10.244.0.6", port: 8080 });
    assert.equal(outcome(table.finish([]), packet("external", "ClusterIP")), "local, own IP");
  });

  test("comes back from no goto", () => {
    const table = writeTable("IPv4");
    table.chain("nat-prerouting", { base: { type: "nat", hook: "PREROUTING", priority: -100 } });
    table.chain("a");
    table.chain("b");
    table.rule("nat-prerouting", [], { kind: "jump", chain: "a" });
    table.rule("nat-prerouting", [], { kind: "dnat", ip: "10.244.0.6", port: 8080 });
    table.rule("a", [], { kind: "goto", chain: "b" });
    table.rule("a", [], { kind: "dnat", ip: "10.244.1.8", port: 8080 });
    assert.equal(outcome(table.finish([]), packet("external", "ClusterIP")), "local, own IP");
  });
});
