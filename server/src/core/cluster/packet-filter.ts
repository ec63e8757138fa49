import { hostPort } from "../base/ip.ts";
import type { Message } from "../base/message.ts";
import { walkPacket } from "./iptables/interpret.ts";
import { saveRule } from "./iptables/print-save.ts";
import { restrictRules } from "./iptables/restrict.ts";
import type { RuleSet } from "./iptables/rule.ts";
import type { IptablesStep } from "./iptables/run-chain.ts";
import type { IpvsState } from "./ipvs/ipvs-state.ts";
import { realServerName, serverText } from "./ipvs/print-ipvsadm.ts";
import { restrictIpvs } from "./ipvs/restrict-ipvs.ts";
import { type IpvsStep, walkIpvs } from "./ipvs/walk-ipvs.ts";
import type { ServicePort } from "./kube-proxy/proxy-input.ts";
import type { HostFacts, Packet } from "./netfilter/packet.ts";
import type { Walk } from "./netfilter/walk.ts";
import { matchedText } from "./nftables/print-rule.ts";
import { restrictTable } from "./nftables/restrict-table.ts";
import type { NftablesStep } from "./nftables/run-chain.ts";
import type { NftTable } from "./nftables/table.ts";
import { walkTable } from "./nftables/walk-table.ts";
import { type UserspaceStep, walkUserspace } from "./userspace/walk-userspace.ts";

/** What the kernel of a node does to packets in one address family, in the terms of kube-proxy's mode. */
export type PacketFilter =
  | { readonly tool: "iptables"; readonly rules: RuleSet }
  | { readonly tool: "nftables"; readonly table: NftTable }
  /** Rules of iptables, and the virtual servers of IPVS between them. */
  | { readonly tool: "ipvs"; readonly state: IpvsState }
  /** Rules of iptables that lead to kube-proxy itself. */
  | { readonly tool: "userspace"; readonly rules: RuleSet };

/** A rule that matched, with the rule itself in the terms of its tool. */
export type FilterStep = IptablesStep | NftablesStep | IpvsStep | UserspaceStep;

/** Walks a packet through a packet filter of whatever kind. The same packet always gives the same walk. */
export function walkFilter(filter: PacketFilter, host: HostFacts, packet: Packet): Walk<FilterStep> {
  switch (filter.tool) {
    case "iptables":
      return walkPacket(filter.rules, host, packet);
    case "nftables":
      return walkTable(filter.table, host, packet);
    case "ipvs":
      return walkIpvs(filter.state, host, packet);
    case "userspace":
      return walkUserspace(filter.rules, host, packet);
  }
}

/** A rule that matched as one line of the language of its tool. */
export function printStep(step: FilterStep): string {
  switch (step.tool) {
    case "iptables":
      return step.isPolicy ? `-P ${step.chain} DROP` : saveRule(step.family, step.matched);
    case "nftables":
      return matchedText(step.family, step.rule, step.matched);
    case "ipvs":
      return "endpoint" in step.matched ? realServerName(step.matched) : serverText(step.matched);
    case "userspace":
      return printProxyStep(step);
  }
}

/** The same node, with a view to some service ports only, and to what every node has. */
export function restrictFilter(filter: PacketFilter, keeps: (port: ServicePort) => boolean): PacketFilter {
  switch (filter.tool) {
    case "iptables":
    case "userspace":
      return { ...filter, rules: restrictRules(filter.rules, keeps) };
    case "nftables":
      return { ...filter, table: restrictTable(filter.table, keeps) };
    case "ipvs":
      return { ...filter, state: restrictIpvs(filter.state, keeps) };
  }
}

/** What a reader should know of the text, such as that it is that of a neighbouring release. */
export function notesOf(filter: PacketFilter): readonly Message[] {
  switch (filter.tool) {
    case "iptables":
    case "userspace":
      return filter.rules.notes;
    case "nftables":
      return filter.table.notes;
    case "ipvs":
      return filter.state.notes;
  }
}

function printProxyStep({ action }: UserspaceStep): string {
  switch (action.kind) {
    case "dnat":
      return `connect ${hostPort(action.ip, action.port)}`;
    case "drop":
      return "drop";
    default:
      return "close";
  }
}
