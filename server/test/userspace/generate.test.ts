import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { render } from "../../src/core/base/message.ts";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { generateUserspace } from "../../src/core/cluster/userspace/generate-userspace.ts";
import { proxyInput, type ServicePortSketch } from "../iptables/inputs.ts";
import { readUserspaceFixtures, updateFixture } from "./fixtures.ts";

describe("what iptables-save prints in userspace mode", () => {
  const fixtures = readUserspaceFixtures();
  for (const { name, input, expected } of fixtures) {
    test(name, () => {
      const found = joinLines(printSave(generateUserspace(input)));
      if (process.env["UPDATE_FIXTURES"] === "1" && found !== expected) updateFixture(name, found);
      else assert.equal(found, expected);
    });
  }

  test("releases that have no such mode get the rules of the last one that had", () => {
    const of = (minor: number): string =>
      joinLines(printSave(generateUserspace(proxyInput({ config: { release: { major: 1, minor } } }))));
    assert.equal(of(34), of(25));
  });

  test("there are fixtures", () => assert.ok(fixtures.length > 8));
});

describe("the reader is told", () => {
  const notes = (minor: number, port: ServicePortSketch = {}, family: "IPv4" | "IPv6" = "IPv4"): readonly string[] =>
    generateUserspace(proxyInput({ family, config: { release: { major: 1, minor } }, servicePorts: [port] })).notes.map(
      (note) => render(note),
    );
  const random = "kube-proxy listens at a random port of the node for each Service port; nobody can tell it beforehand";

  test("that ports are random", () => assert.deepEqual(notes(25), [random]));

  test("that the mode is gone from 1.26 on", () => {
    assert.deepEqual(notes(26), [
      "kube-proxy has no userspace mode from Kubernetes 1.26 on; these are the rules of 1.25, not of 1.26",
      random,
    ]);
  });

  test("what the mode passes over", () => {
    const unheeded = "userspace mode heeds neither source ranges nor traffic policies";
    assert.deepEqual(notes(25, { sourceRanges: ["198.51.100.0/24"] }), [random, unheeded]);
    assert.deepEqual(notes(25, { externalTrafficPolicy: "Local" }), [random, unheeded]);
    assert.deepEqual(notes(25, {}, "IPv6"), ["userspace mode serves IPv4 alone"]);
  });
});
