import { type List, list, type Message, message, quote } from "../base/message.ts";
import type { NearlyAdmitted, Unknown } from "../cluster/policy/network-policy.ts";
import type { PolicyCheck } from "../cluster/simulation/trace.ts";
import type { NetworkPolicyManifest } from "../manifest/model.ts";
import { nameOf } from "./naming.ts";

/** What the NetworkPolicies of a pod make of a connection. */
export function describeCheck(check: PolicyCheck): Message {
  const said = describeAnswer(check);
  return check.through === undefined || check.answer.kind === "admitted"
    ? said
    : message`${said}; the policy sees the address of ${check.through}, not what is behind it`;
}

function describeAnswer(check: PolicyCheck): Message {
  const { answer, direction } = check;
  const port = receivingPort(check);
  const pods = nameOf(check.pod.workload);
  switch (answer.kind) {
    case "admitted":
      return direction === "ingress"
        ? message`NetworkPolicy ${quote(answer.policy.name.value)} lets ${port} into the pods of ${pods}`
        : message`NetworkPolicy ${quote(answer.policy.name.value)} lets ${port} out of the pods of ${pods}`;
    case "blocked": {
      const policies = namesOf(answer.policies);
      const blocked =
        direction === "ingress"
          ? message`no rule of NetworkPolicy ${policies} lets ${port} from this client into the pods of ${pods}`
          : message`no rule of NetworkPolicy ${policies} lets ${port} to this destination out of the pods of ${pods}`;
      return answer.nearly ? message`${blocked}: ${describeNearly(check, answer.nearly)}` : blocked;
    }
    case "unknown": {
      const policies = namesOf(answer.policies);
      return direction === "ingress"
        ? message`the manifests cannot tell whether NetworkPolicy ${policies} lets ${port} into the pods of ${pods}: ${doubts[answer.because]}`
        : message`the manifests cannot tell whether NetworkPolicy ${policies} lets ${port} out of the pods of ${pods}: ${answer.because === "translated" ? translatedDestination : doubts[answer.because]}`;
    }
  }
}

const doubts = {
  translated: message`some network plugins see the client there, others the node that put its own address in its place`,
  "host-network": message`some network plugins take a pod on the host network for a pod, others for its node`,
  "node-address": message`from which of its addresses the node sends depends on the network plugin`,
  block: message`its ipBlocks are meant for addresses outside the cluster, and network plugins differ on whether they hold for pods`,
  address: message`it has ipBlocks, and the address of the peer is not known`,
  namespace: message`its namespace, or that of the pods, is not written`,
  unread: message`some of it is filled in later, or cannot be read`,
  labels: message`that depends on labels which no manifest shows`,
} as const satisfies Record<Unknown, Message>;

const translatedDestination = message`some network plugins see the address of the Service there, others the one behind it`;

/** `TCP 8080`, the port of the pod that receives. */
export const receivingPort = ({ protocol, port }: PolicyCheck): string => `${protocol.toUpperCase()} ${port}`;

/** Whether a rule has the port that the client called in the place of the pod's. */
export const admitsCalledPort = ({ called }: PolicyCheck, { rule }: NearlyAdmitted): boolean =>
  called !== undefined && rule.ports.some(({ port }) => port?.value === called);

const namesOf = (policies: readonly NetworkPolicyManifest[]): List =>
  list(policies.map(({ name }) => quote(name.value)));

function describeNearly(check: PolicyCheck, nearly: NearlyAdmitted): Message {
  if (nearly.lacks === "peer") return message`one of them has the port, but not for this peer`;
  if (nearly.lacks === "namespace") {
    return message`one of them has the labels of the peer, but a podSelector alone means pods in the policy's own namespace, not in ${quote(nearly.namespace)}`;
  }
  if (nearly.lacks === "protocol") {
    return message`one of them has the peer and the port, but not for ${check.protocol.toUpperCase()}`;
  }
  return admitsCalledPort(check, nearly)
    ? message`one of them has ${check.called ?? 0}, the port of the Service; policies see ${check.port}, the port of the pod`
    : message`one of them has the peer, but not the port`;
}
