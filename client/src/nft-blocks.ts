import * as vscode from "vscode";
import type { Chain } from "./chains.ts";

/**
 * The sets, maps and chains of a text about nftables: blocks in what `nft list` prints, and in input to `nft -f` the
 * commands that fill what another one declares.
 */
export function nftBlocks(lines: readonly string[]): readonly Chain[] {
  const blocks: Chain[] = [];
  for (const [index, line] of lines.entries()) {
    const [, lead, name] = /^(\s+(?:chain|set|map) |add (?:chain|set|map) \S+ \S+ )([\w./-]+)/.exec(line) ?? [];
    if (lead === undefined || name === undefined) continue;
    const range = new vscode.Range(index, lead.length, index, lead.length + name.length);
    const [start, end] = lead.startsWith("add ") ? runOf(name, lines, index) : [index, endOfBlock(lines, index)];
    blocks.push({ name, range, start, end });
  }
  return blocks;
}

/** The tables of what `nft list ruleset` prints, each by family and name. */
export function nftTables(lines: readonly string[]): readonly Chain[] {
  return lines.flatMap((line, index): Chain[] => {
    const [, lead, name] = /^(table )((?:ip6?|inet|arp|bridge|netdev) \S+) \{/.exec(line) ?? [];
    if (lead === undefined || name === undefined) return [];
    const range = new vscode.Range(index, lead.length, index, lead.length + name.length);
    return [{ name, range, start: index, end: endOfBlock(lines, index) }];
  });
}

/** Up to the brace that closes a block, which stands as far in as the block began. */
function endOfBlock(lines: readonly string[], start: number): number {
  const [indentation = ""] = /^\s*/.exec(lines[start] ?? "") ?? [];
  let end = start + 1;
  while (end < lines.length && lines[end] !== `${indentation}}`) end += 1;
  return Math.min(end + 1, lines.length);
}

/** The lines that add rules to a chain, or elements to a set; its declaration, where there are none. */
function runOf(name: string, lines: readonly string[], declared: number): readonly [number, number] {
  const adds = (line: string | undefined): boolean => {
    const [, to] = /^add (?:rule|element) \S+ \S+ (\S+) /.exec(line ?? "") ?? [];
    return to === name;
  };
  const start = lines.findIndex((line, index) => index > declared && adds(line));
  if (start < 0) return [declared, declared + 1];
  let end = start + 1;
  while (adds(lines[end])) end += 1;
  return [start, end];
}
