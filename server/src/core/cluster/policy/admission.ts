import { addressAt, contains, familyOf, parseCidr } from "../../base/ip.ts";
import { isPlaceholder } from "../../base/text.ts";
import type {
  NetworkPolicyManifest,
  PolicyPeer,
  PolicyPort,
  PolicyRule,
  WorkloadManifest,
} from "../../manifest/model.ts";
import { hasUnknownPortNames } from "../container-ports.ts";
import type { LabelMatch } from "../labels.ts";
import { allOf, anyOf, matchLabelSelector, opposite } from "./label-query.ts";
import type { PolicyQuestion, RemotePeer } from "./question.ts";

/** Whether a rule of a policy admits a connection. */
export function admitsConnection(
  policy: NetworkPolicyManifest,
  rule: PolicyRule,
  question: PolicyQuestion,
  peer: RemotePeer,
): LabelMatch {
  const admits = allOf([admitsPeer(policy, rule, question, peer), admitsPort(rule, question, peer)]);
  return admits === "none" && rule.partial ? "possible" : admits;
}

/** Whether a rule admits the other side of a connection. */
export const admitsPeer = (
  policy: NetworkPolicyManifest,
  { peers, partial }: PolicyRule,
  { pod }: PolicyQuestion,
  peer: RemotePeer,
): LabelMatch => {
  if (peers.length === 0) return partial ? "possible" : "certain";
  return anyOf(peers.map((entry) => matchPeer(policy, entry, pod, peer)));
};

/** Whether a rule admits the port of a connection. */
export const admitsPort = ({ ports, partial }: PolicyRule, question: PolicyQuestion, peer: RemotePeer): LabelMatch => {
  if (ports.length === 0) return partial ? "possible" : "certain";
  return anyOf(ports.map((entry) => matchPort(entry, question, peer)));
};

function matchPeer(
  policy: NetworkPolicyManifest,
  entry: PolicyPeer,
  own: WorkloadManifest,
  peer: RemotePeer,
): LabelMatch {
  if (entry.kind === "block") return matchBlock(entry, peer);
  const { podSelector, namespaceSelector } = entry;
  if (peer.pod === undefined || (podSelector === undefined && namespaceSelector === undefined)) return "none";
  const { labels, namespace, namespaceName } = peer.pod;
  const isInHome = (): LabelMatch => {
    const home = homeOf(policy, own);
    if (namespaceName === home) return "certain";
    return isPlaceholder(namespaceName) || isPlaceholder(home) ? "possible" : "none";
  };
  const inNamespace = namespaceSelector === undefined ? isInHome() : matchLabelSelector(namespaceSelector, namespace);
  return allOf([inNamespace, podSelector === undefined ? "certain" : matchLabelSelector(podSelector, labels)]);
}

/** The namespace of a policy. One that is not written is, if the policy is about a pod at all, that of the pod. */
export const homeOf = (policy: NetworkPolicyManifest, own: WorkloadManifest): string =>
  policy.namespace.origin === "default" ? own.namespace.value : policy.namespace.value;

/** Blocks are meant for addresses outside the cluster. Whether they hold for pods, plugins see differently. */
export function matchBlock({ cidr, except }: Extract<PolicyPeer, { kind: "block" }>, peer: RemotePeer): LabelMatch {
  if ([cidr, ...except].some(({ value }) => isPlaceholder(value))) return "possible";
  const inside = liesIn(peer, cidr.value);
  const outside = anyOf(except.map(({ value }) => liesIn(peer, value)));
  const holds = allOf([inside, opposite(outside)]);
  return holds === "certain" && peer.pod !== undefined ? "possible" : holds;
}

/** Whether a peer's address lies in a block; in none, where the text is no block. */
function liesIn({ ip, within }: RemotePeer, text: string): LabelMatch {
  const block = parseCidr(text);
  if (block === undefined || familyOf(ip) !== block.family) return "none";
  if (block.prefix === 0) return "certain";
  if (within === "anywhere") return "possible";
  if (within === undefined) return contains(block, ip) ? "certain" : "none";
  if (block.prefix <= within.prefix) return contains(block, ip) ? "certain" : "none";
  return contains(within, addressAt(block, 0n)) ? "possible" : "none";
}

function matchPort(entry: PolicyPort, question: PolicyQuestion, peer: RemotePeer): LabelMatch {
  return entry.protocol.value === question.protocol ? matchNumber(entry, question, peer) : "none";
}

/** Whether an entry is about a port, of whatever protocol it is. */
export function matchNumber(
  { port, endPort, protocol }: PolicyPort,
  question: PolicyQuestion,
  peer: RemotePeer,
): LabelMatch {
  const wanted = peer.port ?? question.port;
  if (port === undefined) return "certain";
  if (wanted === undefined) return "possible";
  if (typeof port.value === "number") {
    return wanted >= port.value && wanted <= (endPort?.value ?? port.value) ? "certain" : "none";
  }
  if (isPlaceholder(port.value)) return "possible";
  const { value: name } = port;
  // The DNS server's own manifest calls it so, in every cluster; what else its ports are called differs.
  if (question.receiver === "dns-server") return name === "dns" ? "certain" : "possible";
  const containers = question.receiver?.template.containers ?? [];
  const named = containers
    .flatMap((container) => container.ports)
    .filter((declared) => declared.name?.value === name && declared.protocol.value === protocol.value);
  if (named.some(({ containerPort }) => containerPort.value === wanted)) return "certain";
  const isOpenEnded = question.receiver !== undefined && hasUnknownPortNames(containers);
  return isOpenEnded || named.some(({ containerPort }) => containerPort.value === 0) ? "possible" : "none";
}

/** Whether an entry means pods with the labels of a peer, but in the policy's own namespace. */
export const isNamesake = (entry: PolicyPeer, { pod }: RemotePeer): boolean =>
  entry.kind === "pods" &&
  entry.podSelector !== undefined &&
  entry.namespaceSelector === undefined &&
  pod !== undefined &&
  matchLabelSelector(entry.podSelector, pod.labels) === "certain";
