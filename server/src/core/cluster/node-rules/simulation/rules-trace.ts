import type { Capture } from "../../iptables/reading/capture.ts";
import type { ConnectError } from "../../iptables/reject-answer.ts";
import type { IptablesStep } from "../../iptables/run-chain.ts";
import type { Assumption, Undecided } from "../../netfilter/condition.ts";
import type { Fraction } from "../../netfilter/fraction.ts";
import type { Bridge } from "../../netfilter/packet.ts";
import type { SimulatedRequest } from "../../simulation/request.ts";
import type { PortName } from "../comment-name.ts";
import type { OtherProxy } from "../node-facts.ts";
import type { FoundPort } from "../port-names.ts";

/** One request, followed through the rules of a real node. */
export interface RulesTrace {
  readonly request: SimulatedRequest;
  readonly capture: Capture;
  readonly client: RulesClient;
  /** `undefined` where the name is nobody's in these rules. */
  readonly destination: RulesDestination | undefined;
  /**
   * Every end that a connection may come to. Where they depend on assumptions, the odds of all those whose assumptions
   * are true add up to exactly one.
   */
  readonly ways: readonly RulesWay[];
  /** How many leading rules all ways have in common. */
  readonly shared: number;
  readonly notes: readonly RulesNote[];
}

/** Who sends the request. */
export interface RulesClient {
  readonly kind: "pod" | "node" | "external";
  /** As it was named. */
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  /** Whether the address was given, is known of it, or stands for any that such a client may have. */
  readonly known: "given" | "known" | "stand-in";
}

/** Where the request goes. */
export interface RulesDestination {
  readonly ip: string;
  readonly port: number;
  /** How the name became an address. */
  readonly by:
    | { readonly kind: "literal" }
    /** The address of a Service, as a rule gives it. */
    | { readonly kind: "rules"; readonly name: PortName }
    /** The cluster IP that a manifest gives a Service which the rules do not name. */
    | { readonly kind: "manifest"; readonly name: string }
    /** The node of the rules itself. */
    | { readonly kind: "node"; readonly known: RulesClient["known"] };
  /** Whether the port was given, or is the only one of the Service, or is what a browser would take. */
  readonly portFrom: "given" | "service" | "assumed";
}

/** One way that a connection may go. */
export interface RulesWay {
  readonly odds: Fraction;
  readonly assumptions: readonly Assumption[];
  readonly steps: readonly IptablesStep[];
  readonly end: RulesEnd;
}

/** How a way ends. */
export type RulesEnd =
  | {
      readonly kind: "endpoint";
      readonly ip: string;
      readonly port: number;
      /** Whether the node puts another address in the place of the client's: its own, or one that a rule names. */
      readonly seen: { readonly of: "client" | "node" } | { readonly of: "rule"; readonly ip: string };
      /** The service port whose endpoint it is. */
      readonly service: FoundPort | undefined;
      readonly chain: string | undefined;
    }
  /**
   * No rule translated it: it goes on to where it was sent, with the client's address or another one. `isSure`: all of
   * the rules that could have done so are shown.
   */
  | {
      readonly kind: "untouched";
      readonly toThisNode: boolean;
      readonly masqueraded: boolean;
      readonly isSure: boolean;
    }
  /** `undefined` for an answer of which nobody knows what it tells the client. */
  | { readonly kind: "rejected"; readonly error: ConnectError | undefined }
  | { readonly kind: "dropped" }
  | { readonly kind: "unknown"; readonly because: Undecided };

/** What a reader should know besides. */
export type RulesNote =
  /** The text has the rules of several nodes of the family; the first counts. */
  | { readonly kind: "several-nodes"; readonly count: number }
  /** Rules of kube-proxy's stand here without a condition that it always writes. */
  | { readonly kind: "lost-conditions" }
  /** Tables that the text does not show, so that what they would do is not known. */
  | { readonly kind: "missing-tables"; readonly tables: readonly string[] }
  /** Tables of which the text shows only a part. */
  | { readonly kind: "partial-tables"; readonly tables: readonly string[] }
  /** The text does not show the jumps from the built-in chains: those that kube-proxy inserts were added. */
  | { readonly kind: "jumps-added" }
  /** kube-proxy runs in a mode in which something else than these rules chooses the endpoint. */
  | { readonly kind: "proxy-mode"; readonly mode: "ipvs" | "userspace" }
  /** There are no rules of kube-proxy's at all, but perhaps of something that does its work, or comes before it. */
  | { readonly kind: "no-kube-proxy"; readonly other: OtherProxy | undefined }
  /** No rule tells the network of the pods: endpoints are taken to be none of the node's own addresses. */
  | { readonly kind: "endpoints-elsewhere" }
  /** The name is one of the cluster's, which the resolver of a node may not know. */
  | { readonly kind: "name-of-the-cluster" }
  /** No manifest has the pod: it is taken for any pod of this node. */
  | { readonly kind: "any-pod"; readonly name: string }
  /** The interface that stands for that of the client, and how many pods on the node have one. */
  | { readonly kind: "pod-interface"; readonly name: string; readonly count: number }
  /** Bridges that are taken to lead to the networks that rules name with them, and nowhere else. */
  | { readonly kind: "bridges"; readonly bridges: readonly Bridge[] }
  /** The rules serve the address at other ports only. */
  | { readonly kind: "other-ports"; readonly ip: string; readonly ports: readonly string[] };
