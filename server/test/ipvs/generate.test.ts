import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generateIpvs } from "../../src/core/cluster/ipvs/generate-ipvs.ts";
import { describeState, readIpvsFixtures, updateFixture } from "./fixtures.ts";

describe("what kube-proxy in IPVS mode sets up", () => {
  const fixtures = readIpvsFixtures();
  for (const { name, input, expected } of fixtures) {
    test(name, () => {
      const found = describeState(generateIpvs(input));
      if (process.env["UPDATE_FIXTURES"] === "1" && found !== expected) updateFixture(name, found);
      else assert.equal(found, expected);
    });
  }

  test("there are fixtures", () => assert.ok(fixtures.length > 9));
});
