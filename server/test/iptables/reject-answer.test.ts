import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { connectErrorOf } from "../../src/core/cluster/iptables/reject-answer.ts";

describe("what a rejected client is told", () => {
  test("looks like a closed port only with the answers that a closed port gives", () => {
    const refusing = ["icmp-port-unreachable", "icmp6-port-unreachable", "tcp-reset"];
    for (const answer of refusing) assert.equal(connectErrorOf(answer), "connection refused", answer);
    for (const answer of ["icmp-host-prohibited", "icmp-admin-prohibited", "icmp6-adm-prohibited"]) {
      assert.notEqual(connectErrorOf(answer), "connection refused", answer);
      assert.notEqual(connectErrorOf(answer), undefined, answer);
    }
  });

  test("is not guessed for an answer without a name", () => {
    assert.equal(connectErrorOf("icmp-type-99"), undefined);
  });
});
