import type { Cidr } from "../../base/ip.ts";
import type { Protocol, WorkloadManifest } from "../../manifest/model.ts";
import type { Labelled } from "./label-query.ts";

/** A connection, as the policies about one of its two pods see it. */
export interface PolicyQuestion {
  readonly direction: "ingress" | "egress";
  /** Whose policies are asked: the receiving pod's for ingress, the sending one's for egress. */
  readonly pod: WorkloadManifest;
  readonly labels: Labelled;
  /** Everybody that the other side may look like to the network plugin; each of them must be let through. */
  readonly peers: readonly Peer[];
  /** Why it may look like several. */
  readonly doubt: Doubt;
  /** The port of the receiving pod, after everything that Services translate; `undefined` where it is not known. */
  readonly port: number | undefined;
  /** The port that the client called, which people take for it. */
  readonly called: number | undefined;
  readonly protocol: Protocol;
  readonly receiver: Receiver;
}

/** Whose containers name the port: those of the pod that receives, of the DNS server's pods, or nobody's. */
export type Receiver = WorkloadManifest | "dns-server" | undefined;

/** The other side of a connection; `own-node`: the node of the pod, to and from which no policy stops anything. */
export type Peer = "own-node" | RemotePeer;

/** The other side of a connection, where it is not the node of the pod. */
export interface RemotePeer {
  readonly ip: string;
  /** The port that goes with the address, where it is not that of the question. */
  readonly port?: number;
  /** Where the address stands for another: the block in which that one lies, or anywhere. */
  readonly within: Cidr | "anywhere" | undefined;
  /** Of a pod with an address of its own. */
  readonly pod: { readonly labels: Labelled; readonly namespace: Labelled; readonly namespaceName: string } | undefined;
}

/**
 * Why network plugins may see different things. `translated`: an address before or after something took its place ·
 * `host-network`: a pod there as a pod, or as its node · `node-address`: one or another of a node's own.
 */
export type Doubt = "translated" | "host-network" | "node-address";
