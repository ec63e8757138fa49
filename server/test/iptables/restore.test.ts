import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { readFixtures } from "./inputs.ts";

for (const era of ["current", "historic"] as const) {
  describe(`kube-proxy's input to iptables-restore, byte for byte: ${era}`, () => {
    const fixtures = readFixtures(era, "restore");
    for (const { name, input, expected } of fixtures) {
      test(name, () => assert.equal(joinLines(printRestore(generateRules(input))), expected));
    }

    test("there are fixtures", () => assert.ok(fixtures.length > 3));
  });
}
