import { recentAfter, walkPacket } from "../../src/core/cluster/iptables/interpret.ts";
import type { RuleSet } from "../../src/core/cluster/iptables/rule.ts";
import type { Packet, RecentLists } from "../../src/core/cluster/netfilter/packet.ts";
import type { Verdict } from "../../src/core/cluster/netfilter/walk.ts";
import type { NftTable } from "../../src/core/cluster/nftables/table.ts";
import { setsAfter, walkTable } from "../../src/core/cluster/nftables/walk-table.ts";
import { labHost } from "./lab-map.ts";

/** What is predicted of a packet, by what session affinity remembers; and what it will remember of each outcome. */
export type Oracle = (packet: Packet, recent: RecentLists) => readonly Outcome[];

export interface Outcome {
  readonly verdict: Verdict;
  readonly recent: RecentLists;
}

/** Predicts by rules of iptables. */
export const byRules =
  (rules: RuleSet): Oracle =>
  (packet, recent) =>
    walkPacket(rules, { ...labHost, recent }, packet).branches.map((branch) => ({
      verdict: branch.verdict,
      recent: recentAfter(recent, packet, branch),
    }));

/** Predicts by kube-proxy's table in nftables. */
export const byTable =
  (table: NftTable): Oracle =>
  (packet, recent) =>
    walkTable(table, { ...labHost, recent }, packet).branches.map((branch) => ({
      verdict: branch.verdict,
      recent: setsAfter(recent, packet, branch),
    }));
