import { hostPort } from "../../base/ip.ts";
import { walkPacket } from "../iptables/interpret.ts";
import { saveRule } from "../iptables/print-save.ts";
import type { RuleSet } from "../iptables/rule.ts";
import type { IptablesStep } from "../iptables/run-chain.ts";
import type { IpvsState } from "../ipvs/ipvs-state.ts";
import { realServerName, serverText } from "../ipvs/print-ipvsadm.ts";
import { type IpvsStep, walkIpvs } from "../ipvs/walk-ipvs.ts";
import { type UserspaceStep, walkUserspace } from "../userspace/walk-userspace.ts";
import type { HostFacts, Packet } from "./packet.ts";
import type { Walk } from "./walk.ts";

/** What the kernel of a node does to packets in one address family, in the terms of the tool that shows it. */
export type PacketFilter =
  | { readonly tool: "iptables"; readonly rules: RuleSet }
  /** Rules of iptables, and the virtual servers of IPVS between them. */
  | { readonly tool: "ipvs"; readonly state: IpvsState }
  /** Rules of iptables that lead to kube-proxy itself. */
  | { readonly tool: "userspace"; readonly rules: RuleSet };

/** A rule that matched, with the rule itself in the terms of its tool. */
export type FilterStep = IptablesStep | IpvsStep | UserspaceStep;

/** Walks a packet through a packet filter of whatever kind. The same packet always gives the same walk. */
export function walkFilter(filter: PacketFilter, host: HostFacts, packet: Packet): Walk<FilterStep> {
  switch (filter.tool) {
    case "iptables":
      return walkPacket(filter.rules, host, packet);
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
      return saveRule(step.family, step.matched);
    case "ipvs":
      return "endpoint" in step.matched ? realServerName(step.matched) : serverText(step.matched);
    case "userspace":
      return step.action.kind === "dnat" ? `connect ${hostPort(step.action.ip, step.action.port)}` : "close";
  }
}
