import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseCidr, toNumber } from "../../src/core/base/ip.ts";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { walkPacket } from "../../src/core/cluster/iptables/interpret.ts";
import { isFrom, type ProxyInput, type ServicePort } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { findUsedEndpoints } from "../../src/core/cluster/kube-proxy/used-endpoints.ts";
import { isInBlock } from "../../src/core/cluster/netfilter/addresses.ts";
import { add, formatFraction, zero } from "../../src/core/cluster/netfilter/fraction.ts";
import { isLoopback, type Packet } from "../../src/core/cluster/netfilter/packet.ts";
import type { Walk } from "../../src/core/cluster/netfilter/walk.ts";
import { generateTable } from "../../src/core/cluster/nftables/generate-table.ts";
import { mergeBlocks } from "../../src/core/cluster/nftables/intervals.ts";
import { printCommands } from "../../src/core/cluster/nftables/print-commands.ts";
import { printTable } from "../../src/core/cluster/nftables/print-table.ts";
import { restrictTable } from "../../src/core/cluster/nftables/restrict-table.ts";
import type { NftTable } from "../../src/core/cluster/nftables/table.ts";
import { walkTable } from "../../src/core/cluster/nftables/walk-table.ts";
import { input, packetTo } from "../iptables/arbitraries.ts";
import { textOf } from "./fixtures.ts";

const host = { localAddresses: ["192.168.10.11", "10.244.0.1"] };

/** Inputs of releases that have nftables mode, in a cluster that knows the block of its Services. */
const nftInput: fc.Arbitrary<ProxyInput> = fc
  .tuple(input, fc.integer({ min: 31, max: 37 }), fc.constantFrom(["10.96.0.0/16"], []))
  .map(([drawn, minor, serviceCIDRs]) => ({
    ...drawn,
    config: { ...drawn.config, serviceCIDRs, release: { major: 1, minor } },
  }));

const withPacket = nftInput.chain((drawn) => fc.tuple(fc.constant(drawn), packetTo(drawn)));

/** Chains that a table's rules and elements lead to. */
const destinationsOf = ({ chains, sets }: NftTable): readonly string[] => [
  ...[...chains.values()].flatMap(({ rules }) =>
    rules.flatMap(({ target }) => {
      if (target.kind === "jump" || target.kind === "goto") return [target.chain];
      if (target.kind !== "random") return [];
      return target.choices.flatMap((choice) => (choice.target.kind === "goto" ? [choice.target.chain] : []));
    }),
  ),
  ...[...sets.values()].flatMap(({ elements }) =>
    [...elements.values()].flatMap(({ verdict }) => (verdict?.kind === "goto" ? [verdict.chain] : [])),
  ),
];

describe("laws of nftables mode", () => {
  test("whatever is referred to exists, and whatever exists is referred to", () => {
    fc.assert(
      fc.property(nftInput, (drawn) => {
        const table = generateTable(drawn);
        const led = new Set(destinationsOf(table));
        for (const chain of led) assert.ok(table.chains.has(chain), chain);
        for (const { name, base, port } of table.chains.values()) {
          assert.ok(base !== undefined || port === undefined || led.has(name), name);
        }
        const text = textOf(printCommands(table));
        for (const [, set = ""] of text.matchAll(/@([\w./-]+)/g)) assert.ok(table.sets.has(set), set);
        for (const name of table.sets.keys()) assert.ok(text.includes(`@${name}`), name);
      }),
    );
  });

  test("maps have verdicts and sets have none, and no key stands twice", () => {
    fc.assert(
      fc.property(nftInput, (drawn) => {
        for (const { kind, elements, key } of generateTable(drawn).sets.values()) {
          for (const element of elements.values()) {
            assert.equal(element.verdict !== undefined, kind === "map");
            assert.equal(element.key.length, key.length);
          }
        }
        const commands = textOf(printCommands(generateTable(drawn))).split("\n");
        const keys = commands.flatMap((line) => /^add element \S+ \S+ (\S+ \{ [^:"}]*[^:"}\s])/.exec(line)?.[1] ?? []);
        assert.equal(new Set(keys).size, keys.length);
      }),
    );
  });

  test("each choice is among all endpoints that kube-proxy uses, each once", () => {
    fc.assert(
      fc.property(nftInput, (drawn) => {
        for (const { name, port, rules } of generateTable(drawn).chains.values()) {
          if (port === undefined || !/^(service|local)-/.test(name)) continue;
          const used = findUsedEndpoints(drawn.config.release, drawn.node, port);
          const expected = name.startsWith("service-") ? used.cluster : used.local;
          const last = rules.at(-1);
          const chosen =
            last?.target.kind === "random" ? last.target.choices.map(({ endpoint }) => endpoint) : [last?.endpoint];
          assert.deepEqual(chosen, expected);
        }
      }),
    );
  });

  test("the odds of all branches add up to one", () => {
    fc.assert(
      fc.property(withPacket, ([drawn, packet]) => {
        const { branches } = walkTable(generateTable(drawn), host, packet);
        assert.equal(formatFraction(branches.map(({ odds }) => odds).reduce(add, zero)), "1");
      }),
    );
  });

  test("the order of Services does not matter", () => {
    fc.assert(
      fc.property(nftInput, (drawn) => {
        const turned = { ...drawn, servicePorts: drawn.servicePorts.toReversed() };
        const lines = (one: ProxyInput): readonly string[] => textOf(printTable(generateTable(one))).split("\n");
        assert.deepEqual(lines(turned), lines(drawn));
      }),
    );
  });

  test("a Service alone has what it has among others", () => {
    const isLine = (line: string): boolean => line.includes("/s0/");
    fc.assert(
      fc.property(nftInput, (drawn) => {
        const keeps = ({ service }: ServicePort): boolean => service === "s0";
        const table = generateTable(drawn);
        const restricted = restrictTable(table, keeps);
        const alone = generateTable({ ...drawn, servicePorts: drawn.servicePorts.filter(keeps) });
        assert.deepEqual(textOf(printTable(restricted)), textOf(printTable(alone)));
        const whole = textOf(printTable(table)).split("\n").filter(isLine);
        assert.equal(textOf(printTable(restricted)).split("\n").filter(isLine).length, whole.length);
      }),
    );
  });
});

