import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { walkPacket } from "../../src/core/cluster/iptables/interpret.ts";
import { printList } from "../../src/core/cluster/iptables/print-list.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { restrictRules } from "../../src/core/cluster/iptables/restrict.ts";
import type { Chain, RuleSet, Table } from "../../src/core/cluster/iptables/rule.ts";
import type { IptablesStep } from "../../src/core/cluster/iptables/run-chain.ts";
import { isFrom, type ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { findUsedEndpoints } from "../../src/core/cluster/kube-proxy/used-endpoints.ts";
import { add, formatFraction, fraction, zero } from "../../src/core/cluster/netfilter/fraction.ts";
import type { Packet } from "../../src/core/cluster/netfilter/packet.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import type { Walk } from "../../src/core/cluster/netfilter/walk.ts";
import { input, packetTo } from "./arbitraries.ts";
import { proxyInput, type ServicePortSketch } from "./inputs.ts";

const host = { localAddresses: ["192.168.10.11"] };

const inputAndPacket = input.chain((drawn) => fc.tuple(fc.constant(drawn), packetTo(drawn)));

describe("laws of every rule set", () => {
  test("every jump leads to a chain of the same table, and is counted there", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        for (const { chains } of generateRules(drawn).tables.values()) {
          const jumps = new Map<string, number>();
          for (const { rules } of chains.values()) {
            for (const { target } of rules) {
              if (target.kind === "jump") jumps.set(target.chain, (jumps.get(target.chain) ?? 0) + 1);
            }
          }
          for (const name of jumps.keys()) assert.ok(chains.has(name), `no chain ${name}`);
          for (const [name, chain] of chains) assert.equal(chain.references, jumps.get(name) ?? 0);
        }
      }),
    );
  });

  test("no chain of a port or endpoint is out of reach in current releases", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        fc.pre(isFrom(drawn.config.release, 24));
        for (const table of generateRules(drawn).tables.values()) {
          const reached = reachableChains(table);
          for (const name of table.chains.keys()) {
            assert.ok(reached.has(name) || !/^KUBE-(SVC|SVL|EXT|FW|SEP)-/.test(name), `${name} is out of reach`);
          }
        }
      }),
    );
  });

  test("each rule that kube-proxy writes stands in its chain, in the order of writing", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        for (const { chains, restored } of generateRules(drawn).tables.values()) {
          for (const chain of chains.values()) {
            if (chain.owner !== "kube-proxy") continue;
            const written = new Set(restored);
            // In KUBE-FIREWALL, the kubelet writes as well.
            const own = chain.name === "KUBE-FIREWALL" ? chain.rules.filter((rule) => written.has(rule)) : chain.rules;
            assert.deepEqual(
              restored.filter((rule) => rule.chain === chain.name),
              own,
            );
          }
        }
      }),
    );
  });

  test("the order of Services does not matter, and all texts are the same each time", () => {
    fc.assert(
      fc.property(input, fc.infiniteStream(fc.nat()), (drawn, draws) => {
        const shuffled = [...drawn.servicePorts]
          .map((port) => [draws.next().value as number, port] as const)
          .sort(([a], [b]) => a - b)
          .map(([, port]) => ({ ...port, endpoints: [...port.endpoints].reverse() }));
        assert.deepEqual(textsOf({ ...drawn, servicePorts: shuffled }), textsOf(drawn));
      }),
    );
  });

  test("the view of one Service is closed: no jump leads out of it", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const chosen = drawn.servicePorts[0]?.service;
        const view = restrictRules(generateRules(drawn), ({ service }) => service === chosen);
        for (const { chains, restored } of view.tables.values()) {
          for (const { port } of restored) assert.ok(port === undefined || port.service === chosen);
          for (const { rules } of chains.values()) {
            for (const { target } of rules) assert.ok(target.kind !== "jump" || chains.has(target.chain));
          }
        }
      }),
    );
  });
});

describe("laws of every walk", () => {
  test("the odds of all branches add up to exactly one", () => {
    fc.assert(
      fc.property(inputAndPacket, ([drawn, packet]) => {
        const { branches } = walkPacket(generateRules(drawn), host, packet);
        assert.equal(formatFraction(branches.map(({ odds }) => odds).reduce(add, zero)), "1");
      }),
    );
  });

  test("through a cluster IP, each usable endpoint has the same odds", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const rules = generateRules(drawn);
        for (const port of drawn.servicePorts) {
          const { cluster, local } = findUsedEndpoints(drawn.config.release, drawn.node, port);
          if (!isFrom(drawn.config.release, 24)) continue;
          const usable = port.internalTrafficPolicy === "Local" ? local : cluster;
          const { branches } = walkPacket(rules, host, {
            protocol: port.protocol.toLowerCase() as Packet["protocol"],
            origin: "arrives",
            source: "198.51.100.7",
            destination: port.clusterIP,
            destinationPort: port.port,
          });
          const delivered = branches.filter(({ verdict }) => verdict.kind === "delivered");
          assert.equal(delivered.length, usable.length);
          for (const { odds } of delivered) assert.deepEqual(odds, fraction(1, usable.length));
        }
      }),
    );
  });

  test("the index of long chains changes nothing", () => {
    const many = (count: number): readonly ServicePortSketch[] =>
      Array.from({ length: count }, (_, index) => ({
        service: `many-${index}`,
        clusterIP: `10.97.${index >> 8}.${index & 255}`,
        nodePort: 31000 + index,
        endpoints: [{ ip: `10.244.9.${index & 255}`, port: 80 }],
      }));
    fc.assert(
      fc.property(inputAndPacket, fc.integer({ min: 0, max: 60 }), ([drawn, packet], count) => {
        const crowded = proxyInput({ servicePorts: many(count), config: drawn.config });
        const rules = generateRules({ ...drawn, servicePorts: [...drawn.servicePorts, ...crowded.servicePorts] });
        assert.deepEqual(
          summarize(walkPacket(rules, host, packet)),
          summarize(walkPacket(unindexed(rules), host, packet)),
        );
      }),
    );
  });
});

function reachableChains({ chains }: Table): ReadonlySet<string> {
  const open = [...chains.values()].filter(({ owner }) => owner === "kernel").map(({ name }) => name);
  const reached = new Set(open);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const { target } of chains.get(name)?.rules ?? []) {
      if (target.kind !== "jump" || reached.has(target.chain)) continue;
      reached.add(target.chain);
      open.push(target.chain);
    }
  }
  return reached;
}

function textsOf(drawn: ProxyInput): readonly string[] {
  const rules = generateRules(drawn);
  return [printRestore(rules), printSave(rules), printList(rules, "nat"), printList(rules, "filter")].map(joinLines);
}

const unindexed = (rules: RuleSet): RuleSet => ({
  ...rules,
  tables: new Map(
    [...rules.tables].map(([name, table]) => [
      name,
      {
        ...table,
        chains: new Map(
          [...table.chains].map(([key, chain]): [string, Chain] => [key, { ...chain, index: undefined }]),
        ),
      },
    ]),
  ),
});

const summarize = (walk: Walk<IptablesStep>): unknown =>
  walk.branches.map(({ odds, verdict, steps }) => ({
    odds,
    verdict,
    steps: steps.map(({ hook, chain, position }) => `${hook} ${chain} ${position}`),
  }));
