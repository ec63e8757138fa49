import { PROXY_CANARY } from "../../src/core/cluster/iptables/canaries.ts";
import { printRestore, restoreRule } from "../../src/core/cluster/iptables/print-restore.ts";
import type { Chain, RuleSet, TableName } from "../../src/core/cluster/iptables/rule.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import type { Backend } from "./prerequisites.ts";
import { mustRun } from "./shell.ts";

/** The iptables of one namespace, address family and backend. */
export interface PacketFilter {
  /** `edit` may put something in the place of text that no kernel knows. */
  readonly load: (rules: RuleSet, edit?: (text: string) => string) => void;
  readonly save: (table: TableName) => string;
  readonly list: (table: TableName) => string;
}

/** The packet filter of a namespace, for rule sets of one family. */
export function openPacketFilter(namespace: string, { iptables }: Backend, family: RuleSet["family"]): PacketFilter {
  const program = family === "IPv6" ? iptables.replace(/^iptables/, "ip6tables") : iptables;
  const inside = (name: string, args: readonly string[], input?: string): string =>
    mustRun("ip", ["netns", "exec", namespace, name, ...args], input);
  const restore = (text: string): string => inside(`${program}-restore`, ["-w", "20", "--noflush", "--counters"], text);
  return {
    /** Empties both tables, then writes as the kubelet and kube-proxy do: chains first, jumps to them last. */
    load: (rules, edit = (text) => text) => {
      inside(`${program}-restore`, ["-w", "20"], `*filter\nCOMMIT\n*nat\nCOMMIT\n${chainsOf(rules, "kubelet")}`);
      restore(edit(joinLines(printRestore(rules))));
      restore(chainsOf(rules, "kernel"));
    },
    save: (table) => inside(`${program}-save`, ["-t", table]),
    list: (table) => inside(program, ["-w", "20", "-t", table, "-L", "-n", "-v"]),
  };
}

/** The chains that do not stand in kube-proxy's own input, in the form of such input. */
function chainsOf(rules: RuleSet, owner: "kernel" | "kubelet"): string {
  const lines: string[] = [];
  for (const { name, chains } of rules.tables.values()) {
    const own = [...chains.values()].filter((chain) => ownerInLab(chain) === owner);
    lines.push(`*${name}`);
    if (owner !== "kernel") lines.push(...own.map((chain) => `:${chain.name} - [0:0]`));
    lines.push(...own.flatMap((chain) => chain.rules.map(restoreRule)), "COMMIT", "");
  }
  return lines.join("\n");
}

/** kube-proxy makes its canary one by one, as the kubelet makes all its chains. */
const ownerInLab = ({ name, owner }: Chain): Chain["owner"] => (name === PROXY_CANARY ? "kubelet" : owner);