/**
 * Where nftables mode means to differ from iptables mode, or cannot help it.
 * @returns why a packet may fare otherwise; `undefined` if it must not
 */
function designedDifference(drawn: ProxyInput, packet: Packet): string | undefined {
  const { config, servicePorts, node } = drawn;
  const { destination, source, origin } = packet;
  if (destination === node.addresses[0] && config.nodePortAddresses.some((block) => block.startsWith("203.")))
    return "";
  if (isLoopback(destination)) return "node ports on loopback addresses";
  const owner = servicePorts.find(
    ({ clusterIP, externalIPs, loadBalancerVIPs, port, protocol }) =>
      [clusterIP, ...externalIPs, ...loadBalancerVIPs].includes(destination) &&
      port === packet.destinationPort &&
      protocol.toLowerCase() === packet.protocol,
  );
  if (owner === undefined) {
    return isInBlock(destination, "10.96.0.0/16")
      ? "ports that no Service has, and addresses that none has"
      : undefined;
  }
  const used = findUsedEndpoints(config.release, node, owner);
  const isExternal = destination !== owner.clusterIP;
  if (isExternal && origin === "sent" && !used.any) return "external addresses without endpoints, from the node itself";
  if (owner.loadBalancerVIPs.includes(destination) && owner.sourceRanges.length > 0 && !used.any) {
    return "source ranges without endpoints";
  }
  const isStranded = isExternal && owner.externalTrafficPolicy === "Local" && used.local.length === 0;
  if (isStranded && origin === "sent" && !isFrom(config.release, 34)) return "up to 1.33 checks before the translation";
  const elsewhere = used.reachable.some(({ ip, nodeName }) => ip === source && nodeName !== node.name);
  if (elsewhere && isFrom(config.release, 36)) return "from 1.36 hairpins of other nodes";
  return undefined;
}

const summarize = ({ branches }: Walk): readonly string[] =>
  branches
    .map(({ odds, verdict }) => {
      const to = verdict.kind === "delivered" ? ` ${verdict.ip}:${verdict.port} ${verdict.onThisNode}` : "";
      const masked = "masqueraded" in verdict && verdict.masqueraded ? " masqueraded" : "";
      return `${formatFraction(odds)} ${verdict.kind}${to}${masked}`;
    })
    .sort();

test("a packet fares as in iptables mode, but for the differences by design", () => {
  let compared = 0;
  fc.assert(
    fc.property(withPacket, ([drawn, { source, ...rest }]) => {
      // What a process sends carries an address of its node.
      const packet = { ...rest, source: rest.origin === "sent" ? "192.168.10.11" : source };
      if (designedDifference(drawn, packet) !== undefined) return;
      compared += 1;
      // Other addresses than the primary one accept node ports in one mode only.
      const config = { ...drawn.config, nodePortAddresses: ["primary"] };
      const nft = walkTable(generateTable({ ...drawn, config }), { localAddresses: ["192.168.10.11"] }, packet);
      const iptables = walkPacket(generateRules({ ...drawn, config }), { localAddresses: ["192.168.10.11"] }, packet);
      assert.deepEqual(summarize(nft), summarize(iptables));
    }),
    { numRuns: 2000 },
  );
  assert.ok(compared > 500);
});

test("blocks are merged without loss", () => {
  const block = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 20, max: 32 }))
    .map(([last, prefix]) => `10.0.${last >> 4}.${last}/${prefix}`);
  fc.assert(
    fc.property(
      fc.array(block, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 4096 }),
      (blocks, offset) => {
        const merged = mergeBlocks(blocks);
        const ranges = merged.map((text): readonly [bigint, bigint] => {
          const [first = "", last = first] = text.split("-");
          const cidr = parseCidr(first.includes("/") ? first : `${first}/32`);
          assert.ok(cidr);
          const end = last === first ? cidr.network + (1n << BigInt(32 - cidr.prefix)) - 1n : toNumber(last);
          return [last === first ? cidr.network : toNumber(first), end];
        });
        const ip = `10.0.${offset >> 8}.${offset & 255}`;
        const number = toNumber(ip);
        assert.equal(
          ranges.some(([first, last]) => first <= number && number <= last),
          blocks.some((text) => isInBlock(ip, text)),
        );
        // Sorted, and never two that touch.
        for (const [index, [first]] of ranges.entries()) {
          const before = ranges[index - 1];
          assert.ok(before === undefined || before[1] + 1n < first);
        }
      },
    ),
  );
});
