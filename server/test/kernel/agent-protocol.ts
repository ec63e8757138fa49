import type { Protocol } from "../../src/core/cluster/kube-proxy/proxy-input.ts";

/** What an agent is asked to do. */
export type Order =
  | { readonly do: "listen"; readonly protocol: Protocol; readonly ip: string; readonly port: number }
  | {
      readonly do: "connect";
      readonly protocol: Protocol;
      readonly ip: string;
      readonly port: number;
      /** The address to ask from; without it the kernel chooses. */
      readonly from?: string;
      readonly count: number;
      /** How many connections at a time. */
      readonly parallel: number;
      /** Milliseconds after which no answer is taken for silence. */
      readonly patience: number;
    };

/** One connection of an order. */
export type Call = Pick<Extract<Order, { do: "connect" }>, "ip" | "port" | "from" | "patience">;

/** What came of an order: one observation per connection. */
export type Answer = { readonly observations: readonly Observation[] } | { readonly failure: string };

/** What a client saw of one connection. */
export type Observation =
  /** Somebody answered: which address and port it has, and which address it saw as its client's. */
  | Reached
  | { readonly kind: "refused" }
  | { readonly kind: "silent" }
  | { readonly kind: "failed"; readonly code: string };

export interface Reached {
  readonly kind: "reached";
  readonly by: string;
  readonly port: number;
  readonly sees: string;
}

/** What whoever listens says to each client, and what the client makes of it. */
export const greeting = (by: string, port: number, sees: string): string => `${by} ${port} ${sees}`;

export function readGreeting(text: string): Reached {
  const [by = "", port = "", sees = ""] = text.split(" ");
  return { kind: "reached", by, port: Number(port), sees };
}
