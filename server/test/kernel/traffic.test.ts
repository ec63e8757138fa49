import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { type InputSketch, proxyInput, type ServicePortSketch } from "../iptables/inputs.ts";
import { whyNoSctp } from "./agents.ts";
import { judge } from "./judge.ts";
import { type Lab, openLab } from "./lab.ts";
import { labNode, protocols } from "./lab-map.ts";
import { byRules } from "./oracle.ts";
import { findPrerequisites } from "./prerequisites.ts";
import { type Findings, together } from "./probe.ts";
import { cases, everyEndpoint, full } from "./traffic-cases.ts";
import { type Effort, tryOut } from "./try-out.ts";
import { inFamily } from "./twin.ts";

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
      const input = proxyInput({ node: labNode, servicePorts: [service], config: config ?? {} });
      test(claim, { timeout: 60_000 }, async (context) => {
        const found = [tryRules(lab, input, "all"), tryRules(lab, inFamily("IPv6", input), "few")];
        judge(context, found.length, together(await Promise.all(found)));
      });
    }

    for (const protocol of protocols) {
      const skip = protocol === "SCTP" ? (whyNoSctp() ?? false) : false;
      test(`what is not as predicted is noticed: ${protocol}`, { timeout: 60_000, skip }, async () => {
        const input = proxyInput({ node: labNode, servicePorts: [{ ...full, protocol }] });
        const other = { ...input, config: { ...input.config, masqueradeAll: true } };
        for (const family of ["IPv4", "IPv6"] as const) {
          lab.filters[family].load(generateRules(inFamily(family, other)));
          const wrong = byRules(generateRules(inFamily(family, input)));
          const { disagreements } = await tryOut(lab, wrong, inFamily(family, input), "few");
          assert.notDeepEqual(disagreements, []);
        }
      });
    }
  });
}

/** Loads the rules of an input and tries every client with every address of every port. */
function tryRules(lab: Lab, input: ProxyInput, effort: Effort): Promise<Findings> {
  const rules = generateRules(input);
  lab.filters[input.family].load(rules);
  return tryOut(lab, byRules(rules), input, effort);
}
