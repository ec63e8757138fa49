import type { SourceRange } from "../../base/source.ts";
import type { DnsAnswer } from "../dns-answer.ts";
import type { ServiceVariable } from "../env.ts";
import type { Fraction } from "../netfilter/fraction.ts";
import type { ProtocolToken } from "../netfilter/packet.ts";
import type { FilterStep } from "../packet-filter.ts";
import type { PlannedPod } from "../pods.ts";
import type { PolicyAnswer } from "../policy/network-policy.ts";
import type { Address } from "../resolution.ts";
import type { SearchPath } from "../search-path.ts";
import type { ServedService } from "../served.ts";
import type { Client } from "./client.ts";
import type { Passing } from "./ends.ts";
import type { Note } from "./note.ts";
import type { Reply } from "./reply.ts";
import type { SimulatedRequest } from "./request.ts";
import type { Stop } from "./stop-reason.ts";
import type { Wire } from "./wire.ts";

/**
 * One request, followed from the client to whatever answers it. Chance appears as odds: the same request in the same
 * workspace always has the same trace.
 */
export interface Trace {
  readonly request: SimulatedRequest;
  readonly client: Client;
  /** `undefined` where the name led nowhere before a port was needed. */
  readonly port: TracedPort | undefined;
  readonly verdict: TraceVerdict;
  /** Why it is not delivered; of several ways that fail, the likeliest one's reason. */
  readonly stop: Stop | undefined;
  /** Everything that happens, in order. */
  readonly steps: readonly Step[];
  /** Every end that a connection may come to. The odds add up to exactly one, or there are none. */
  readonly ways: readonly Way[];
  /** The ways that arrive: those of {@link ways} that have an endpoint, in the same order. */
  readonly endpoints: readonly ReachedEndpoint[];
  /** What the likeliest endpoint sees as its client. */
  readonly clientAddressSeen: SeenAddress | undefined;
  readonly notes: readonly Note[];
}

/**
 * `refused`: the rules reject, or nothing can listen there · `dropped`: the client waits until its time-out ·
 * `unreachable`: the address belongs to nothing, or to nothing that the client has a route to · `unknown`: the manifests
 * cannot tell.
 */
export type TraceVerdict = "delivered" | "no-such-name" | "refused" | "dropped" | "unreachable" | "unknown";

/** A port, and where it comes from. */
export interface TracedPort {
  readonly number: number;
  /** `service`: the only one that the Service has · `assumed`: 80, as a browser would. */
  readonly from: "written" | "scheme" | "srv" | "service" | "assumed";
}

/** One end that a connection may come to. */
export interface Way {
  readonly odds: Fraction;
  readonly end: ReachedEndpoint | Stop;
}

/** The endpoint that a way led to, though NetworkPolicies may end it there. */
export function reachedEndpoint(end: Way["end"]): ReachedEndpoint | undefined {
  if (end.kind === "endpoint") return end;
  return end.reason.kind === "network-policy" ? end.reason.endpoint : undefined;
}

/** Where a connection arrives. */
export interface ReachedEndpoint {
  readonly kind: "endpoint";
  readonly address: Address;
  readonly port: number;
  readonly odds: Fraction;
  /** `undefined` for an address that no pod of the manifests has. */
  readonly pod: PlannedPod | undefined;
  /** The name of the pod, also where only a dump knows it. */
  readonly podName: string | undefined;
  readonly node: string | undefined;
  /** The container that declares the port. */
  readonly container: string | undefined;
  readonly listener: Listener;
  readonly route: Route;
  /** What brings the packet there from the node that sends it on; `undefined` where that is no other node. */
  readonly wire: Wire | undefined;
  /** The chain of the endpoint, where rules chose it. */
  readonly chain: string | undefined;
  /** `undefined` where the node that puts its own address there is not known. */
  readonly seen: SeenAddress | undefined;
  readonly because: SourceRange | undefined;
}

/**
 * What is known of the process behind a port. `declared` by a container · `targeted`: no container declares it, but a
 * Service sends its traffic there; it works if the process listens · `by-hand`: an address that is no pod's ·
 * `kube-proxy`: its own answers to the health checks of a load balancer.
 */
export type Listener = "declared" | "targeted" | "by-hand" | "kube-proxy";

/** How a packet gets from the node that chose to the endpoint. */
export type Route =
  /** It never leaves the pod. */
  | "same-pod"
  | "same-node"
  /** Wrapped, from node to node. */
  | "tunnel"
  /** Unwrapped, from node to node. */
  | "routed"
  /** To a process of the node itself. */
  | "host"
  /** To an address outside the cluster. */
  | "outside";

