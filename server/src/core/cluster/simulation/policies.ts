import { contains } from "../../base/ip.ts";
import type { SourceRange } from "../../base/source.ts";
import type { Protocol } from "../../manifest/model.ts";
import { dnsServerAddress } from "../../settings/profile.ts";
import type { ProtocolToken } from "../netfilter/packet.ts";
import type { PlannedPod } from "../pods.ts";
import { type Labelled, labelsOfNamespace, labelsOfPods } from "../policy/label-query.ts";
import { askPolicies, type Peer, type PolicyQuestion, type RemotePeer } from "../policy/network-policy.ts";
import type { Address } from "../resolution.ts";
import type { Client } from "./client.ts";
import type { Stop } from "./stop-reason.ts";
import { stop } from "./stops.ts";
import type { PolicyCheck, ReachedEndpoint } from "./trace.ts";
import type { World } from "./world.ts";

/** A connection from a client to an endpoint. */
export interface Arrival {
  readonly client: Client;
  readonly protocol: ProtocolToken;
  /** The port that the client called. */
  readonly called: number;
  readonly endpoint: ReachedEndpoint;
}

/**
 * Asks the NetworkPolicies about a connection that arrives: those of the client's pod whether it may leave, and those of
 * the endpoint's whether it may enter. Nodes, pods on the host network and a pod's talk with itself are beyond them.
 */
export function checkPolicies(world: World, arrival: Arrival): readonly PolicyCheck[] {
  const { client, protocol, called, endpoint } = arrival;
  const receiver = endpoint.pod;
  if (receiver !== undefined && receiver === client.pod) return [];
  const shared = {
    port: endpoint.port,
    protocol: protocol.toUpperCase() as Protocol, // the tokens are the names in lower case
    receiver: receiver?.workload,
  };
  const check = (pod: PlannedPod, question: Pick<PolicyQuestion, "direction" | "peers">): readonly PolicyCheck[] => {
    const answer = askPolicies(world.view.policies, { ...shared, ...question, pod: pod.workload });
    const { direction } = question;
    const port = endpoint.port;
    return answer.kind === "open"
      ? []
      : [{ direction, pod, port, protocol, called: called === port ? undefined : called, answer }];
  };
  const leaving =
    client.pod && !client.onHost
      ? check(client.pod, { direction: "egress", peers: podPeers(world, receiver, endpoint.address) })
      : [];
  const entering =
    receiver && !receiver.key.hostNetwork
      ? check(receiver, { direction: "ingress", peers: clientPeers(world, arrival) })
      : [];
  return [...leaving, ...entering];
}

/** Where a connection ends that NetworkPolicies do not let through, or may not. */
export function stopAtPolicy(checks: readonly PolicyCheck[], endpoint: ReachedEndpoint): Stop | undefined {
  const check =
    checks.find(({ answer }) => answer.kind === "blocked") ?? checks.find(({ answer }) => answer.kind === "unknown");
  if (check === undefined) return undefined;
  const verdict = check.answer.kind === "blocked" ? "dropped" : "unknown";
  return stop(verdict, { kind: "network-policy", check, endpoint }, rangeOfCheck(check));
}

/** Asks whether a pod may reach the DNS server of the cluster; `undefined` where no policy is about that. */
export function checkLookup(world: World, { pod, onHost }: Client): PolicyCheck | undefined {
  if (pod === undefined || onHost) return undefined;
  const server = dnsServerAddress(world.profile);
  if (server === undefined) return undefined;
  const peer: RemotePeer = {
    ip: server,
    within: "anywhere",
    pod: { labels: dnsServerLabels, namespace: namespaceLabels(world, DNS_NAMESPACE), namespaceName: DNS_NAMESPACE },
  };
  const answer = askPolicies(world.view.policies, {
    direction: "egress",
    pod: pod.workload,
    peers: [peer],
    port: 53,
    protocol: "UDP",
    receiver: undefined,
  });
  return answer.kind === "open"
    ? undefined
    : { direction: "egress", pod, port: 53, protocol: "udp", called: undefined, answer };
}

/** Where a check's reason stands: the rule that admits, the rule that nearly does, else what isolates the pod. */
export function rangeOfCheck({ answer, direction }: PolicyCheck): SourceRange | undefined {
  if (answer.kind === "admitted") return answer.rule.range;
  if (answer.kind === "blocked" && answer.nearly) return answer.nearly.rule.range;
  const [policy] = answer.policies;
  return policy?.[direction]?.key ?? policy?.name.range;
}

const DNS_NAMESPACE = "kube-system";

/** CoreDNS carries the label of its predecessor everywhere; what else its pods carry differs by cluster. */
const dnsServerLabels: Labelled = {
  equals: (key, value) => (key === "k8s-app" && value === "kube-dns" ? "certain" : "possible"),
  has: (key) => (key === "k8s-app" ? "certain" : "possible"),
};

/** All that a client may look like at the endpoint: itself, and the node that put its own address there. */
function clientPeers(world: World, { client, endpoint }: Arrival): readonly Peer[] {
  const { seen } = endpoint;
  const itself: readonly Peer[] =
    client.kind === "node" || client.onHost
      ? nodePeers(world, client.node, client.addresses[0], endpoint)
      : client.kind === "pod"
        ? []
        : client.addresses.slice(0, 1).map((address) => remote(world, seen?.translated ? address : (seen ?? address)));
  const asPod = client.pod
    ? podPeers(world, client.pod, seen?.translated ? client.addresses[0] : seen).slice(0, 1)
    : [];
  const asNode = seen?.translated ? nodePeers(world, seen.node, seen, endpoint) : [];
  return [...itself, ...asPod, ...asNode];
}

const nodePeers = (
  world: World,
  node: string | undefined,
  address: Address | undefined,
  { node: own }: ReachedEndpoint,
): readonly Peer[] => (node !== undefined && node === own ? ["own-node"] : address ? [remote(world, address)] : []);

/** A pod as a peer; on the host network it may count as its node as well. */
function podPeers(world: World, pod: PlannedPod | undefined, address: Address | undefined): readonly RemotePeer[] {
  if (address === undefined) return [];
  if (pod === undefined) return [remote(world, address)];
  const { namespace } = pod.key;
  const asPod: RemotePeer = {
    ...remote(world, address),
    pod: {
      labels: labelsOfPods(pod.workload),
      namespace: namespaceLabels(world, namespace),
      namespaceName: namespace,
    },
  };
  return pod.key.hostNetwork ? [asPod, remote(world, address)] : [asPod];
}

function remote({ profile }: World, { ip, origin }: Address): RemotePeer {
  const block = profile.podCIDR.find((candidate) => contains(candidate, ip));
  return { ip, within: origin === "simulated" ? (block ?? "anywhere") : undefined, pod: undefined };
}

const namespaceLabels = ({ view }: World, name: string): Labelled => labelsOfNamespace(name, view.namespaces.get(name));
