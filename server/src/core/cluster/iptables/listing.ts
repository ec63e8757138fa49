import type { Family } from "../../base/ip.ts";
import type { Chain, Table } from "./rule.ts";
import { builtInChains } from "./rule-set-writer.ts";

/** Chains in the order in which iptables 1.8 lists them: built-in chains as the kernel runs them, then by name. */
export function listChains({ name, chains }: Pick<Table, "name" | "chains">): readonly Chain[] {
  const listed: Chain[] = builtInChains[name].flatMap((chain) => chains.get(chain) ?? []);
  // Names are sorted without a comparison of ours: there may be tens of thousands.
  for (const name of [...chains.keys()].sort()) {
    const chain = chains.get(name);
    if (chain !== undefined && chain.owner !== "kernel") listed.push(chain);
  }
  return listed;
}

/** The mask of a single address, which the `recent` match always prints. */
export const wholeMask = {
  IPv4: "255.255.255.255",
  IPv6: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
} as const satisfies Record<Family, string>;

/** Protocols as the numeric columns of listings have them. */
export const protocolNumbers = { all: "0", tcp: "6", udp: "17", sctp: "132" } as const;

/** What REJECT answers unless told otherwise. */
export const rejectWith = {
  IPv4: "icmp-port-unreachable",
  IPv6: "icmp6-port-unreachable",
} as const satisfies Record<Family, string>;

/** The sign before an option that is negated. */
export const bang = ({ negated }: { readonly negated: boolean }): string => (negated ? "! " : "");

/** A mark as the kernel's tools print it. */
export const hex = (value: number): string => `0x${value.toString(16)}`;

/** A mark and its mask; a mask of all bits goes without saying. */
export const markText = ({ value, mask }: { readonly value: number; readonly mask: number }): string =>
  mask === 0xffffffff ? hex(value) : `${hex(value)}/${hex(mask)}`;
