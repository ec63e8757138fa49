import { addressAt, type Cidr, contains, familyOf, parseCidr } from "../../base/ip.ts";
import { isPlaceholder } from "../../base/text.ts";
import type {
  NetworkPolicyManifest,
  PolicyPeer,
  PolicyPort,
  PolicyRule,
  PolicyRules,
  Protocol,
  WorkloadManifest,
} from "../../manifest/model.ts";
import type { LabelMatch } from "../labels.ts";
import { namespacesMeet } from "../manifests.ts";
import { allOf, anyOf, type Labelled, labelsOfPods, matchLabelSelector, opposite } from "./label-query.ts";

/** A connection, as the policies about one of its two pods see it. */
export interface PolicyQuestion {
  readonly direction: "ingress" | "egress";
  /** Whose policies are asked: the receiving pod's for ingress, the sending one's for egress. */
  readonly pod: WorkloadManifest;
  /** Everybody that the other side may look like to the network plugin; each of them must be let through. */
  readonly peers: readonly Peer[];
  /** The port of the receiving pod, after everything that Services translate. */
  readonly port: number;
  readonly protocol: Protocol;
  /** The pod that receives, whose containers name the port. */
  readonly receiver: WorkloadManifest | undefined;
}

/** The other side of a connection; `own-node`: the node of the pod, which no policy keeps out. */
export type Peer = "own-node" | RemotePeer;

export interface RemotePeer {
  readonly ip: string;
  /** Where the address stands for another: the block in which that one lies, or anywhere. */
  readonly within: Cidr | "anywhere" | undefined;
  /** Of a pod with an address of its own. */
  readonly pod: { readonly labels: Labelled; readonly namespace: Labelled; readonly namespaceName: string } | undefined;
}

/** What NetworkPolicies make of a connection. */
export type PolicyAnswer =
  /** None is about the pod: everything passes. */
  | { readonly kind: "open" }
  | { readonly kind: "admitted"; readonly policy: NetworkPolicyManifest; readonly rule: PolicyRule }
  | {
      readonly kind: "blocked";
      /** Those that isolate the pod. */
      readonly policies: readonly NetworkPolicyManifest[];
      /** A rule that admits half of the connection: its peer and not its port, or the other way round. */
      readonly nearly: NearlyAdmitted | undefined;
    }
  | { readonly kind: "unknown"; readonly policies: readonly NetworkPolicyManifest[]; readonly because: Unknown };

/**
 * Why nobody can tell. `translated`: some network plugins see the client, others the node that put its address there ·
 * `block`: plugins differ on whether blocks hold for pods · `address`: that of the peer is not known · `labels` that no
 * manifest shows, and placeholders.
 */
export type Unknown = "translated" | "block" | "address" | "labels";

export interface NearlyAdmitted {
  readonly policy: NetworkPolicyManifest;
  readonly rule: PolicyRule;
  readonly lacks: "port" | "peer";
}

/**
 * Asks the NetworkPolicies of a pod's namespace. They are additive: a pod that any of them isolates in a direction
 * accepts what a rule of any of them admits, and nothing else.
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function askPolicies(policies: readonly NetworkPolicyManifest[], question: PolicyQuestion): PolicyAnswer {
  const applying = policies.flatMap((policy): Applying[] => {
    const rules = policy[question.direction];
    if (rules === undefined || !namespacesMeet(policy, question.pod)) return [];
    const match = matchLabelSelector(policy.podSelector, labelsOfPods(question.pod));
    return match === "none" ? [] : [{ policy, rules, match }];
  });
  if (applying.length === 0) return { kind: "open" };
  const answers = question.peers.map((peer) =>
    peer === "own-node" ? ({ kind: "open" } as const) : askAbout(applying, question, peer),
  );
  const passes = ({ kind }: PolicyAnswer): boolean => kind === "open" || kind === "admitted";
  if (answers.every(passes)) return answers.find(({ kind }) => kind === "admitted") ?? { kind: "open" };
  const [first] = answers;
  if (first?.kind === "blocked" && answers.every(({ kind }) => kind === "blocked")) return first;
  const unknown = answers.find((answer) => answer.kind === "unknown");
  return { kind: "unknown", policies: applying.map(({ policy }) => policy), because: unknown?.because ?? "translated" };
}

/** A policy that is about the pod, or may be. */
interface Applying {
  readonly policy: NetworkPolicyManifest;
  readonly rules: PolicyRules;
  readonly match: Exclude<LabelMatch, "none">;
}

