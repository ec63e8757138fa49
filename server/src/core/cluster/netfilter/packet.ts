import type { Cidr } from "../../base/ip.ts";
import type { Protocol } from "../kube-proxy/proxy-input.ts";

/** A transport protocol, as packet filters and URLs spell it. */
export type ProtocolToken = "tcp" | "udp" | "sctp";

/** The token of a protocol that the Service API names. */
export const protocolToken = (protocol: Protocol): ProtocolToken => tokens[protocol];

const tokens = { TCP: "tcp", UDP: "udp", SCTP: "sctp" } as const satisfies Record<Protocol, ProtocolToken>;

/** What conntrack says of a packet; `SNAT` and `DNAT`: an address of its connection was translated. */
export type CtState = "NEW" | "ESTABLISHED" | "RELATED" | "INVALID" | "UNTRACKED" | "SNAT" | "DNAT";

/** The first packet of a connection, as it reaches the packet filter of a node. */
export interface Packet {
  readonly protocol: ProtocolToken;
  readonly source: string;
  readonly destination: string;
  readonly destinationPort: number;
  /** `arrives` from a pod or from outside; `sent` by a process on the node itself, host-network pods included. */
  readonly origin: "arrives" | "sent";
  /** The interface it arrives by; matters only where pods are told by interface. */
  readonly inInterface?: string;
  /** It arrives by an interface of which nobody knows the name; it is not loopback's. */
  readonly byUnknownInterface?: boolean;
  /** Interfaces that it certainly does not arrive by; a name that ends in `+` is the beginning of many. */
  readonly notByInterfaces?: readonly string[];
  /** Whether it entered through a port of a bridge; matters only to rules for external IPs up to 1.18. */
  readonly throughBridgePort?: boolean;
  /** `NEW` unless given. Packets of known connections are not translated anew. */
  readonly state?: CtState;
  /** 0 unless given. */
  readonly mark?: number;
}

/** An interface that leads to one network, and to nothing else. */
export interface Bridge {
  readonly name: string;
  /** All that comes by it comes from here, and what goes elsewhere leaves by another interface. */
  readonly network: Cidr;
  /** Whether all of the network is behind it; else some may be on other nodes. */
  readonly isWhole: boolean;
}

/** What a walk needs to know of the node besides its rules. */
export interface HostFacts {
  /** The addresses of its interfaces; loopback is understood. */
  readonly localAddresses: readonly string[];
  /** Whether an address may be one of them all the same. If not given, none may. */
  readonly mayBeLocal?: (address: string) => boolean;
  /** Bridges of which the rules tell the network. If not given, none. */
  readonly bridges?: readonly Bridge[];
  /** The interfaces of all pods on the node. If not given, nobody knows. */
  readonly podInterfaces?: readonly string[];
  /** Session affinity: which sources each list has seen within its time. A fresh client is in none. */
  readonly recent?: RecentLists;
}

/** Source addresses by the name of the list or set that remembers them; there is one for each endpoint. */
export type RecentLists = ReadonlyMap<string, ReadonlySet<string>>;

/** Whether an address is one of the node's own. Loopback always is. */
export const isLocalAddress = (localAddresses: ReadonlySet<string>, address: string): boolean =>
  localAddresses.has(address) || isLoopback(address);

/** Whether an address is one that every host calls its own. */
export const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1";

/**
 * Whether somebody beyond the node would answer a packet that leaves it. Who gets one from a loopback address over a wire
 * throws it away. Masquerading helps in IPv4, where kube-proxy sets `route_localnet`; IPv6 has nothing like it.
 */
export const mayLeave = (source: string, masqueraded: boolean): boolean =>
  !isLoopback(source) || (masqueraded && source !== "::1");
