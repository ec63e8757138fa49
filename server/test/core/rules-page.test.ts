import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { printList } from "../../src/core/cluster/iptables/print-list.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { printCommands } from "../../src/core/cluster/nftables/print-commands.ts";
import { printTable } from "../../src/core/cluster/nftables/print-table.ts";
import { filterFor } from "../../src/core/cluster/proxy.ts";
import type { Page } from "../../src/core/features/page.ts";
import { rulesPage, rulesTitle } from "../../src/core/features/rules-page.ts";
import { uriOf } from "../harness/workspace.ts";
import { linksOf, seen, serviceIn, textOf, web } from "./page-cluster.ts";

describe("the rules page", () => {
  const cluster = seen(web);
  const from = uriOf("/all.yaml");
  const filter = filterFor(cluster.viewFrom(from), "iptables", "node-2", "IPv4");
  assert.equal(filter.tool, "iptables");
  const { rules } = filter;
  const bare = (page: Page): readonly string[] =>
    textOf(page)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
  const printed = (lines: readonly { readonly text: string }[]): readonly string[] =>
    lines.map(({ text }) => text).filter((text) => text !== "");

  test("prints what the tools print, and nothing else but comments", () => {
    assert.deepEqual(bare(rulesPage(cluster, from, { form: "save", node: "node-2" })), printed(printSave(rules)));
    assert.deepEqual(bare(rulesPage(cluster, from, { form: "restore", node: "node-2" })), printed(printRestore(rules)));
    const listing = bare(rulesPage(cluster, from, { form: "list", node: "node-2" }));
    assert.deepEqual(listing, printed([...printList(rules, "nat"), ...printList(rules, "filter")]));
  });

  test("prints what nft prints in nftables mode, of the cluster or of the page", () => {
    const table = filterFor(cluster.viewFrom(from), "nftables", "node-2", "IPv4");
    assert.equal(table.tool, "nftables");
    const inMode = seen(web, "cluster: { proxy: { mode: nftables } }");
    for (const form of ["save", "list"] as const) {
      const page = rulesPage(cluster, from, { form, node: "node-2", mode: "nftables" });
      assert.deepEqual(bare(page), printed(printTable(table.table)));
      assert.match(textOf(page), /^# kube-proxy 1\.34 in nftables mode on node-2: /);
      assert.match(textOf(page), /^# the cluster is set to iptables mode, whose rules look different$/m);
      assert.deepEqual(bare(rulesPage(inMode, from, { form, node: "node-2" })), bare(page));
    }
    const commands = rulesPage(inMode, from, { form: "restore", node: "node-2" });
    assert.deepEqual(bare(commands), printed(printCommands(table.table)));
    assert.doesNotMatch(textOf(commands), /whose rules look different/);
    assert.equal(rulesTitle(inMode, from, { form: "save" }), "nft list table node-1");
    assert.equal(rulesTitle(inMode, from, { form: "restore", mode: "iptables" }), "iptables-restore node-1");
  });

  test("prints what several tools print in IPVS mode", () => {
    const text = textOf(rulesPage(cluster, from, { form: "save", mode: "ipvs" }));
    const commands = [...text.matchAll(/^# ((?:ipvsadm|ip|ipset|iptables)\b.*)$/gm)].map(([, command]) => command);
    assert.deepEqual(commands, ["ipvsadm -Ln", "ip -4 addr show kube-ipvs0", "ipset -sorted save", "iptables-save"]);
    assert.match(text, /^# kube-proxy 1\.34 in IPVS mode on node-1: /);
    assert.match(text, /^TCP {2}10\.96\.10\.1:80 rr$/m);
    assert.match(text, /^-A KUBE-SERVICES .* --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT$/m);
    const restored = textOf(rulesPage(cluster, from, { form: "restore", mode: "ipvs" }));
    assert.match(restored, /^-A -t 10\.96\.10\.1:80 -s rr$/m);
    assert.match(restored, /^# ipset restore\ncreate [\s\S]*^# iptables-restore --noflush$/m);
    const listed = textOf(rulesPage(cluster, from, { form: "list", mode: "ipvs" }));
    assert.match(listed, /^# ipset -sorted list\n# sets that hold nothing of this are left out\nName: KUBE-/m);
    assert.match(listed, /^10\.96\.10\.1,tcp:80$/m);
    assert.match(listed, /^# these addresses .* refuses pings to them$/m);
    const older = seen(web, 'cluster: { kubernetesVersion: "1.25", proxy: { mode: ipvs } }');
    assert.match(textOf(rulesPage(older, from, { form: "save" })), /^# these addresses .* answers pings to them$/m);
    const service = serviceIn(cluster, "web");
    const own = textOf(rulesPage(cluster, from, { form: "save", mode: "ipvs", service }));
    assert.match(own, /^TCP {2}10\.96\.10\.1:80 rr$/m);
  });

  test("prints what iptables prints in userspace mode", () => {
    const text = textOf(rulesPage(cluster, from, { form: "save", mode: "userspace" }));
    assert.match(text, /^# kube-proxy 1\.34 in userspace mode on node-1: /);
    assert.match(text, /^-A KUBE-PORTALS-HOST /m);
  });

  test("says what is assumed", () => {
    const text = textOf(rulesPage(cluster, from, { form: "save" }));
    assert.match(text, /^# kube-proxy 1\.34 in iptables mode on node-1: rules for the one Service in view$/m);
    assert.match(text, /^# Services in 10\.96\.0\.0\/12, pods in 10\.244\.0\.0\/16; .*simulated$/m);
    const other = seen(web, 'cluster: { kubernetesVersion: "1.16", proxy: { mode: ipvs } }');
    const old = textOf(rulesPage(other, from, { form: "save", mode: "iptables" }));
    assert.match(old, /^# the cluster is set to IPVS mode/m);
    assert.match(old, /^# Note: rules of Kubernetes 1\.16/m);
  });

  test("leads from each rule to what it is written for", () => {
    const links = linksOf(cluster, rulesPage(cluster, from, { form: "save" }));
    assert.ok(links.some(([rule, there]) => /DNAT --to-destination .*:8080$/.test(rule) && there === "8080"));
    assert.ok(links.some(([rule, there]) => rule.startsWith("-A KUBE-SERVICES") && there === "name"));
  });

  test("keeps to one Service", () => {
    const two = seen(
      `${web}---\napiVersion: v1\nkind: Service\nmetadata: { name: other }\nspec: { ports: [{ port: 80 }] }\n`,
    );
    const service = serviceIn(two, "web");
    const text = textOf(rulesPage(two, from, { form: "save", service }));
    assert.match(text, /shop\/web:http cluster IP/);
    assert.doesNotMatch(text, /default\/other/);
  });

  test("says why a Service has none", () => {
    const reasons: readonly (readonly [string, RegExp])[] = [
      [
        "{ clusterIP: None, ports: [{ port: 80 }] }",
        /# Service "it" is headless, so kube-proxy writes no rules for it/,
      ],
      ["{ type: ExternalName, externalName: a.example }", /# Service "it" is an alias in DNS, so/],
      ["{ selector: { app: it } }", /# Service "it" has no ports, so/],
    ];
    for (const [spec, reason] of reasons) {
      const special = seen(`apiVersion: v1\nkind: Service\nmetadata: { name: it }\nspec: ${spec}\n`);
      const page = rulesPage(special, from, { form: "save", service: serviceIn(special, "it") });
      assert.match(textOf(page), reason);
      assert.deepEqual(bare(page), []);
    }
  });

  test("shows both address families", () => {
    const dual = seen(
      web.replace("clusterIP: 10.96.10.1", "ipFamilyPolicy: RequireDualStack"),
      `
cluster: { serviceCIDR: [10.96.0.0/12, "fd00:10:96::/112"], podCIDR: [10.244.0.0/16, "fd00:10:244::/56"] }`,
    );
    const text = textOf(rulesPage(dual, from, { form: "save", service: serviceIn(dual, "web") }));
    assert.match(text, /^# iptables-save$/m);
    assert.match(text, /^# ip6tables-save$/m);
    assert.match(text, /--to-destination \[fd00:/);
  });
});
