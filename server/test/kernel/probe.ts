import assert from "node:assert/strict";
import { recentAfter, walkPacket } from "../../src/core/cluster/iptables/interpret.ts";
import type { RuleSet } from "../../src/core/cluster/iptables/rule.ts";
import type { Packet, RecentLists } from "../../src/core/cluster/netfilter/packet.ts";
import type { Verdict } from "../../src/core/cluster/netfilter/walk.ts";
import type { NftTable } from "../../src/core/cluster/nftables/table.ts";
import { setsAfter, walkTable } from "../../src/core/cluster/nftables/walk-table.ts";
import type { Observation } from "./agent-protocol.ts";
import { type labClients, labHost, maskFor, type Network, originOf } from "./lab.ts";

/** A request that is both predicted and made. */
export interface Probe {
  readonly from: (typeof labClients)[number];
  readonly ip: string;
  readonly port: number;
}

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

/** `few`: each connection must be as predicted. `all`: besides, every predicted endpoint must be met. */
export type Effort = "few" | "all";

/**
 * Makes real connections and requires that each one ends as some branch of the prediction says, with the address that
 * the branch implies. Starts from what session affinity remembers, and gives back what it remembers afterwards.
 */
export async function probe(
  lab: Network,
  oracle: Oracle,
  recent: RecentLists,
  request: Probe,
  effort: Effort,
): Promise<RecentLists> {
  const packet: Packet = {
    protocol: "tcp",
    ...originOf(request.from, request.ip),
    destination: request.ip,
    destinationPort: request.port,
  };
  const first = oracle(packet, recent);
  const remembers = first.some((outcome) => outcome.recent.size > 0);
  const answers = first.every(({ verdict }) => verdict.kind === "delivered");
  const count = effort === "all" ? connectionsToMeetAll(first.length) : 3;
  const observations = await lab.agents[request.from].obey({
    do: "connect",
    ip: request.ip,
    port: request.port,
    count: answers ? count : 1,
    // With affinity the order of connections matters, without it they may run side by side.
    parallel: remembers ? 1 : 8,
    // Where silence is predicted a short wait can only miss a late answer, never see one that is not there.
    patience: first.some(({ verdict }) => isSilent(verdict)) ? 250 : 10_000,
  });

  let remembered = recent;
  for (const observation of observations) {
    const outcomes = oracle(packet, remembered);
    const outcome = outcomes.find(({ verdict }) => agrees(verdict, packet, observation));
    assert.ok(outcome, `${describe(request)}: ${say(observation)}; predicted ${outcomes.map(sayOutcome).join(" or ")}`);
    remembered = outcome.recent;
  }
  if (effort === "all" && answers && !remembers) {
    const met = new Set(observations.map((seen) => (seen.kind === "reached" ? seen.by : seen.kind)));
    assert.equal(met.size, first.length, `${describe(request)}: met only ${[...met].join(", ")}`);
  }
  return remembered;
}

/** How many connections miss one of n equally likely endpoints less than once in a thousand million times. */
function connectionsToMeetAll(n: number): number {
  return n < 2 ? 3 : Math.ceil(Math.log(1e-9 / n) / Math.log(1 - 1 / n));
}

function agrees(verdict: Verdict, packet: Packet, seen: Observation): boolean {
  switch (verdict.kind) {
    case "delivered": {
      if (seen.kind !== "reached" || seen.by !== `${verdict.ip}:${verdict.port}`) return false;
      return verdict.masqueraded ? maskFor(verdict.ip).includes(seen.sees) : seen.sees === packet.source;
    }
    case "unchanged":
    case "rejected":
    case "dropped":
      return seen.kind === (isSilent(verdict) ? "silent" : "refused");
    case "unknown":
      return false;
  }
}

/** Nobody listens on the addresses of Services themselves: there the node refuses, and the world beyond is silent. */
const isSilent = (verdict: Verdict): boolean =>
  verdict.kind === "dropped" || (verdict.kind === "unchanged" && !verdict.toThisNode);

const describe = ({ from, ip, port }: Probe): string => `${from} to ${ip}:${port}`;

const say = (seen: Observation): string => (seen.kind === "reached" ? `${seen.by} saw ${seen.sees}` : seen.kind);

const sayOutcome = ({ verdict }: Outcome): string =>
  verdict.kind === "delivered"
    ? `${verdict.ip}:${verdict.port}${verdict.masqueraded ? " masqueraded" : ""}`
    : verdict.kind;
