import { bareAddress } from "../netfilter/addresses.ts";
import type { Chain, ChainIndex, Match, Rule } from "./rule.ts";

/** Sorts the rules of a chain by the destination that they insist on; `undefined` for a chain that is quicker read. */
export function indexRules(rules: readonly Rule[]): ChainIndex | undefined {
  if (rules.length <= SHORT) return undefined;
  const index = new Map<string | undefined, Map<number | undefined, number[]>>();
  for (const [position, { matches }] of rules.entries()) {
    const address = addressOf(matches);
    const port = portOf(matches);
    const byPort = index.get(address);
    const positions = byPort?.get(port);
    if (positions !== undefined) positions.push(position);
    else if (byPort !== undefined) byPort.set(port, [position]);
    else index.set(address, new Map([[port, [position]]]));
  }
  return index;
}

/** Chains up to this length are quicker read from the top. */
const SHORT = 32;

/**
 * The positions, from one on, of the rules that a packet to a destination must be tried against, in order: all of a short
 * chain, else those that insist on that destination or leave it open.
 */
export function findCandidates(
  { rules, index }: Chain,
  to: { readonly destination: string; readonly port: number },
  from: number,
): readonly number[] {
  if (index === undefined) return rules.map((_, position) => position).slice(from);
  const positions: number[] = [];
  for (const address of [to.destination, undefined]) {
    for (const port of [to.port, undefined]) {
      for (const position of index.get(address)?.get(port) ?? []) if (position >= from) positions.push(position);
    }
  }
  return positions.sort((a, b) => a - b);
}

/** The rules that insist on an address as their destination, at whatever port, in order. */
export function rulesTo({ rules, index }: Chain, address: string): readonly Rule[] {
  if (index === undefined) return rules.filter(({ matches }) => addressOf(matches) === address);
  const positions = [...(index.get(address)?.values() ?? [])].flat().sort((a, b) => a - b);
  return positions.flatMap((position) => rules[position] ?? []);
}

/** The one destination address that a rule insists on. */
function addressOf(matches: readonly Match[]): string | undefined {
  for (const match of matches) {
    if (match.kind === "destination" && !match.negated) {
      const address = bareAddress(match.block);
      if (!address.includes("/")) return address;
    }
  }
  return undefined;
}

function portOf(matches: readonly Match[]): number | undefined {
  for (const match of matches) if (match.kind === "dport") return match.port;
  return undefined;
}
