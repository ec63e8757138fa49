import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { printList } from "../../src/core/cluster/iptables/print-list.ts";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { readFixtures } from "./inputs.ts";

describe("what iptables prints of the rules", () => {
  for (const { name, input, expected } of readFixtures("current", "nat-save")) {
    test(`iptables-save -t nat: ${name}`, () => {
      assert.equal(joinLines(printSave(generateRules(input), ["nat"])), expected);
    });
  }

  for (const { name, input, expected } of readFixtures("current", "nat-list-numeric")) {
    test(`iptables -t nat -L -n -v, iptables 1.8.9: ${name}`, () => {
      assert.equal(joinLines(printList(generateRules(input), "nat", "numeric")), expected);
    });
  }

  for (const { name, input, expected } of readFixtures("current", "filter-input-list-numeric")) {
    test(`the jumps from INPUT: ${name}`, () => {
      const listing = printList(generateRules(input), "filter", "numeric").filter(({ chain }) => chain === "INPUT");
      assert.equal(joinLines(listing), expected);
    });
  }

  for (const { name, input, expected } of readFixtures("historic", "nat-list")) {
    test(`iptables -t nat -L -n -v, chain by chain: ${name}`, () => {
      const lines = printList(generateRules(input), "nat");
      for (const block of expected.trimEnd().split("\n\n")) {
        const chain = block.split(" ", 2)[1];
        assert.equal(joinLines(lines.filter((line) => line.chain === chain)), `${block}\n`);
      }
    });
  }

  test("protocols have names in the classic look", () => {
    const [fixture] = readFixtures("current", "nat-list-numeric");
    assert.ok(fixture);
    const listing = joinLines(printList(generateRules(fixture.input), "nat"));
    assert.ok(
      listing.includes(
        "    0     0 KUBE-SERVICES  all  --  *      *       0.0.0.0/0            0.0.0.0/0            /* kubernetes service portals */\n",
      ),
    );
    assert.match(listing, /^ {4}0 {5}0 DNAT {7}tcp {2}-- {2}\*/m);
  });
});
