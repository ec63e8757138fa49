import { assertNever } from "../../base/source.ts";
import { isInBlock } from "../netfilter/addresses.ts";
import type { PacketState } from "../netfilter/flow.ts";
import { isLocalAddress, type RecentLists } from "../netfilter/packet.ts";
import { type Field, keyText, type NftElement, type NftMatch, type NftRule, type NftTable } from "./table.ts";

/** A node as packets meet it. */
export interface FilteringNode {
  readonly table: NftTable;
  readonly localAddresses: ReadonlySet<string>;
  readonly recent: RecentLists;
}

/** Whether all matches of a rule hold. */
export const matchesPacket = (rule: NftRule, packet: PacketState, node: FilteringNode): boolean =>
  rule.matches.every((match) => holds(match, packet, node));

/** What a set or map has for a packet; `undefined` for nothing. */
export const findElement = (
  { table }: FilteringNode,
  set: string,
  key: readonly Field[],
  packet: PacketState,
): NftElement | undefined => table.sets.get(set)?.elements.get(keyText(key.map((field) => partOf(field, packet))));

function holds(match: NftMatch, packet: PacketState, node: FilteringNode): boolean {
  switch (match.kind) {
    case "ct-new":
      return packet.ctState === "NEW";
    case "ct-dnat":
      return packet.translated;
    case "address":
      return match.blocks.some((block) => isInBlock(partOf(match.side, packet), block)) !== match.negated;
    case "in-set":
      return (
        findElement(node, match.set, match.key, packet) !== undefined ||
        (node.recent.get(match.set)?.has(keyText(match.key.map((field) => partOf(field, packet)))) ?? false)
      );
    case "protocol":
      return match.protocol === packet.protocol;
    case "dport":
      return match.protocol === packet.protocol && match.port === packet.port;
    case "local":
      return isLocalAddress(node.localAddresses, partOf(match.side, packet));
    case "in-interface":
      return isInterface(packet.inInterface, match.name) !== match.negated;
    case "marked":
      return ((packet.mark & match.mask) === 0) === !match.negated;
    default:
      return assertNever(match);
  }
}

function partOf(field: Field, packet: PacketState): string {
  switch (field) {
    case "source":
    case "destination":
    case "protocol":
      return packet[field];
    case "dport":
      return String(packet.port);
  }
}

/** What the node itself sends has no interface that it came in by: its name is empty. */
const isInterface = (name: string | undefined, pattern: string): boolean =>
  pattern.endsWith("*") ? (name?.startsWith(pattern.slice(0, -1)) ?? false) : name === pattern;