function askAbout(applying: readonly Applying[], question: PolicyQuestion, peer: RemotePeer): PolicyAnswer {
  const admissions = applying.map(({ policy, rules, match }) => ({
    ...admission(policy, rules, question, peer),
    match,
  }));
  const isolating = admissions.filter(({ match }) => match === "certain");
  // What is perhaps about the pod may isolate it, too: then it must admit the connection itself.
  const sure = isolating.length > 0 ? isolating : admissions;
  const isEnough = isolating.length > 0 ? sure.some(isCertain) : sure.every(isCertain);
  const admitting = sure.find(isCertain);
  if (isEnough && admitting?.rule) return { kind: "admitted", policy: admitting.policy, rule: admitting.rule };
  if (isolating.length > 0 && admissions.every(({ admits }) => admits === "none")) {
    return {
      kind: "blocked",
      policies: isolating.map(({ policy }) => policy),
      nearly: isolating.map(({ policy, rules }) => findNearly(policy, rules, question, peer)).find(Boolean),
    };
  }
  const policies = applying.map(({ policy }) => policy);
  const blocks = applying.flatMap(({ rules }) => rules.rules.flatMap((rule) => rule.peers.filter(isBlock)));
  const isForBlocks = blocks.some((block) => matchBlock(block, peer) === "possible");
  return { kind: "unknown", policies, because: !isForBlocks ? "labels" : peer.pod ? "block" : "address" };
}

const isBlock = (peer: PolicyPeer) => peer.kind === "block";

interface Admission {
  readonly policy: NetworkPolicyManifest;
  readonly rules: PolicyRules;
  readonly admits: LabelMatch;
  /** The one that admits for certain. */
  readonly rule: PolicyRule | undefined;
}

const isCertain = ({ admits }: Admission): boolean => admits === "certain";

function admission(
  policy: NetworkPolicyManifest,
  rules: PolicyRules,
  question: PolicyQuestion,
  peer: RemotePeer,
): Admission {
  const answers = rules.rules.map((rule) => ({ rule, admits: admitsConnection(policy, rule, question, peer) }));
  return {
    policy,
    rules,
    admits: anyOf(answers.map(({ admits }) => admits)),
    rule: answers.find(({ admits }) => admits === "certain")?.rule,
  };
}

function admitsConnection(
  policy: NetworkPolicyManifest,
  rule: PolicyRule,
  question: PolicyQuestion,
  peer: RemotePeer,
): LabelMatch {
  const admits = allOf([admitsPeer(policy, rule, question, peer), admitsPort(rule, question)]);
  return admits === "none" && rule.partial ? "possible" : admits;
}

const admitsPeer = (
  policy: NetworkPolicyManifest,
  { peers, partial }: PolicyRule,
  { pod }: PolicyQuestion,
  peer: RemotePeer,
): LabelMatch => {
  if (peers.length === 0) return partial ? "possible" : "certain";
  return anyOf(peers.map((entry) => matchPeer(policy, entry, pod, peer)));
};

const admitsPort = ({ ports, partial }: PolicyRule, question: PolicyQuestion): LabelMatch => {
  if (ports.length === 0) return partial ? "possible" : "certain";
  return anyOf(ports.map((entry) => matchPort(entry, question)));
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
  // A policy without namespace is applied to that of the pods that it is about.
  const home = policy.namespace.origin === "default" ? own.namespace.value : policy.namespace.value;
  const inNamespace: LabelMatch =
    namespaceSelector !== undefined
      ? matchLabelSelector(namespaceSelector, namespace)
      : namespaceName === home
        ? "certain"
        : "none";
  return allOf([inNamespace, podSelector === undefined ? "certain" : matchLabelSelector(podSelector, labels)]);
}

/** Blocks are meant for addresses outside the cluster. Whether they hold for pods, plugins see differently. */
function matchBlock({ cidr, except }: Extract<PolicyPeer, { kind: "block" }>, peer: RemotePeer): LabelMatch {
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

function matchPort({ port, endPort, protocol }: PolicyPort, question: PolicyQuestion): LabelMatch {
  if (protocol.value !== question.protocol) return "none";
  if (port === undefined) return "certain";
  if (typeof port.value === "number") {
    const isIn = question.port >= port.value && question.port <= (endPort?.value ?? port.value);
    return isIn ? "certain" : "none";
  }
  if (isPlaceholder(port.value)) return "possible";
  const { value: name } = port;
  const named = (question.receiver?.template.containers ?? [])
    .flatMap((container) => container.ports)
    .filter((declared) => declared.name?.value === name && declared.protocol.value === question.protocol);
  return named.some(({ containerPort }) => containerPort.value === question.port) ? "certain" : "none";
}

/** The rule that fails for its port alone, else one that fails for its peer alone. */
function findNearly(
  policy: NetworkPolicyManifest,
  { rules }: PolicyRules,
  question: PolicyQuestion,
  peer: RemotePeer,
): NearlyAdmitted | undefined {
  const lacksPort = rules.find((rule) => admitsPeer(policy, rule, question, peer) === "certain");
  if (lacksPort) return { policy, rule: lacksPort, lacks: "port" };
  const lacksPeer = rules.find((rule) => admitsPort(rule, question) === "certain");
  return lacksPeer && { policy, rule: lacksPeer, lacks: "peer" };
}
