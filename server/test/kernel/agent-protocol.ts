/** What an agent is asked to do. */
export type Order =
  | { readonly do: "listen"; readonly ip: string; readonly port: number }
  | {
      readonly do: "connect";
      readonly ip: string;
      readonly port: number;
      readonly count: number;
      /** How many connections at a time. */
      readonly parallel: number;
      /** Milliseconds after which no answer is taken for silence. */
      readonly patience: number;
    };

/** What came of an order: one observation per connection. */
export type Answer = { readonly observations: readonly Observation[] } | { readonly failure: string };

/** What a client saw of one connection. */
export type Observation =
  /** Somebody answered: which address and port it has, and which address it saw as its client's. */
  | { readonly kind: "reached"; readonly by: string; readonly sees: string }
  | { readonly kind: "refused" }
  | { readonly kind: "silent" }
  | { readonly kind: "failed"; readonly code: string };
