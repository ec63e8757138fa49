import { printCommands } from "../../src/core/cluster/nftables/print-commands.ts";
import { ipOf } from "../../src/core/cluster/nftables/print-rule.ts";
import type { NftTable } from "../../src/core/cluster/nftables/table.ts";
import { openNamespaces } from "./namespaces.ts";
import { mustRun, run } from "./shell.ts";

/** Puts a table in the place of the one before, in one transaction, as kube-proxy does when it starts. */
export function loadTable(namespace: string, table: NftTable): void {
  const name = `${ipOf(table.family)} kube-proxy`;
  const commands = printCommands(table).map(({ text }) => text);
  const text = [`add table ${name}`, `delete table ${name}`, ...commands, ""].join("\n");
  mustRun("ip", ["netns", "exec", namespace, "nft", "-f", "-"], text);
}

/** What nft lists of the table. */
export const listTable = (namespace: string, { family }: Pick<NftTable, "family">): string =>
  mustRun("ip", ["netns", "exec", namespace, "nft", "list", "table", ipOf(family), "kube-proxy"]);

/** Why nftables cannot be tried; `undefined` where they can. */
export function whyNoNft(): string | undefined {
  if (process.platform !== "linux") return "kernel ring skipped in part: it needs Linux";
  if (process.getuid?.() !== 0) return "kernel ring skipped in part: it needs root";
  const namespaces = openNamespaces();
  try {
    const { ok, complaint } = run("ip", ["netns", "exec", namespaces.create("nft"), "nft", "-f", "-"], trial);
    return ok ? undefined : `kernel ring skipped in part: no nftables (${complaint.trim().split("\n")[0]})`;
  } catch (error) {
    return `kernel ring skipped in part: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    namespaces.close();
  }
}

/** One statement of each kind that kube-proxy writes. */
const trial = `
add table ip trial
add chain ip trial a { type nat hook prerouting priority -100 ; }
add chain ip trial b { type nat hook postrouting priority 100 ; }
add chain ip trial c { type filter hook input priority 0 ; }
add map ip trial m { type ipv4_addr . inet_proto . inet_service : verdict ; }
add set ip trial s { type ipv4_addr ; flags dynamic,timeout ; timeout 60s ; }
add rule ip trial a ip daddr . meta l4proto . th dport vmap @m
add rule ip trial a fib daddr type local update @s { ip saddr }
add rule ip trial a meta l4proto tcp dnat ip addr . port to numgen random mod 2 map { 0 : 10.0.0.1 . 80 , 1 : 10.0.0.2 . 80 }
add rule ip trial b ct status dnat mark set mark xor 0x4000 masquerade fully-random
add rule ip trial c ct state new reject
`;

/** The version of nft, such as `1.0.6`. */
export const nftVersion = (): string => /v([\d.]+)/.exec(mustRun("nft", ["--version"]))?.[1] ?? "";