/** The address that an endpoint takes for its client's. */
export interface SeenAddress extends Address {
  /** Whether a node put its own address in the place of the client's. */
  readonly translated: boolean;
  /** Whose it is. */
  readonly of: "client" | "node" | "bridge" | "tunnel" | "service" | "load-balancer";
  readonly node: string | undefined;
}

/** What the NetworkPolicies of a pod make of a connection that comes to it or from it. */
export interface PolicyCheck {
  readonly direction: "egress" | "ingress";
  /** The pod whose policies are asked. */
  readonly pod: PlannedPod;
  /** The port of the receiving pod. */
  readonly port: number;
  readonly protocol: ProtocolToken;
  /** The port that the client called, where a Service translated it. */
  readonly called: number | undefined;
  /** Another node, whose address the policies see, because its rules are the ones that translate it. */
  readonly through: string | undefined;
  readonly answer: Exclude<PolicyAnswer, { readonly kind: "open" }>;
}

/** One thing that happens to a request. */
export type Step = StepBase &
  /** A variable of the destination, and what the client's container has there. */
  (
    | { readonly at: "environment"; readonly kind: "variable"; readonly variable: ServiceVariable }
    /** What a container sees was there when it started. */
    | { readonly at: "environment"; readonly kind: "order" }
    | { readonly at: "dns"; readonly kind: "literal"; readonly ip: string }
    | { readonly at: "dns"; readonly kind: "loopback"; readonly ip: string }
    /** Where questions go, and with which domains. */
    | { readonly at: "dns"; readonly kind: "search-path"; readonly path: SearchPath }
    | { readonly at: "dns"; readonly kind: "attempt"; readonly query: string; readonly answer: DnsAnswer }
    /** The name is that of a node. */
    | { readonly at: "dns"; readonly kind: "node"; readonly name: string; readonly address: Address }
    /** A port that the request did not name. */
    | { readonly at: "dns"; readonly kind: "port"; readonly port: TracedPort }
    | {
        readonly at: "source";
        readonly kind: "leaves";
        readonly address: Address;
        readonly node: string | undefined;
      }
    /** A client outside reaches a node first: the one that has the address, or one that something else chose. */
    | {
        readonly at: "source";
        readonly kind: "enters";
        readonly node: string;
        readonly why: "address" | "health-check" | "any";
      }
    | ChainStep
    /** No rule of a Service took the packet. */
    | {
        readonly at: "chain";
        readonly kind: "untouched";
        readonly node: string;
      }
    /** A load balancer ends the connection, and opens another one to a node port. */
    | { readonly at: "chain"; readonly kind: "balanced"; readonly served: ServedService; readonly to: string }
    /** The packet goes on to another node and passes its rules, too. */
    | { readonly at: "chain"; readonly kind: "hop"; readonly from: string; readonly to: string }
    | {
        readonly at: "choice";
        readonly endpoint: ReachedEndpoint;
        /** What chose: the rules of a node, or the client, among the addresses that DNS gave. */
        readonly by: "rules" | "dns" | "address";
        /** For how many seconds the client comes back to the same endpoint. */
        readonly affinity: number | undefined;
      }
    | { readonly at: "route"; readonly endpoint: ReachedEndpoint }
    | { readonly at: "policy"; readonly check: PolicyCheck }
    | { readonly at: "pod"; readonly endpoint: ReachedEndpoint }
    | { readonly at: "client"; readonly endpoint: ReachedEndpoint }
    | { readonly at: "reply"; readonly endpoint: ReachedEndpoint; readonly reply: Reply }
    | { readonly at: "stop"; readonly stop: Stop; readonly odds: Fraction }
  );

interface StepBase {
  readonly because: SourceRange | undefined;
  /**
   * The packets of the connection that it happens to, with what it makes of them: one, or one for each of several ways.
   * None where a name is looked up, where a request ends, and where an address is not known.
   */
  readonly packets?: readonly Passing[];
}

/** A rule that matched. */
export interface ChainStep extends StepBase {
  readonly at: "chain";
  readonly kind: "rule";
  readonly node: string;
  readonly rule: FilterStep;
  /** How many jumps deep. */
  readonly depth: number;
  /** It stands behind the choice of an endpoint. */
  readonly afterChoice: boolean;
  /** The ways that pass it, as places in the trace's list; all of them, for `undefined`. */
  readonly ways: readonly number[] | undefined;
}
