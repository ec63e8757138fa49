import type { Family } from "../base/ip.ts";
import { message } from "../base/message.ts";
import { printList } from "../cluster/iptables/print-list.ts";
import { printRestore } from "../cluster/iptables/print-restore.ts";
import { printSave } from "../cluster/iptables/print-save.ts";
import type { RuleSet, TableName } from "../cluster/iptables/rule.ts";
import { DUMMY_INTERFACE, type IpvsState } from "../cluster/ipvs/ipvs-state.ts";
import { printInterface } from "../cluster/ipvs/print-interface.ts";
import { printSetsListed, printSetsSaved } from "../cluster/ipvs/print-ipset.ts";
import { printIpvsadm, printIpvsadmSaved } from "../cluster/ipvs/print-ipvsadm.ts";
import type { PrintedLine } from "../cluster/netfilter/printed-line.ts";
import { printCommands } from "../cluster/nftables/print-commands.ts";
import { ipOf } from "../cluster/nftables/print-rule.ts";
import { printTable } from "../cluster/nftables/print-table.ts";
import type { NftTable } from "../cluster/nftables/table.ts";
import { notesOf, type PacketFilter } from "../cluster/packet-filter.ts";
import type { ProxyMode } from "../settings/profile.ts";
import { blank, comment } from "./layout.ts";
import type { Line } from "./page.ts";

/** `save` and `list`: what a tool prints of the rules on a node · `restore`: what kube-proxy feeds to it. */
export type RulesForm = "save" | "restore" | "list";

/** What somebody on the node would type to see the rules of a mode, without what is particular to a family. */
export function toolOf(mode: ProxyMode, form: RulesForm): string {
  switch (mode) {
    case "iptables":
    case "userspace":
      return iptablesTools.IPv4[form];
    case "nftables":
      return form === "restore" ? "nft -f" : "nft list table";
    case "ipvs":
      return form === "restore" ? "ipvsadm --restore" : "ipvsadm -Ln";
  }
}

/** The rules of one family as their tools print them, each under the command that would print it. */
export function filterLines(filter: PacketFilter, form: RulesForm): readonly Line[] {
  const notes = notesOf(filter).map((note) => comment(message`Note: ${note}`));
  switch (filter.tool) {
    case "iptables":
    case "userspace":
      return iptablesLines(filter.rules, form, notes);
    case "nftables":
      return nftablesLines(filter.table, form, notes);
    case "ipvs":
      return [...ipvsLines(filter.state, form, notes), blank, ...iptablesLines(filter.state.rules, form, [])];
  }
}

function iptablesLines(rules: RuleSet, form: RulesForm, notes: readonly Line[]): readonly Line[] {
  const tool = iptablesTools[rules.family][form];
  switch (form) {
    case "save":
      return [command(tool), ...notes, ...printSave(rules).map(printed)];
    case "restore":
      return [command(`${tool} --noflush`), ...notes, ...printRestore(rules).map(printed)];
    case "list":
      return [
        ...notes,
        ...listing(rules, "nat", tool),
        ...(hasOwnRules(rules, "filter") ? [blank, ...listing(rules, "filter", tool)] : []),
      ];
  }
}

const iptablesTools = {
  IPv4: { save: "iptables-save", restore: "iptables-restore", list: "iptables" },
  IPv6: { save: "ip6tables-save", restore: "ip6tables-restore", list: "ip6tables" },
} as const satisfies Record<Family, Record<RulesForm, string>>;

const listing = (rules: RuleSet, table: TableName, tool: string): readonly Line[] => [
  command(`${tool} -t ${table} -L -n -v`),
  ...printList(rules, table).map(printed),
];

/** Rejected and dropped Services stand in the filter table, all others in nat alone. */
const hasOwnRules = ({ tables }: RuleSet, table: TableName): boolean =>
  [...(tables.get(table)?.chains.values() ?? [])].some(({ rules }) => rules.some(({ port }) => port !== undefined));

/** nft has one form for reading, which it also reads itself. */
const nftablesLines = (table: NftTable, form: RulesForm, notes: readonly Line[]): readonly Line[] =>
  form === "restore"
    ? [command("nft -f -"), ...notes, ...printCommands(table).map(printed)]
    : [command(`nft list table ${ipOf(table.family)} kube-proxy`), ...notes, ...printTable(table).map(printed)];

/** What stands beside the rules of iptables. Sets that hold nothing are left out of what is read. */
function ipvsLines(state: IpvsState, form: RulesForm, notes: readonly Line[]): readonly Line[] {
  const sets = [...state.sets.values()];
  if (form === "restore") {
    return [
      command("ipvsadm --restore"),
      ...notes,
      comment(message`kube-proxy itself sets virtual servers, and the addresses of ${DUMMY_INTERFACE}, without a tool`),
      ...printIpvsadmSaved(state).map(printed),
      blank,
      command("ipset restore"),
      ...printSetsSaved(sets).map(printed),
    ];
  }
  const family = state.family === "IPv4" ? "-4" : "-6";
  const filled = sets.filter(({ entries }) => entries.length > 0);
  return [
    command("ipvsadm -Ln"),
    ...notes,
    ...printIpvsadm(state).map(printed),
    blank,
    command(`ip ${family} addr show ${DUMMY_INTERFACE}`),
    comment(
      state.rules.tables.get("filter")?.chains.has("KUBE-IPVS-FILTER")
        ? message`these addresses are the node's own, and a rule refuses pings to them`
        : message`these addresses are the node's own, so it answers pings to them`,
    ),
    ...printInterface(state).map(printed),
    blank,
    command(form === "list" ? "ipset -sorted list" : "ipset -sorted save"),
    ...(filled.length < sets.length ? [comment(message`sets that hold nothing of this are left out`)] : []),
    ...(form === "list" ? printSetsListed(filled, state.rules) : printSetsSaved(filled)).map(printed),
  ];
}

const command = (text: string): Line => [{ text: `# ${text}`, role: "label" }];

const printed = ({ text, because }: PrintedLine): Line =>
  text === "" ? blank : [because === undefined ? { text } : { text, source: because }];
