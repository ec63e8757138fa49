import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { generateTable } from "../../src/core/cluster/nftables/generate-table.ts";
import { printTable } from "../../src/core/cluster/nftables/print-table.ts";
import { type InputSketch, proxyInput, readFixtures } from "../iptables/inputs.ts";
import { textOf } from "../nftables/fixtures.ts";
import { labNode, type Network, openNetwork } from "./lab.ts";
import { listTable, loadTable, nftVersion, whyNoNft } from "./load-table.ts";
import { openNamespaces } from "./namespaces.ts";
import { byTable, type Effort } from "./probe.ts";
import { randomInput } from "./random-input.ts";
import { cases, full, tryOut } from "./traffic-cases.ts";

const noNft = whyNoNft();

/** One release of each layout: checks before the translation, checks behind it, rules without jumps, single endpoints. */
const releases = [33, 34, 36, 37] as const;

const inRelease = (input: ProxyInput, minor: number): ProxyInput => ({
  ...input,
  config: {
    ...input.config,
    release: { major: 1, minor },
    serviceCIDRs: ["10.96.0.0/16", "fd00:10:96::/112"],
  },
});

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

    const tryTable = (input: ProxyInput, effort: Effort): Promise<void> => {
      const table = generateTable(input);
      loadTable(network.node, table);
      return tryOut(network, byTable(table), input, effort);
    };
    const sketch = (config: InputSketch["config"] = {}): InputSketch => ({ node: labNode, config });

    for (const minor of releases) {
      for (const [claim, service, config] of cases) {
        const input = proxyInput({ ...sketch(config), servicePorts: [service] });
        test(`${claim}, 1.${minor}`, { timeout: 60_000 }, () =>
          tryTable(inRelease(input, minor), service === full && config === undefined ? "all" : "few"),
        );
      }
      test(`node ports on every address, 1.${minor}`, { timeout: 60_000 }, () =>
        tryTable(
          inRelease(proxyInput({ ...sketch({ nodePortAddresses: ["0.0.0.0/0"] }), servicePorts: [full] }), minor),
          "few",
        ),
      );
    }

    for (let seed = 1; seed <= 20; seed++) {
      const minor = releases[seed % releases.length] ?? 34;
      test(`random table ${seed}, 1.${minor}`, { timeout: 60_000 }, () =>
        tryTable(inRelease(randomInput(seed), minor), "few"),
      );
    }
  });
}
