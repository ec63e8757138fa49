import type { Family } from "../../base/ip.ts";
import { type PrintedLine, textLine } from "../netfilter/printed-line.ts";
import { sortElements } from "./element-order.ts";
import { elementText, ipOf, quoted, ruleText } from "./print-rule.ts";
import type { BaseChain, KeyPart, NftChain, NftSet, NftTable } from "./table.ts";

/**
 * What `nft list table ip kube-proxy` (or `ip6`) prints once the kernel has the table, as nft 1.0.6 and its neighbours
 * do: sets and chains in the order of their creation, elements sorted, words in nft's own spelling.
 */
export function printTable(table: NftTable): readonly PrintedLine[] {
  const { family } = table;
  const blocks = [
    ...[...table.sets.values()].map((set) => setLines(family, set)),
    ...[...table.chains.values()].map((chain) => chainLines(family, chain)),
  ];
  return [
    textLine(`table ${ipOf(family)} kube-proxy {`),
    textLine(`\tcomment ${quoted("rules for kube-proxy")}`),
    ...blocks.flatMap((lines, index) => (index === 0 ? lines : [textLine(""), ...lines])),
    textLine("}"),
  ];
}

function setLines(family: Family, set: NftSet): readonly PrintedLine[] {
  return [
    textLine(`\t${set.kind} ${set.name} {`, set.port?.because),
    textLine(`\t\ttype ${typeText(family, set)}`),
    ...(set.timeout === undefined
      ? []
      : [`\t\tsize ${MOST_REMEMBERED}`, "\t\tflags dynamic,timeout", `\t\ttimeout ${timeText(set.timeout)}`].map(
          (text) => textLine(text),
        )),
    ...(set.comment === undefined ? [] : [textLine(`\t\tcomment ${quoted(set.comment)}`)]),
    ...elementLines(family, set),
    textLine("\t}"),
  ];
}

/** What the kernel keeps in a set that rules fill, unless told otherwise. */
const MOST_REMEMBERED = 65535;

/** The type of a set's keys: `ipv4_addr . inet_proto . inet_service : verdict`. */
export function typeText(family: Family, { key, kind }: Pick<NftSet, "key" | "kind">): string {
  const types: Record<KeyPart, string> = {
    address: family === "IPv4" ? "ipv4_addr" : "ipv6_addr",
    protocol: "inet_proto",
    port: "inet_service",
  };
  return `${key.map((part) => types[part]).join(" . ")}${kind === "map" ? " : verdict" : ""}`;
}

/** One element a line, but two IPv4 addresses. */
function elementLines(family: Family, set: NftSet): readonly PrintedLine[] {
  const sorted = sortElements(set);
  const perLine = family === "IPv4" && set.key.length === 1 ? 2 : 1;
  const lines: PrintedLine[] = [];
  for (let start = 0; start < sorted.length; start += perLine) {
    const shown = sorted.slice(start, start + perLine);
    const lead = start === 0 ? "\t\telements = { " : "\t\t\t     ";
    const end = start + perLine < sorted.length ? "," : " }";
    lines.push(textLine(`${lead}${shown.map(elementText).join(", ")}${end}`, shown[0]?.because));
  }
  return lines;
}

function chainLines(family: Family, chain: NftChain): readonly PrintedLine[] {
  return [
    textLine(`\tchain ${chain.name} {`, chain.port?.because),
    ...(chain.comment === undefined ? [] : [textLine(`\t\tcomment ${quoted(chain.comment)}`)]),
    ...(chain.base === undefined ? [] : [textLine(`\t\t${baseText(chain.base)}`)]),
    ...chain.rules.map((rule) => textLine(`\t\t${ruleText("nft", family, rule)}`, rule.because)),
    textLine("\t}"),
  ];
}

const baseText = ({ type, hook, priority }: BaseChain): string =>
  `type ${type} hook ${hook.toLowerCase()} priority ${priorityText(hook, priority)}; policy accept;`;

/** nft names a priority that is near one that it has a name for at that hook. */
function priorityText(hook: BaseChain["hook"], priority: number): string {
  const named = priorities.find(
    ({ at, value }) => Math.abs(value - priority) <= 10 && (at === undefined || at === hook),
  );
  if (named === undefined) return String(priority);
  const rest = priority - named.value;
  return rest === 0 ? named.name : `${named.name} ${rest < 0 ? "-" : "+"} ${Math.abs(rest)}`;
}

const priorities: readonly { readonly name: string; readonly value: number; readonly at?: BaseChain["hook"] }[] = [
  { name: "dstnat", value: -100, at: "PREROUTING" },
  { name: "filter", value: 0 },
  { name: "srcnat", value: 100, at: "POSTROUTING" },
];

/** `3h`, `1d1h1m1s`: the units that are not zero. */
function timeText(seconds: number): string {
  const units = [
    [86400, "d"],
    [3600, "h"],
    [60, "m"],
    [1, "s"],
  ] as const;
  let rest = seconds;
  return units
    .map(([size, unit]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count === 0 ? "" : `${count}${unit}`;
    })
    .join("");
}
