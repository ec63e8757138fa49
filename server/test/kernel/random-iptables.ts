import { test } from "node:test";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { type Lab, openLab } from "./lab.ts";
import { byRules } from "./oracle.ts";
import { findPrerequisites } from "./prerequisites.ts";
import { tryRandomRules } from "./random-traffic.ts";

/** How many clusters to draw for each kind of iptables. */
const COUNT = 60;

/** Tries random rules with one kind of iptables, where this machine has it. Belongs into a suite. */
export function tryRandomIptables(iptables: string): void {
  const found = findPrerequisites();
  const backend = found.kind === "ready" ? found.backends.find((one) => one.iptables === iptables) : undefined;
  if (backend === undefined) {
    const reason = found.kind === "missing" ? found.reason : `kernel ring skipped in part: no working ${iptables}`;
    test("random rules", { skip: reason }, () => {});
    return;
  }
  tryRandomRules<Lab>(COUNT, {
    open: () => openLab(backend),
    load: (lab, input) => {
      const rules = generateRules(input);
      lab.filters[input.family].load(rules);
      return byRules(rules);
    },
    print: (input) => joinLines(printRestore(generateRules(input))),
  });
}
