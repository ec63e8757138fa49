import { message, quote } from "../base/message.ts";
import type { PolicyCheck } from "../cluster/simulation/trace.ts";
import { admitsCalledPort, receivingPort } from "./policy-words.ts";
import type { Remedy } from "./remedies.ts";

/** What would let a pod look up names. */
export function lookupRemedies({ answer, direction }: PolicyCheck): readonly Remedy[] {
  if (answer.kind !== "blocked") return [];
  const [policy] = answer.policies;
  return [
    {
      said: message`add an egress rule that lets ${quote("UDP 53")} and ${quote("TCP 53")} out to the pods with ${quote("k8s-app: kube-dns")} in namespace ${quote("kube-system")}`,
      source: policy?.[direction]?.key,
    },
  ];
}

/** What would let a connection through NetworkPolicies; nothing where the manifests cannot tell whether they stop it. */
export function policyRemedies(check: PolicyCheck): readonly Remedy[] {
  const { answer, direction } = check;
  if (answer.kind !== "blocked") return [];
  const [first] = answer.policies;
  const { nearly } = answer;
  if (nearly?.lacks === "namespace") {
    const selector = `namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${nearly.namespace} } }`;
    return [{ said: message`add ${quote(selector)} beside its podSelector`, source: nearly.entry.range }];
  }
  if (nearly?.lacks === "port" || nearly?.lacks === "protocol") {
    const entry = admitsCalledPort(check, nearly)
      ? nearly.rule.ports.find(({ port }) => port?.value === check.called)
      : undefined;
    const source = entry?.port?.range ?? nearly.rule.range;
    return [
      {
        said: entry
          ? message`write ${quote(`port: ${check.port}`)}`
          : message`add ${receivingPort(check)} to its ports`,
        source,
      },
    ];
  }
  if (nearly !== undefined) {
    const side = quote(direction === "ingress" ? "from" : "to");
    return [{ said: message`add the peer to its ${side}`, source: nearly.rule.range }];
  }
  if (first === undefined) return [];
  const source = first[direction]?.key ?? first.name.range;
  const name = quote(first.name.value);
  return [
    {
      said:
        direction === "ingress"
          ? message`add an ingress rule for ${receivingPort(check)} to NetworkPolicy ${name}`
          : message`add an egress rule for ${receivingPort(check)} to NetworkPolicy ${name}`,
      source,
    },
  ];
}
