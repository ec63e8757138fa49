import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { addressAt, parseCidr, parseIP, toNumber } from "../../src/core/base/ip.ts";

const quads = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 })
  .map((bytes) => bytes.join("."));
const nearlyQuads = fc
  .array(fc.oneof(fc.constantFrom("0", "00", "01", "255", "256", "999", ""), fc.nat(400).map(String)), {
    minLength: 3,
    maxLength: 5,
  })
  .map((parts) => parts.join("."));

test("an IPv4 address is what the library takes for four decimal parts", () => {
  fc.assert(
    fc.property(fc.oneof(quads, nearlyQuads), (text) => {
      assert.equal(parseIP(text), ipaddr.IPv4.isValidFourPartDecimal(text) ? text : undefined);
    }),
  );
});

test("an address and its number are the same thing in two forms, in both families", () => {
  const all = { IPv4: parseCidr("0.0.0.0/0"), IPv6: parseCidr("::/0") };
  for (const [family, bits] of [["IPv4", 32n] as const, ["IPv6", 128n] as const]) {
    const block = all[family];
    assert.ok(block);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << bits) - 1n }), (number) => {
        const text = addressAt(block, number);
        assert.equal(parseIP(text), text);
        assert.equal(toNumber(text), number);
        const bytes = ipaddr.parse(text).toByteArray();
        assert.equal(
          bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n),
          number,
        );
      }),
    );
  }
});
