import { type Message, message } from "../../base/message.ts";
import type { Rule } from "../../cluster/iptables/rule.ts";

/** Why there is a rule of the chain KUBE-SERVICES or KUBE-POSTROUTING in IPVS mode, where sets hold what differs. */
export function whyIpvs({ chain, matches, target }: Rule): Message | undefined {
  const set = matches.find((match) => match.kind === "set")?.set;
  const wanted = target.kind === "jump" ? target.chain : undefined;
  if (chain === "KUBE-POSTROUTING") return set === undefined ? undefined : hairpin;
  if (chain !== "KUBE-SERVICES") return undefined;
  if (wanted === "KUBE-NODE-PORT") return message`IPVS mode: what comes to the node itself may be for a node port`;
  if (target.kind === "return" && set === undefined) return message`IPVS cannot serve 127.0.0.1, so nobody need try`;
  if (set === undefined) return undefined;
  if (wanted === "KUBE-MARK-MASQ") {
    return set === "KUBE-CLUSTER-IP"
      ? message`IPVS mode: what does not come from a pod gets the node's address, or answers would not come back this way`
      : message`IPVS mode: what comes to an external IP may leave the node again, so answers must come back to it`;
  }
  if (target.kind === "accept") {
    return message`IPVS mode: addresses of Services go on to IPVS, which chooses the endpoint; no later rule must catch them`;
  }
  return wanted === "KUBE-LOAD-BALANCER"
    ? message`IPVS mode: the address of the load balancer leads here, as if the load balancer had sent it on`
    : undefined;
}

const hairpin = message`a pod that reaches itself through the Service must not see its own address, or its answer would go astray`;
