import { after, before, describe, test } from "node:test";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { type InputSketch, proxyInput, type ServicePortSketch } from "../iptables/inputs.ts";
import { judge } from "./judge.ts";
import { type Lab, openLab } from "./lab.ts";
import { labNode } from "./lab-map.ts";
import { byRules } from "./oracle.ts";
import { findPrerequisites } from "./prerequisites.ts";
import type { Effort, Findings } from "./probe.ts";
import { cases, everyEndpoint, full } from "./traffic-cases.ts";
import { tryOut } from "./try-out.ts";
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
      for (const [family, effort] of [
        ["IPv4", "all"],
        ["IPv6", "few"],
      ] as const) {
        test(`${claim}, ${family}`, { timeout: 60_000 }, async (context) =>
          judge(context, 1, await tryRules(lab, inFamily(family, input), effort)),
        );
      }
    }
  });
}

/** Loads the rules of an input and tries every client with every address of every port. */
function tryRules(lab: Lab, input: ProxyInput, effort: Effort): Promise<Findings> {
  const rules = generateRules(input);
  lab.filters[input.family].load(rules);
  return tryOut(lab, byRules(rules), input, effort);
}
