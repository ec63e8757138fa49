import { hostPort } from "../../base/ip.ts";
import type { Address } from "../resolution.ts";

/** The addresses and ports that a packet carries. */
export interface Ends {
  readonly source: End;
  readonly destination: End;
}

/** One of them. */
export interface End {
  readonly address: Address;
  /** `undefined` for the one that the client's kernel picks. */
  readonly port: number | undefined;
}

/** A packet that comes to something, and as it leaves it. */
export interface Passing {
  readonly before: Ends;
  /** `undefined` where nothing changes. */
  readonly after: Ends | undefined;
}

/** What a client sends. */
export const endsFrom = (source: Address, destination: Address, port: number): Ends => ({
  source: { address: plain(source), port: undefined },
  destination: { address: plain(destination), port },
});

const plain = ({ ip, origin }: Address): Address => ({ ip, origin });

/** What an answer to a packet carries. */
export const answering = ({ source, destination }: Ends): Ends => ({ source: destination, destination: source });

/** A packet that passes something: changed, if what leaves it is not what came. */
export const passing = (before: Ends, after: Ends = before): Passing => ({
  before,
  after: before === after || textOf(before) === textOf(after) ? undefined : after,
});

/** Each packet that some ways have at the same place, once. */
export function distinctPassings(some: readonly Passing[]): readonly Passing[] {
  const each = new Map<string, Passing>();
  // Ways that have not parted yet share their packets.
  for (const one of new Map(some.map((each) => [each.after ?? each.before, each])).values()) {
    const key = `${textOf(one.before)} ${one.after ? textOf(one.after) : ""}`;
    if (!each.has(key)) each.set(key, one);
  }
  return [...each.values()];
}

const textOf = ({ source, destination }: Ends): string => `${endText(source)} ${endText(destination)}`;

const endText = ({ address: { ip }, port }: End): string => hostPort(ip, port ?? 0);
