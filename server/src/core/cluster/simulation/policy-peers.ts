import { contains, familyOf } from "../../base/ip.ts";
import type { ProtocolToken } from "../netfilter/packet.ts";
import type { PlannedPod } from "../pods.ts";
import { type Labelled, labelsOfNamespace, labelsOfPods } from "../policy/label-query.ts";
import type { Peer, PolicyQuestion, RemotePeer } from "../policy/question.ts";
import type { Address } from "../resolution.ts";
import type { Client } from "./client.ts";
import type { PolicyCheck, SeenAddress } from "./trace.ts";
import type { Journey } from "./travel.ts";
import type { World } from "./world.ts";

/** A connection from a client. */
export interface Attempt {
  readonly client: Client;
  readonly protocol: ProtocolToken;
  /** The address and port that the client called. */
  readonly called: Called;
  readonly way: Journey;
}

interface Called {
  readonly address: Address;
  readonly port: number;
}

/** Whom a connection comes to. */
export interface Met {
  readonly address: Address;
  /** `undefined` where it is not known. */
  readonly port: number | undefined;
  readonly pod: PlannedPod | undefined;
  readonly node: string | undefined;
  readonly seen: SeenAddress | undefined;
}

/** Whom a connection comes to, whether or not anything is known to listen there; `undefined` where it never arrives. */
export function metAtEnd(world: World, { client, called, way: { end } }: Attempt): Met | undefined {
  if (end.kind === "endpoint") return end;
  const seen = client.addresses.find(({ ip }) => familyOf(ip) === familyOf(called.address.ip));
  const shared = {
    ...called,
    pod: undefined,
    node: undefined,
    seen: seen && ({ ...seen, translated: false, of: "client", node: undefined } as const),
  };
  switch (end.reason.kind) {
    case "outside-address":
      return shared;
    case "cluster-itself":
      // The API server may well be on the client's own node.
      return end.reason.what === "DNS server" ? { ...shared, port: undefined } : undefined;
    case "node-process": {
      const { node, port } = end.reason;
      const found = world.profile.nodes.find(({ name }) => name === node);
      return { ...shared, address: found ? { ip: found.address, origin: found.origin } : called.address, port, node };
    }
    case "undeclared": {
      const { pod, port } = end.reason;
      return { ...shared, port, pod, node: world.placementOf(pod)?.node?.name };
    }
    default:
      return undefined;
  }
}

const SYSTEM_NAMESPACE = "kube-system";

/** A pod of the cluster's own that is behind an address; where, no manifest tells. */
export const systemPeer = (world: World, ip: string, labels: Labelled): RemotePeer => ({
  ip,
  within: "anywhere",
  pod: { labels, namespace: namespaceLabels(world, SYSTEM_NAMESPACE), namespaceName: SYSTEM_NAMESPACE },
});

/** CoreDNS carries the label of its predecessor everywhere; what else its pods carry differs by cluster. */
export const dnsServerLabels: Labelled = {
  equals: (key, value) => (key === "k8s-app" && value === "kube-dns" ? "certain" : "possible"),
  has: (key) => (key === "k8s-app" ? "certain" : "possible"),
};

/** What is asked about a pod. */
export type AskedOfPod = Pick<PolicyQuestion, "direction" | "peers" | "doubt" | "port" | "receiver"> &
  Pick<PolicyCheck, "through">;

/** What the policies of a client's pod are asked: they see the packet when its own node's rules have been passed. */
export function leavingQuestion(world: World, { client, called, way }: Attempt, met: Met): AskedOfPod {
  const shared = {
    direction: "egress",
    doubt: "host-network",
    port: met.port,
    receiver: met.pod?.workload,
    through: undefined,
  } as const;
  const next = way.hops[1];
  if (next !== undefined && !met.pod?.key.hostNetwork) {
    // Its own node left it as it was; what is behind a node port of another node, that one decides.
    const { address, port = met.port } = next.ends.destination;
    const through = way.hops.some(({ translated }) => translated) ? next.node : undefined;
    return { ...shared, peers: [nodePeer(world, address, client.node)], port, receiver: undefined, through };
  }
  if (met.pod) return { ...shared, peers: podPeers(world, met.pod, met.address, client.node) };
  if (way.end.kind === "stop" && way.end.reason.kind === "cluster-itself") {
    return { ...shared, peers: [systemPeer(world, called.address.ip, dnsServerLabels)], receiver: "dns-server" };
  }
  const peers: readonly Peer[] = [nodePeer(world, met.address, client.node)];
  if (met.node !== undefined || called.address.ip === met.address.ip) return { ...shared, peers };
  const before: RemotePeer = { ...remote(world, called.address), port: called.port };
  return { ...shared, doubt: "translated", peers: [...peers, before] };
}

