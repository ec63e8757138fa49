import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { PROXY_PORT } from "../../src/core/cluster/iptables/rule.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { generateUserspace } from "../../src/core/cluster/userspace/generate-userspace.ts";
import { readUserspaceFixtures } from "../userspace/fixtures.ts";
import { openPacketFilter } from "./load-rules.ts";
import { openNamespaces } from "./namespaces.ts";
import { findPrerequisites } from "./prerequisites.ts";

const found = findPrerequisites();

if (found.kind === "missing") test("rules of userspace mode", { skip: found.reason }, () => {});

/** Whatever kube-proxy would have drawn. */
const drawn = (text: string): string => text.replaceAll(PROXY_PORT, "40123");

for (const backend of found.kind === "ready" ? found.backends : []) {
  describe(`rules of userspace mode: ${backend.iptables}`, () => {
    const namespaces = openNamespaces();
    after(() => namespaces.close());

    for (const { name, input } of readUserspaceFixtures().filter((fixture) => fixture.input.family === "IPv4")) {
      test(`the kernel takes them, and echoes what is said here: ${name}`, () => {
        const filter = openPacketFilter(namespaces.create("userspace"), backend, input.family);
        const rules = generateUserspace(input);
        filter.load(rules, drawn);
        for (const table of ["filter", "nat"] as const) {
          const saved = filter
            .save(table)
            .replace(/^#.*\n/gm, "")
            .replace(/\[\d+:\d+\]/g, "[0:0]");
          assert.equal(saved, drawn(joinLines(printSave(rules, [table]))));
        }
      });
    }
  });
}
