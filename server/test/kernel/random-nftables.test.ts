import { describe, test } from "node:test";
import { generateTable } from "../../src/core/cluster/nftables/generate-table.ts";
import { printCommands } from "../../src/core/cluster/nftables/print-commands.ts";
import { type Network, openNetwork } from "./lab.ts";
import { loadTable, whyNoNft } from "./load-table.ts";
import { inRelease, releases } from "./nft-releases.ts";
import { byTable } from "./oracle.ts";
import { tryRandomRules } from "./random-traffic.ts";

/** How many clusters to draw. */
const COUNT = 40;

describe("connections through random tables of nftables", () => {
  const noNft = whyNoNft();
  if (noNft !== undefined) {
    test("random tables", { skip: noNft }, () => {});
    return;
  }
  tryRandomRules<Network>(COUNT, {
    open: openNetwork,
    adapt: (input, seed) => inRelease(input, releases[seed % releases.length] ?? releases[0]),
    load: (lab, input) => {
      const table = generateTable(input);
      loadTable(lab.node, table);
      return byTable(table);
    },
    print: (input) =>
      printCommands(generateTable(input))
        .map(({ text }) => text)
        .join("\n"),
  });
});
