import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { echoedProbability, probabilityText } from "../../src/core/cluster/iptables/probability.ts";
import { fraction } from "../../src/core/cluster/netfilter/fraction.ts";

/** Of n endpoints left: what kube-proxy writes, what iptables prints back, what kube-proxy wrote up to 1.15. */
const table = [
  [2, "0.5000000000", "0.50000000000", "0.50000"],
  [3, "0.3333333333", "0.33333333349", "0.33333"],
  [4, "0.2500000000", "0.25000000000", "0.25000"],
  [5, "0.2000000000", "0.20000000019", "0.20000"],
  [6, "0.1666666667", "0.16666666651", "0.16667"],
  [7, "0.1428571429", "0.14285714272", "0.14286"],
  [8, "0.1250000000", "0.12500000000", "0.12500"],
  [9, "0.1111111111", "0.11111111101", "0.11111"],
  [10, "0.1000000000", "0.10000000009", "0.10000"],
] as const;

describe("chances as text", () => {
  for (const [left, written, echoed, classic] of table) {
    test(`one of ${left}`, () => {
      const chance = fraction(1, left);
      assert.equal(probabilityText(chance, 10), written);
      assert.equal(echoedProbability(chance, 10), echoed);
      assert.equal(probabilityText(chance, 5), classic);
    });
  }

  test("five decimals are echoed as old tutorials show them", () => {
    assert.equal(echoedProbability(fraction(1, 3), 5), "0.33332999982");
  });

  test("a tie is rounded to even, as Go does", () => {
    assert.equal(probabilityText(fraction(1, 2048), 10), "0.0004882812");
  });

  test("away from ties, the text is that of the nearest double", () => {
    for (let left = 1; left <= 20_000; left++) {
      if (left !== 2048) assert.equal(probabilityText(fraction(1, left), 10), (1 / left).toFixed(10), `1/${left}`);
    }
  });
});
