import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { generateTable } from "../../src/core/cluster/nftables/generate-table.ts";
import { printTable } from "../../src/core/cluster/nftables/print-table.ts";
import { type InputSketch, proxyInput, readFixtures } from "../iptables/inputs.ts";
import { textOf } from "../nftables/fixtures.ts";
import { judge } from "./judge.ts";
import { type Network, openNetwork } from "./lab.ts";
import { labNode } from "./lab-map.ts";
import { listTable, loadTable, nftVersion, whyNoNft } from "./load-table.ts";
import { openNamespaces } from "./namespaces.ts";
import { inRelease, releases } from "./nft-releases.ts";
import { byTable } from "./oracle.ts";
import { type Findings, together } from "./probe.ts";
import { randomInput } from "./random-input.ts";
import { cases, full } from "./traffic-cases.ts";
import { type Effort, tryOut } from "./try-out.ts";
import { inFamily } from "./twin.ts";

const noNft = whyNoNft();

if (noNft !== undefined) test("kube-proxy's table in nftables", { skip: noNft }, () => {});
else {
  // What it prints of these tables has been the same from 1.0.6 to 1.1.3; older versions neither join blocks nor name priorities alike.
  const version = nftVersion();
  const unknown = /^1\.[01]\.\d+$/.test(version)
    ? false
    : `kernel ring skipped in part: nft ${version} may print otherwise`;

  describe("what nft lists of a table that the kernel has taken", { skip: unknown }, () => {
    const namespaces = openNamespaces();
    after(() => namespaces.close());
    const node = namespaces.create("nft");
    for (const minor of releases) {
      for (const { name, input } of readFixtures("current", "json")) {
        test(`${name} of 1.${minor}`, { timeout: 30_000 }, () => {
          const table = generateTable(inRelease(input, minor));
          loadTable(node, table);
          assert.equal(listTable(node, table), textOf(printTable(table)));
        });
      }
    }

    test("many Services, ranges side by side, long time-outs", { timeout: 30_000 }, () => {
      for (const seed of [1, 2, 3, 4, 5]) {
        const { servicePorts, ...input } = randomInput(seed);
        const wide = servicePorts.map((port, index) => ({
          ...port,
          sourceRanges: [...port.sourceRanges, "10.0.0.0/25", "10.0.0.128/25", "10.0.1.0/26", "192.0.2.7/32"],
          affinitySeconds: [86_400, 90_061, 59][index],
        }));
        const table = generateTable(inRelease({ ...input, servicePorts: wide }, 34));
        loadTable(node, table);
        assert.equal(listTable(node, table), textOf(printTable(table)));
      }
    });
  });

  describe("connections through kube-proxy's table in nftables", () => {
    let network: Network;
    before(async () => {
      network = await openNetwork();
    });
    after(() => network.close());

    const tryTable = (input: ProxyInput, effort: Effort): Promise<Findings> => {
      const table = generateTable(input);
      loadTable(network.node, table);
      return tryOut(network, byTable(table), input, effort);
    };
    const sketch = (config: InputSketch["config"] = {}): InputSketch => ({ node: labNode, config });
    const everywhere: (typeof cases)[number] = [
      "node ports on every address",
      full,
      { nodePortAddresses: ["0.0.0.0/0"] },
    ];

    for (const minor of releases) {
      for (const [claim, service, config] of [...cases, everywhere]) {
        const input = inRelease(proxyInput({ ...sketch(config), servicePorts: [service] }), minor);
        const effort = service === full && config === undefined ? "all" : "few";
        test(`${claim}, 1.${minor}`, { timeout: 60_000 }, async (context) => {
          const found = [tryTable(input, effort), tryTable(inFamily("IPv6", input), "few")];
          judge(context, found.length, together(await Promise.all(found)));
        });
      }
    }
  });
}
