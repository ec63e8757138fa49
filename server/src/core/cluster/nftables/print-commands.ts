import type { Family } from "../../base/ip.ts";
import { type PrintedLine, textLine } from "../netfilter/printed-line.ts";
import { elementText, ipOf, quoted, ruleText } from "./print-rule.ts";
import { typeText } from "./print-table.ts";
import type { NftChain, NftSet, NftTable } from "./table.ts";

/**
 * The commands that make the table, in kube-proxy's own words, as input to `nft -f`: what it tells nft when there is no
 * table yet. What a command refers to stands before it.
 */
export function printCommands(table: NftTable): readonly PrintedLine[] {
  const { family } = table;
  const sets = [...table.sets.values()];
  const chains = [...table.chains.values()];
  return [
    textLine(`add table ${tableOf(family)} { comment ${quoted("rules for kube-proxy")} ; }`),
    ...chains.map((chain) => textLine(chainCommand(family, chain), chain.port?.because)),
    ...sets.map((set) => textLine(setCommand(family, set), set.port?.because)),
    ...chains.flatMap(({ name, rules }) =>
      rules.map((rule) =>
        textLine(`add rule ${tableOf(family)} ${name} ${ruleText("kube-proxy", family, rule)}`, rule.because),
      ),
    ),
    ...sets.flatMap(({ name, elements }) =>
      [...elements.values()].map((element) =>
        textLine(`add element ${tableOf(family)} ${name} { ${elementText(element)} }`, element.because),
      ),
    ),
  ];
}

const tableOf = (family: Family): string => `${ipOf(family)} kube-proxy`;

function chainCommand(family: Family, { name, base, comment }: NftChain): string {
  const traits = [
    ...(base === undefined ? [] : [`type ${base.type} hook ${base.hook.toLowerCase()} priority ${base.priority} ;`]),
    ...(comment === undefined ? [] : [`comment ${quoted(comment)} ;`]),
  ];
  return traits.length === 0
    ? `add chain ${tableOf(family)} ${name}`
    : `add chain ${tableOf(family)} ${name} { ${traits.join(" ")} }`;
}

function setCommand(family: Family, set: NftSet): string {
  const traits = [
    `type ${typeText(family, set)} ;`,
    ...(set.timeout === undefined ? [] : ["flags dynamic,timeout ;", `timeout ${set.timeout}s ;`]),
    ...(set.comment === undefined ? [] : [`comment ${quoted(set.comment)} ;`]),
  ];
  return `add ${set.kind} ${tableOf(family)} ${set.name} { ${traits.join(" ")} }`;
}
