import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { readRules } from "../../src/core/cluster/iptables/reading/read-rules.ts";
import { compareRules } from "../../src/core/cluster/node-rules/comparison/compare-rules.ts";
import { comparisonPage } from "../../src/core/features/node-rules/comparison-page.ts";
import { renderPage } from "../../src/core/features/page.ts";
import { rulesPage } from "../../src/core/features/rules-page.ts";
import { textFilesBelow } from "../harness/files.ts";
import { type FixtureFile, parseFixture, printFixture } from "../harness/fixture.ts";
import { clusterOf, ROOT, storeOf, uriOf } from "../harness/workspace.ts";

describe("the rules of a node beside manifests", () => {
  for (const { name, path, text } of textFilesBelow("test-fixtures/node-rules/compare", /\.txt$/)) {
    test(name, () => {
      const fixture = parseFixture(text);
      const isRules = (file: FixtureFile): boolean => !/\.ya?ml$/.test(file.path);
      const cluster = clusterOf(storeOf(fixture.files.filter((file) => !isRules(file))).snapshot);
      const files = fixture.files.map((file): FixtureFile => {
        if (!isRules(file)) return file;
        const lines = compare(cluster, file.path, file.text);
        return { ...file, marks: [{ start: 0, end: file.text.indexOf("\n"), lines }] };
      });
      const printed = printFixture({ ...fixture, files });
      if (process.env["UPDATE_FIXTURES"] === "1" && printed !== text) writeFileSync(path, printed);
      else assert.equal(printed, text);
    });
  }
});

const compare = (cluster: Cluster, path: string, text: string): readonly string[] =>
  renderPage(comparisonPage(compareRules(cluster, uriOf(path), readRules(uriOf(path), text))))
    .text.split("\n")
    .filter((line) => line !== "");

describe("the predicted rules beside the manifests that they are predicted from", () => {
  for (const folder of ["simulate", "lens"]) {
    for (const { name, text } of textFilesBelow(`test-fixtures/${folder}`, /\.yaml$/)) {
      test(`do not differ: ${folder} ${name}`, () => {
        const { files } = parseFixture(text);
        const cluster = clusterOf(storeOf(files).snapshot);
        const from = uriOf("/node-1.iptables");
        const { profile } = cluster.viewFrom(from);
        if (profile.proxy.mode !== "iptables") return;
        for (const form of ["save", "restore"] as const) {
          for (const node of profile.nodes) {
            const page = rulesPage(cluster, from, { form, node: node.name });
            const printed = renderPage(page).text;
            for (const { ports, obstacle, family } of compareRules(cluster, from, readRules(from, printed))) {
              const differing = ports.filter(({ differences }) => differences.length > 0);
              assert.deepEqual(differing, [], `${form} ${node.name} ${family} ${ROOT}`);
              assert.equal(obstacle, undefined);
            }
          }
        }
      });
    }
  }
});
