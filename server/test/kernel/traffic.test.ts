import { after, before, describe, test } from "node:test";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { type InputSketch, proxyInput, type ServicePortSketch } from "../iptables/inputs.ts";
import { type Lab, labNode, openLab } from "./lab.ts";
import { findPrerequisites } from "./prerequisites.ts";
import { byRules, type Effort } from "./probe.ts";
import { randomInput } from "./random-input.ts";
import { cases, everyEndpoint, full, tryOut } from "./traffic-cases.ts";

const found = findPrerequisites();

if (found.kind === "missing") test("connections through the rules", { skip: found.reason }, () => {});

/** Releases whose rules are their own; the rest is about those of today. */
const historic: readonly (readonly [string, ServicePortSketch, InputSketch["config"]?])[] = [
  ["the oldest rules", { ...full, endpoints: everyEndpoint.slice(0, 2) }, { release: { major: 1, minor: 2 } }],
  [
    "rules of 1.8, policy Local, source ranges",
    {
      ...full,
      externalTrafficPolicy: "Local",
      sourceRanges: ["198.51.100.0/24"],
    },
    { release: { major: 1, minor: 8 } },
  ],
  ["rules of 1.18", full, { release: { major: 1, minor: 18 } }],
  ["rules of 1.22, policy Local", { ...full, externalTrafficPolicy: "Local" }, { release: { major: 1, minor: 22 } }],
];

for (const backend of found.kind === "ready" ? found.backends : []) {
  describe(`connections through the rules of ${backend.iptables}`, () => {
    let lab: Lab;
    before(async () => {
      lab = await openLab(backend);
    });
    after(() => lab.close());

    for (const [claim, service, config] of [...cases, ...historic]) {
      test(claim, { timeout: 60_000 }, () =>
        tryRules(lab, proxyInput({ node: labNode, servicePorts: [service], config: config ?? {} }), "all"),
      );
    }

    for (let seed = 1; seed <= 20; seed++) {
      test(`random rule set ${seed}`, { timeout: 60_000 }, () => tryRules(lab, randomInput(seed), "few"));
    }
  });
}

/** Loads the rules of an input and tries every client with every address of every port. */
function tryRules(lab: Lab, input: ProxyInput, effort: Effort): Promise<void> {
  const rules = generateRules(input);
  lab.filter.load(rules);
  return tryOut(lab, byRules(rules), input, effort);
}
