import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { walkPacket } from "../../src/core/cluster/iptables/interpret.ts";
import type { Assumption, Literal } from "../../src/core/cluster/netfilter/condition.ts";
import { add, type Fraction, formatFraction, zero } from "../../src/core/cluster/netfilter/fraction.ts";
import type { IpSet } from "../../src/core/cluster/netfilter/ip-set.ts";
import type { Branch } from "../../src/core/cluster/netfilter/walk.ts";
import { host, packet, rulesOf, tables, to } from "./real-rules.ts";

describe("laws of what is not known", () => {
  const names = ["s0", "s1", "s2"];
  const addresses = ["198.51.100.7", "10.96.0.1", "10.0.0.1", "10.0.0.2"];
  const match = fc.constantFrom(
    ...names.map((name) => `-m set --match-set ${name} src`),
    ...names.map((name) => `-m set ! --match-set ${name} src`),
    "-m set --match-set s0 dst",
    "-m statistic --mode random --probability 0.50000000000",
    "-m mark --mark 0x1/0x1",
    "-d 10.0.0.0/24",
  );
  const target = fc.constantFrom(
    ...["-j A", "-j B", "-g A", "-j RETURN", "-j ACCEPT", "-j DROP", "-j LOG", "-j MARK --set-xmark 0x1/0x1"],
    ...["-j MARK --set-xmark 0x0/0x1", to("10.0.0.1"), to("10.0.0.2")],
  );
  const rule = fc
    .tuple(fc.constantFrom("PREROUTING", "A", "B"), fc.array(match, { maxLength: 2 }), target)
    .map(([chain, matches, done]) => ["-A", chain, ...matches, done].join(" "));
  const filterRule = fc.tuple(fc.array(match, { maxLength: 1 }), fc.constantFrom("-j DROP", "-j ACCEPT", "-j REJECT"));
  const rules = fc
    .tuple(fc.array(rule, { maxLength: 10 }), fc.array(filterRule, { maxLength: 3 }))
    .map(([nat, filter]) =>
      rulesOf(
        tables({
          nat: [":A -", ":B -", ...nat],
          filter: filter.map(([matches, done]) => ["-A FORWARD", ...matches, done].join(" ")),
        }),
      ),
    );
  const members = fc.record(Object.fromEntries(names.map((name) => [name, fc.subarray(addresses)])));

  const setsOf = (held: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, IpSet> =>
    new Map(
      Object.entries(held).map(([name, ips]) => [
        name,
        // What entries are there for no walk of these looks at.
        {
          name,
          type: "hash:ip",
          family: "IPv4",
          comment: "",
          entries: ips.map((ip) => ({ ip, cause: {} })),
        } as unknown as IpSet,
      ]),
    );

  test("with sets that are known, a packet takes one of the ways that were left open, and its odds are the same", () => {
    fc.assert(
      fc.property(rules, members, (drawn, held) => {
        const isTrue = ({ condition, is }: Literal): boolean => {
          assert.equal(condition.kind, "set");
          if (condition.kind !== "set") return false;
          const [address = ""] = condition.of.split(":");
          return (held[condition.set] ?? []).includes(address) === is;
        };
        const isSo = ({ literals, all }: Assumption): boolean => literals.every(isTrue) === all;
        const open = walkPacket(drawn, host, packet).branches.filter(({ assumptions = [] }) => assumptions.every(isSo));
        fc.pre(open.every(({ verdict }) => verdict.kind !== "unknown"));
        const known = walkPacket({ ...drawn, sets: setsOf(held) }, host, packet).branches;
        assert.deepEqual(shares(open), shares(known));
        assert.equal(formatFraction(open.map(({ odds }) => odds).reduce(add, zero)), "1");
      }),
      { numRuns: 500 },
    );
  });
});

/** How likely each end is. */
function shares(branches: readonly Branch[]): Readonly<Record<string, string>> {
  const sums = new Map<string, Fraction>();
  for (const { odds, verdict } of branches) {
    const key = JSON.stringify(verdict);
    sums.set(key, add(sums.get(key) ?? zero, odds));
  }
  return Object.fromEntries([...sums].sort().map(([key, odds]) => [key, formatFraction(odds)]));
}
