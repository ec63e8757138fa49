import type { SourceRange } from "../../base/source.ts";
import type { Endpoint, ServicePort } from "../kube-proxy/proxy-input.ts";
import type { Assumption, Undecided } from "./condition.ts";
import type { Fraction } from "./fraction.ts";

/**
 * All that can happen to a packet. The odds of the branches add up to exactly one; where they depend on assumptions,
 * those of all branches whose assumptions are true.
 */
export interface Walk<Step extends StepFacts = StepFacts> {
  readonly branches: readonly Branch<Step>[];
  /** How many leading steps all branches have in common. */
  readonly shared: number;
}

/** One of the things that can happen. */
export interface Branch<Step extends StepFacts = StepFacts> {
  readonly odds: Fraction;
  /** The rules that matched, in order. Branches share the objects of their common steps. */
  readonly steps: readonly Step[];
  readonly verdict: Verdict;
  /** What is taken to be so, in the order in which it was asked. None for rules that tell everything. */
  readonly assumptions?: readonly Assumption[];
}

/** How it ends. */
export type Verdict =
  /** Sent on to an endpoint. `masqueraded`: it sees an address of the node, not that of the client. */
  | {
      readonly kind: "delivered";
      readonly ip: string;
      readonly port: number;
      readonly masqueraded: boolean;
      /** Whether the endpoint's address is one of the node's own. */
      readonly onThisNode: boolean;
      readonly endpoint: Endpoint | undefined;
      /** The address that it carries as its source, where the node has chosen another one than the client's. */
      readonly from?: string;
    }
  /** No Service took it: it goes on to where it was sent. */
  | { readonly kind: "unchanged"; readonly masqueraded: boolean; readonly toThisNode: boolean }
  /** Answered with an ICMP error: the client sees "connection refused". */
  | { readonly kind: "rejected" }
  /** Never answered: the client waits until its time-out. Also what has left the node with a loopback address. */
  | { readonly kind: "dropped" }
  /** The rules do not tell. */
  | { readonly kind: "unknown"; readonly because: Undecided };

/** The places where the kernel consults its rules. */
export type Hook = "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING";

/** A rule that matched, by all that a walk through any kind of packet filter tells of it. */
export interface StepFacts {
  /** What matched: one object for each rule, or for each element of a map that a rule looks up. */
  readonly matched: object;
  readonly hook: Hook;
  readonly table: string;
  /** The chain where the kernel handed the packet over, such as `PREROUTING`. */
  readonly base: string;
  readonly chain: string;
  readonly action: Action;
  /** The chance that it matched, given that it was reached. */
  readonly chance: Fraction;
  /** The service port that it is written for; `undefined` for rules that every node has. */
  readonly port: ServicePort | undefined;
  /** The endpoint that it is about. */
  readonly endpoint: Endpoint | undefined;
  /** The YAML behind it: that of the endpoint, else of the port. */
  readonly because: SourceRange | undefined;
}

/** What a rule does to a packet that it matches. */
export type Action =
  | { readonly kind: "none" | "return" | "accept" | "drop" | "reject" | "mark" | "masquerade" }
  /** To a chain, to come back or not. */
  | { readonly kind: "jump"; readonly chain: string }
  | { readonly kind: "dnat"; readonly ip: string; readonly port: number }
  /** To kube-proxy itself: at an address of the node, or at that of the interface by which the packet came. */
  | { readonly kind: "to-proxy"; readonly ip: string | undefined };

/** Branches with the number of leading steps that all of them have in common. */
export function walkOf<Step extends StepFacts>(branches: readonly Branch<Step>[]): Walk<Step> {
  const [first, ...others] = branches;
  const differs = first?.steps.findIndex((step, index) => others.some(({ steps }) => steps[index] !== step)) ?? 0;
  return { branches, shared: differs < 0 ? (first?.steps.length ?? 0) : differs };
}
