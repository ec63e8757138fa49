import type { RuleSet } from "../iptables/rule.ts";
import { entryText, type IpSet } from "../netfilter/ip-set.ts";
import { type PrintedLine, textLine } from "../netfilter/printed-line.ts";

/**
 * What `ipset -sorted save` prints, and `ipset restore` reads: how sets are made, and what is put into them. What newer
 * kernels add to the first line, `bucketsize` and `initval`, is left to chance there and left out here.
 */
export const printSetsSaved = (sets: Iterable<IpSet>): readonly PrintedLine[] =>
  [...sets].flatMap((set) => [
    textLine(`create ${set.name} ${set.type} ${headerText(set)}`),
    ...set.entries.map((entry) => textLine(`add ${set.name} ${entryText(entry)}`, entry.cause.because)),
  ]);

/**
 * What `ipset -sorted list` prints, without the lines that the kernel alone knows: the revision of a set's type and its
 * size in memory.
 * @param rules the rules that refer to the sets
 */
export const printSetsListed = (sets: Iterable<IpSet>, rules: RuleSet): readonly PrintedLine[] =>
  [...sets].flatMap((set, position) => [
    ...(position === 0 ? [] : [textLine("")]),
    textLine(`Name: ${set.name}`),
    textLine(`Type: ${set.type}`),
    textLine(`Header: ${headerText(set)}`),
    textLine(`References: ${countReferences(rules, set.name)}`),
    textLine(`Number of entries: ${set.entries.length}`),
    textLine("Members:"),
    ...set.entries.map((entry) => textLine(entryText(entry), entry.cause.because)),
  ]);

const headerText = ({ type, family }: IpSet): string =>
  type === "bitmap:port"
    ? "range 0-65535"
    : `family ${family === "IPv4" ? "inet" : "inet6"} hashsize 1024 maxelem 65536`;

function countReferences({ tables }: RuleSet, name: string): number {
  let count = 0;
  for (const { chains } of tables.values()) {
    for (const { rules } of chains.values()) {
      for (const { matches } of rules) {
        count += matches.filter((match) => match.kind === "set" && match.set === name).length;
      }
    }
  }
  return count;
}
