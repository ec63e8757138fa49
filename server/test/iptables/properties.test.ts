import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { add, formatFraction, fraction, zero } from "../../src/core/cluster/iptables/fraction.ts";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { type Packet, type Walk, walkPacket } from "../../src/core/cluster/iptables/interpret.ts";
import { printList } from "../../src/core/cluster/iptables/print-list.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { joinLines } from "../../src/core/cluster/iptables/printed-line.ts";
import { isFrom, type ProxyInput } from "../../src/core/cluster/iptables/proxy-input.ts";
import { restrictRules } from "../../src/core/cluster/iptables/restrict.ts";
import type { Chain, RuleSet, Table } from "../../src/core/cluster/iptables/rule.ts";
import { findUsedEndpoints } from "../../src/core/cluster/iptables/used-endpoints.ts";
import { proxyInput, type ServicePortSketch } from "./inputs.ts";

const policy = fc.constantFrom("Cluster", "Local");

const endpoint = fc.record({
  ip: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 2, max: 40 })).map(([a, b]) => `10.244.${a}.${b}`),
  port: fc.constantFrom(80, 8080),
  nodeName: fc.constantFrom("node-a", "node-b", undefined),
  ready: fc.boolean(),
  serving: fc.boolean(),
  terminating: fc.boolean(),
  zoneHints: fc.constantFrom([], ["a"], ["b"]),
  nodeHints: fc.constantFrom([], ["node-a"]),
});

/** Service ports with distinct addresses and node ports, several to a Service and to a namespace. */
const servicePorts: fc.Arbitrary<readonly ServicePortSketch[]> = fc
  .array(
    fc.record({
      namespace: fc.constantFrom("a", "b"),
      portName: fc.constantFrom("", "http"),
      protocol: fc.constantFrom("TCP", "UDP", "SCTP"),
      hasNodePort: fc.boolean(),
      externalIP: fc.boolean(),
      loadBalancer: fc.boolean(),
      sourceRanges: fc.constantFrom([], ["198.51.100.0/24"], ["192.168.10.0/24", "10.244.0.0/16"]),
      internalTrafficPolicy: policy,
      externalTrafficPolicy: policy,
      affinitySeconds: fc.constantFrom(undefined, 10800),
      healthCheckNodePort: fc.constantFrom(undefined, 32100),
      topologyModeAuto: fc.boolean(),
      endpoints: fc.uniqueArray(endpoint, { maxLength: 6, selector: ({ ip, port }) => `${ip}:${port}` }),
    }),
    { maxLength: 6 },
  )
  .map((ports) =>
    ports.map(({ hasNodePort, externalIP, loadBalancer, ...port }, index) => ({
      ...port,
      service: `s${index}`,
      clusterIP: `10.96.0.${index + 1}`,
      nodePort: hasNodePort ? 30000 + index : undefined,
      externalIPs: externalIP ? [`192.0.2.${index + 1}`] : [],
      loadBalancerVIPs: loadBalancer ? [`203.0.113.${index + 1}`] : [],
    })),
  );

const input: fc.Arbitrary<ProxyInput> = fc
  .record({
    servicePorts,
    minor: fc.integer({ min: 1, max: 36 }),
    zone: fc.constantFrom("a", undefined),
    config: fc.record({
      detectLocal: fc.constantFrom(
        { mode: "ClusterCIDR", cidrs: ["10.244.0.0/16"] } as const,
        { mode: "InterfaceNamePrefix", prefix: "cali" } as const,
        { mode: "none" } as const,
      ),
      masqueradeAll: fc.boolean(),
      masqueradeBit: fc.integer({ min: 0, max: 31 }),
      nodePortAddresses: fc.constantFrom([], ["192.168.10.0/24"], ["127.0.0.0/8", "192.168.0.0/16"], ["primary"]),
      localhostNodePorts: fc.boolean(),
      counters: fc.boolean(),
      randomFully: fc.boolean(),
      conntrackLiberal: fc.boolean(),
    }),
  })
  .map((sketch) =>
    proxyInput({
      config: { ...sketch.config, release: { major: 1, minor: sketch.minor } },
      node: { zone: sketch.zone },
      servicePorts: sketch.servicePorts,
    }),
  );

const host = { localAddresses: ["192.168.10.11"] };

/** A packet to some address of some port, or to none. */
const packetTo = ({ servicePorts: ports }: ProxyInput): fc.Arbitrary<Packet> =>
  fc.record({
    protocol: fc.constantFrom("tcp", "udp", "sctp"),
    origin: fc.constantFrom("arrives", "sent"),
    source: fc.constantFrom("10.244.0.2", "198.51.100.7", "192.168.10.11"),
    destination: fc.constantFrom(
      "192.168.10.11",
      "10.244.0.2",
      "8.8.8.8",
      ...ports.flatMap((port) => [port.clusterIP, ...port.externalIPs, ...port.loadBalancerVIPs]),
    ),
    destinationPort: fc.constantFrom(80, 53, ...ports.flatMap(({ nodePort }) => nodePort ?? [])),
  });

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
            assert.deepEqual(
              restored.filter((rule) => rule.chain === chain.name),
              chain.rules,
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

const summarize = (walk: Walk): unknown =>
  walk.branches.map(({ odds, verdict, steps }) => ({
    odds,
    verdict,
    steps: steps.map(({ hook, chain, position }) => `${hook} ${chain} ${position}`),
  }));
