import type { Message } from "../../base/message.ts";
import type { ProtocolToken } from "../netfilter/packet.ts";

/** A request to follow: who sends it, and where to. */
export interface SimulatedRequest {
  readonly source: RequestSource;
  readonly destination: RequestDestination;
  readonly protocol: ProtocolToken;
}

/** A request as it was typed, before the variables in it have values. */
export interface TypedRequest {
  readonly source: RequestSource;
  readonly destination: RequestDestination | VariableDestination;
  /** `undefined` where nothing but the destination says it. */
  readonly protocol: ProtocolToken | undefined;
}

/** Who sends a request. */
export type RequestSource =
  /** Any pod of a workload, or a pod by its own name, of which the kind is `Pod`. */
  | {
      readonly kind: "workload";
      /** In the spelling of the API where it is a well-known kind, else as typed. */
      readonly workloadKind: string;
      readonly namespace: string | undefined;
      readonly name: string;
    }
  /** A process on a node. */
  | { readonly kind: "node"; readonly name: string }
  /** A host outside the cluster; without an address any host. */
  | { readonly kind: "external"; readonly ip: string | undefined };

/** Where a request goes, as it would be typed in a shell. */
export interface RequestDestination {
  /** A name in the case it was typed, or an address in canonical text. */
  readonly host: string;
  /** `undefined` where none was typed. */
  readonly port: number | undefined;
  /** What the scheme has for a port where none was typed. */
  readonly schemePort: number | undefined;
  /** Lower case; `undefined` without `scheme://`. */
  readonly scheme: string | undefined;
  /** What the scheme travels over, where it says so. */
  readonly protocol: ProtocolToken | undefined;
  /** What was typed, where variables stood for it. */
  readonly typed: string | undefined;
}

/** Where a request goes once the environment of a container has filled it in. */
export interface VariableDestination {
  /** As it was typed, up to the path of a URL. */
  readonly text: string;
  /** The names of its variables, in order. */
  readonly variables: readonly string[];
}

/** Text that is no request, and what would be one. */
export interface RequestError {
  readonly error: Message;
}

/** A request whose destination has no variables, or none any more. Without a protocol that of the scheme counts, else TCP. */
export const requestTo = (
  { source, protocol }: Pick<TypedRequest, "source" | "protocol">,
  destination: RequestDestination,
): SimulatedRequest => ({ source, destination, protocol: protocol ?? destination.protocol ?? "tcp" });
