import { walkPacket } from "../iptables/interpret.ts";
import { saveRule } from "../iptables/print-save.ts";
import type { RuleSet } from "../iptables/rule.ts";
import type { IptablesStep } from "../iptables/run-chain.ts";
import type { HostFacts, Packet } from "./packet.ts";
import type { Walk } from "./walk.ts";

/** What the kernel of a node does to packets in one address family, in the terms of the tool that shows it. */
export type PacketFilter = { readonly tool: "iptables"; readonly rules: RuleSet };

/** A rule that matched, with the rule itself in the terms of its tool. */
export type FilterStep = IptablesStep;

/** Walks a packet through a packet filter of whatever kind. The same packet always gives the same walk. */
export const walkFilter = (filter: PacketFilter, host: HostFacts, packet: Packet): Walk<FilterStep> =>
  walkPacket(filter.rules, host, packet);

/** A rule that matched as one line of the language of its tool. */
export const printStep = (step: FilterStep): string => saveRule(step.family, step.matched);
