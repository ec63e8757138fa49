import { isPlaceholder } from "../../base/text.ts";
import type {
  NetworkPolicyManifest,
  PolicyPeer,
  PolicyPort,
  PolicyRule,
  PolicyRules,
  WorkloadManifest,
} from "../../manifest/model.ts";
import type { LabelMatch } from "../labels.ts";
import { isOpen } from "../manifests.ts";
import { admitsConnection, admitsPeer, admitsPort, isNamesake, matchBlock, matchNumber } from "./admission.ts";
import { allOf, anyOf, matchLabelSelector } from "./label-query.ts";
import type { Doubt, PolicyQuestion, RemotePeer } from "./question.ts";

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
 * Why nobody can tell. `block`: plugins differ on whether blocks hold for pods · `address`: that of the peer is not
 * known · `namespace`: that of the policy or of the pod is not written · `unread`: some of it is filled in later, or
 * cannot be read · `labels` that no manifest shows.
 */
export type Unknown = Doubt | "block" | "address" | "namespace" | "unread" | "labels";

/**
 * `port`: the peer is admitted, on other ports · `protocol`: on this one for another protocol · `peer`: others are
 * admitted on the port · `namespace`: … such as pods with the peer's labels in the policy's own namespace.
 */
export type NearlyAdmitted = { readonly policy: NetworkPolicyManifest; readonly rule: PolicyRule } & (
  | { readonly lacks: "port" | "protocol" | "peer" }
  /** The entry, and where the peer is. */
  | { readonly lacks: "namespace"; readonly entry: PolicyPeer; readonly namespace: string }
);

/**
 * Asks the NetworkPolicies of a pod's namespace. They are additive: a pod that any of them isolates in a direction
 * accepts what a rule of any of them admits, and nothing else. Whether they hold for pods on the host network is for the
 * network plugin to say.
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function askPolicies(policies: readonly NetworkPolicyManifest[], question: PolicyQuestion): PolicyAnswer {
  const applying = policies.flatMap((policy): Applying[] => {
    const rules = policy[question.direction];
    if (rules === undefined) return [];
    const match = allOf([
      isInNamespaceOf(policy, question.pod),
      matchLabelSelector(policy.podSelector, question.labels),
    ]);
    return match === "none" ? [] : [{ policy, rules, match }];
  });
  if (applying.length === 0) return { kind: "open" };
  const answers = question.peers.map((peer) =>
    peer === "own-node" ? ({ kind: "open" } as const) : askAbout(applying, question, peer),
  );
  const passes = ({ kind }: PolicyAnswer): boolean => kind === "open" || kind === "admitted";
  const unknown = (because: Unknown): PolicyAnswer => ({
    kind: "unknown",
    policies: applying.map(({ policy }) => policy),
    because,
  });
  if (answers.every(passes)) return answers.find(({ kind }) => kind === "admitted") ?? { kind: "open" };
  if (question.pod.template.hostNetwork) return unknown("host-network");
  const [first] = answers;
  if (first?.kind === "blocked" && answers.every(({ kind }) => kind === "blocked")) return first;
  return answers.find((answer) => answer.kind === "unknown") ?? unknown(question.doubt);
}

/** Whether a policy is in the namespace of a pod. One that is not written is that of the other, or `default`. */
function isInNamespaceOf(policy: NetworkPolicyManifest, pod: WorkloadManifest): LabelMatch {
  if (policy.namespace.value === pod.namespace.value) return "certain";
  return isOpen(policy) || isOpen(pod) ? "possible" : "none";
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
      nearly: findNearest(isolating, question, peer),
    };
  }
  return {
    kind: "unknown",
    policies: applying.map(({ policy }) => policy),
    because: explainDoubt(applying, question, peer),
  };
}

/** The first thing that a reader could look up. */
function explainDoubt(applying: readonly Applying[], question: PolicyQuestion, peer: RemotePeer): Unknown {
  if (applying.some(({ policy }) => isInNamespaceOf(policy, question.pod) === "possible")) return "namespace";
  const rules = applying.flatMap(({ policy, rules: { rules } }) =>
    rules.filter((rule) => admitsConnection(policy, rule, question, peer) === "possible"),
  );
  const isInBlock = (entry: PolicyPeer): boolean => entry.kind === "block" && matchBlock(entry, peer) === "possible";
  if (rules.some(({ peers }) => peers.some(isInBlock))) return peer.pod ? "block" : "address";
  const isUnread = ({ port }: PolicyPort): boolean => typeof port?.value === "string" && isPlaceholder(port.value);
  return rules.some(({ partial, ports }) => partial || ports.some(isUnread)) ? "unread" : "labels";
}

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

/** What comes nearest to admitting: a rule that fails for its port alone, else one that fails for its peer alone. */
function findNearest(
  applying: readonly Applying[],
  question: PolicyQuestion,
  peer: RemotePeer,
): NearlyAdmitted | undefined {
  const rules = applying.flatMap(({ policy, rules: own }) => own.rules.map((rule) => ({ policy, rule })));
  const hasPeer = rules.filter(({ policy, rule }) => admitsPeer(policy, rule, question, peer) === "certain");
  const isForPort = (entry: PolicyPort): boolean =>
    entry.port !== undefined && matchNumber(entry, question, peer) === "certain";
  const [lacksProtocol] = hasPeer.filter(({ rule }) => rule.ports.some(isForPort));
  if (lacksProtocol) return { ...lacksProtocol, lacks: "protocol" };
  const hasCalled = hasPeer.find(({ rule }) => rule.ports.some(({ port }) => port?.value === question.called));
  const lacksPort = hasCalled ?? hasPeer[0];
  if (lacksPort) return { ...lacksPort, lacks: "port" };
  const hasPort = rules.filter(({ rule }) => admitsPort(rule, question, peer) === "certain");
  for (const { policy, rule } of hasPort) {
    const entry = rule.peers.find((candidate) => isNamesake(candidate, peer));
    if (entry && peer.pod) return { policy, rule, lacks: "namespace", entry, namespace: peer.pod.namespaceName };
  }
  const [lacksPeer] = hasPort;
  return lacksPeer && { ...lacksPeer, lacks: "peer" };
}