/** What the policies of the pod that receives are asked. */
export function enteringQuestion(world: World, client: Client, met: Met): AskedOfPod {
  const doubt = met.seen?.translated ? "translated" : client.kind === "node" ? "node-address" : "host-network";
  return {
    direction: "ingress",
    doubt,
    port: met.port,
    receiver: met.pod?.workload,
    through: undefined,
    peers: clientPeers(world, client, met),
  };
}

/** All that a client may look like at the endpoint: itself, and the node that put its own address there. */
function clientPeers(world: World, client: Client, { seen, node, address }: Met): readonly Peer[] {
  const family = familyOf(address.ip);
  const own = client.addresses.find(({ ip }) => familyOf(ip) === family) ?? client.addresses[0];
  const itself = seen === undefined || seen.translated ? own : seen;
  const disguised: readonly Peer[] = seen?.translated ? [peerOnNode(world, seen, seen.node, node)] : [];
  const peers: readonly Peer[] = itself ? ownPeers(world, client, itself, own, node) : [];
  const all = [...peers, ...disguised];
  // The node that put its own address there is not known: nobody can tell who comes.
  return all.length > 0 && seen !== undefined ? all : [...all, { ip: address.ip, within: "anywhere", pod: undefined }];
}

/** A client as what it is. A node may send from more than one of its addresses. */
function ownPeers(
  world: World,
  client: Client,
  address: Address,
  own: Address | undefined,
  node: string | undefined,
): readonly Peer[] {
  const asPod = client.pod ? podPeers(world, client.pod, address, node).slice(0, 1) : [];
  if (client.kind !== "node" && !client.onHost) return client.pod ? asPod : [remote(world, address)];
  const asNode = [...new Set([address.ip, own?.ip ?? address.ip])].map((ip) =>
    peerOnNode(world, ip === address.ip ? address : (own ?? address), client.node, node),
  );
  return [...asNode, ...asPod];
}

/** Somebody who sends from a node by its address. @param own the node of the pod whose policies are asked */
const peerOnNode = (world: World, address: Address, node: string | undefined, own: string | undefined): Peer =>
  node !== undefined && node === own ? "own-node" : remote(world, address);

/** Somebody who has an address that no pod has to itself. @param own the node of the pod whose policies are asked */
function nodePeer(world: World, address: Address, own: string | undefined): Peer {
  const node = world.profile.nodes.find((candidate) => candidate.address === address.ip);
  return peerOnNode(world, address, node?.name, own);
}

/** A pod as a peer; on the host network it may count as its node as well. */
function podPeers(world: World, pod: PlannedPod, address: Address, own: string | undefined): readonly Peer[] {
  const { namespace } = pod.key;
  const asPod: RemotePeer = {
    ...remote(world, address),
    pod: {
      labels: labelsOfPods(pod.workload, pod.key.ordinal),
      namespace: namespaceLabels(world, namespace),
      namespaceName: namespace,
    },
  };
  return pod.key.hostNetwork ? [asPod, peerOnNode(world, address, world.placementOf(pod)?.node?.name, own)] : [asPod];
}

function remote({ profile }: World, { ip, origin }: Address): RemotePeer {
  const block = profile.podCIDR.find((candidate) => contains(candidate, ip));
  return { ip, within: origin === "simulated" ? (block ?? "anywhere") : undefined, pod: undefined };
}

const namespaceLabels = ({ view, profile }: World, name: string): Labelled =>
  labelsOfNamespace(profile, name, view.namespaces.get(name));
