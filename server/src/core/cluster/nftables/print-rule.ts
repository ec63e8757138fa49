import { type Family, hostPort } from "../../base/ip.ts";
import { mergeBlocks, shortBlock } from "./intervals.ts";
import type { Choice, Field, NftEffect, NftElement, NftMatch, NftRule, NftTarget, NftVerdict } from "./table.ts";
import { keyText } from "./table.ts";

/** Who writes: `nft`, when it lists what the kernel has, or kube-proxy, when it tells nft what it wants. */
export type Speaker = "nft" | "kube-proxy";

/** A rule without its chain, as it stands in a listing or in a command. */
export function ruleText(speaker: Speaker, family: Family, rule: NftRule): string {
  return joinRule(speaker, family, rule, targetText(speaker, family, rule.target));
}

/**
 * A rule as nft lists it, with nothing of its map but what a packet found there:
 * `ip daddr . meta l4proto . th dport vmap @service-ips { 10.96.0.1 . tcp . 443 : goto service-… }`.
 */
export function matchedText(family: Family, rule: NftRule, matched: NftRule | NftElement | Choice): string {
  const { target } = rule;
  if (target.kind === "vmap" && "key" in matched) {
    return joinRule("nft", family, rule, `${targetText("nft", family, target)} { ${elementText(matched)} }`);
  }
  if (target.kind === "random" && "target" in matched && !("chain" in matched)) {
    const place = target.choices.indexOf(matched);
    return joinRule("nft", family, rule, randomText("nft", family, target.choices, [place]));
  }
  return ruleText("nft", family, rule);
}

/** An element of a set or map: `tcp . 30081 comment "shop/empty" : goto reject-chain`. */
export function elementText({ key, verdict, comment }: NftElement): string {
  const named = comment === undefined ? keyText(key) : `${keyText(key)} comment ${quoted(comment)}`;
  return verdict === undefined ? named : `${named} : ${verdictText(verdict)}`;
}

/** A text in double quotes, which nft cannot escape: names of objects contain none. */
export const quoted = (text: string): string => `"${text}"`;

function joinRule(speaker: Speaker, family: Family, rule: NftRule, target: string): string {
  return [
    ...rule.matches.map((match) => matchText(speaker, family, match)),
    ...rule.effects.map((effect) => effectText(speaker, family, effect)),
    target,
    rule.comment === undefined ? "" : `comment ${quoted(rule.comment)}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function matchText(speaker: Speaker, family: Family, match: NftMatch): string {
  switch (match.kind) {
    case "ct-new":
      return "ct state new";
    case "ct-dnat":
      return "ct status dnat";
    case "address":
      return [fieldText(family, match.side), ...(match.negated ? ["!="] : []), blocksText(speaker, match)].join(" ");
    case "in-set":
      return `${fieldsText(family, match.key)} @${match.set}`;
    case "protocol":
      return `meta l4proto ${match.protocol}`;
    case "dport":
      return `${match.protocol} dport ${match.port}`;
    case "local":
      return `fib ${match.side === "source" ? "saddr" : "daddr"} type local`;
    case "in-interface": {
      const name = speaker === "nft" ? quoted(match.name) : match.name;
      return `${match.by} ${match.negated ? "!= " : ""}${name}`;
    }
    case "marked":
      return markedText(speaker, match);
  }
}

function markedText(speaker: Speaker, { mask, negated }: Extract<NftMatch, { kind: "marked" }>): string {
  const operator = negated ? "!=" : "==";
  if (speaker === "kube-proxy") return `mark and ${markText(mask)} ${operator} 0`;
  // A mask whose one bit is the highest looks to nft like the length of a block.
  if (mask === 2 ** 31) return `meta mark ${negated ? "!= " : ""}${markText(0)}/1`;
  return `meta mark & ${markText(mask)} ${operator} ${markText(0)}`;
}

/** nft keeps the braces of a set that was given more than one element, whatever is left of it. */
function blocksText(speaker: Speaker, { blocks, asSet }: Extract<NftMatch, { kind: "address" }>): string {
  if (speaker === "kube-proxy") return asSet ? `{ ${blocks.join(" , ")} }` : blocks.join();
  return asSet && blocks.length > 1 ? `{ ${mergeBlocks(blocks).join(", ")} }` : blocks.map(shortBlock).join();
}

function effectText(speaker: Speaker, family: Family, effect: NftEffect): string {
  switch (effect.kind) {
    case "mark": {
      const value = markText(effect.value);
      if (speaker === "kube-proxy") return `mark set mark ${effect.how} ${value}`;
      return `meta mark set meta mark ${effect.how === "or" ? "|" : "^"} ${value}`;
    }
    case "remember":
      return `update @${effect.set} { ${fieldText(family, "source")} }`;
  }
}

function targetText(speaker: Speaker, family: Family, target: NftTarget): string {
  switch (target.kind) {
    case "none":
      return "";
    case "jump":
    case "goto":
      return `${target.kind} ${target.chain}`;
    case "return":
    case "drop":
    case "reject":
      return target.kind;
    case "masquerade":
      return "masquerade fully-random";
    case "dnat":
      return `dnat to ${hostPort(target.ip, target.port)}`;
    case "vmap":
      return `${fieldsText(family, target.key)} vmap @${target.map}`;
    case "random":
      return randomText(
        speaker,
        family,
        target.choices,
        target.choices.map((_, place) => place),
      );
  }
}

/** A choice by chance, of which some are shown. */
function randomText(speaker: Speaker, family: Family, choices: readonly Choice[], places: readonly number[]): string {
  const shown = places.flatMap((place) => {
    const target = choices[place]?.target;
    if (target === undefined) return [];
    return [`${place} : ${target.kind === "goto" ? verdictText(target) : `${target.ip} . ${target.port}`}`];
  });
  const map = `{ ${shown.join(speaker === "nft" ? ", " : " , ")} }`;
  const choice = `numgen random mod ${choices.length}`;
  if (choices[0]?.target.kind !== "dnat") return `${choice} vmap ${map}`;
  const translated = speaker === "nft" ? ipOf(family) : `${ipOf(family)} addr . port`;
  return `dnat ${translated} to ${choice} map ${map}`;
}

const verdictText = (verdict: NftVerdict): string => (verdict.kind === "goto" ? `goto ${verdict.chain}` : verdict.kind);

const fieldsText = (family: Family, fields: readonly Field[]): string =>
  fields.map((field) => fieldText(family, field)).join(" . ");

function fieldText(family: Family, field: Field): string {
  switch (field) {
    case "source":
      return `${ipOf(family)} saddr`;
    case "destination":
      return `${ipOf(family)} daddr`;
    case "protocol":
      return "meta l4proto";
    case "dport":
      return "th dport";
  }
}

/** The family as nft calls it, in tables as in matches. */
export const ipOf = (family: Family): "ip" | "ip6" => (family === "IPv4" ? "ip" : "ip6");

const markText = (mark: number): string => `0x${mark.toString(16).padStart(8, "0")}`;
