import { type Message, message } from "../../base/message.ts";
import { readChainName } from "../../cluster/iptables/chain-names.ts";
import { chainOwner } from "../../cluster/iptables/chain-owner.ts";
import type { Match, Rule, TableName } from "../../cluster/iptables/rule.ts";
import type { NodeRules } from "../../cluster/node-rules/node-rules.ts";
import { commentOf } from "../../cluster/node-rules/port-names.ts";
import { describeChainRole } from "./chain-words.ts";
import { whyConstant } from "./why-constant.ts";
import { whyIpvs } from "./why-ipvs.ts";

/**
 * Why there is such a rule, for those of Kubernetes in every release; for all others, whose they are. `undefined` where
 * nobody can tell.
 */
export function whyRule(rules: NodeRules, table: TableName, rule: Rule): Message | undefined {
  const said = commentOf(rule);
  return (
    (table === "nat" ? (whyIpvs(rule) ?? whyNat(rules, rule, said)) : undefined) ??
    (table === "filter" ? whyFilter(rule, said) : undefined) ??
    whyConstant(table, rule) ??
    whose(table, rule)
  );
}

function whyNat(rules: NodeRules, rule: Rule, said: string): Message | undefined {
  switch (rule.chain) {
    case "KUBE-SERVICES":
      return whyDispatch(rule, said);
    case "KUBE-NODEPORTS":
      return whyNodePort(rule);
    default:
      break;
  }
  switch (readChainName(rule.chain)?.kind) {
    case "SVC":
    case "SVL":
      return whyBalancing(rules, rule, said);
    case "EXT":
      return whyExternal(rule, said);
    case "XLB":
      return whyLocalBalancer(rules, rule, said);
    case "FW":
      return whyFirewall(rule, said);
    case "SEP":
      return whyEndpoint(rule);
    default:
      return undefined;
  }
}

function whyDispatch(rule: Rule, said: string): Message | undefined {
  const masquerades = leadsTo(rule, "KUBE-MARK-MASQ");
  if (leadsTo(rule, "KUBE-NODEPORTS")) {
    return message`what no Service's address took may still be meant for a node port; so this rule stands last`;
  }
  if (said.endsWith(" cluster IP")) {
    if (!masquerades) return message`the cluster IP of a Service leads to the chain that chooses an endpoint`;
    return rule.matches.some((match) => match.kind === "source" && match.negated) ? offCluster : everybody;
  }
  if (said.endsWith(" external IP")) {
    if (masquerades)
      return message`what comes to an external IP may leave the node again, so answers must come back to it`;
    return message`an external IP of a Service leads the same way as its other outside addresses`;
  }
  if (said.endsWith(" loadbalancer IP")) {
    return message`the address of the load balancer leads here, as if the load balancer had sent it on`;
  }
  if (said.endsWith(" has no endpoints")) return noEndpoints;
  return undefined;
}

function whyNodePort(rule: Rule): Message | undefined {
  if (rule.matches.some(({ kind }) => kind === "nfacct")) {
    return message`counts the use of node ports on localhost; the next rule does the same for all addresses`;
  }
  if (leadsTo(rule, "KUBE-MARK-MASQ")) {
    return message`what comes to a node port may leave the node again, so answers must come back to it`;
  }
  return rule.target.kind === "jump" ? message`the node port of a Service, on every address of the node` : undefined;
}

function whyBalancing(rules: NodeRules, rule: Rule, said: string): Message | undefined {
  if (leadsTo(rule, "KUBE-MARK-MASQ")) {
    if (!said.endsWith(" cluster IP")) {
      return message`what comes to a node port may leave the node again, so answers must come back to it`;
    }
    return rule.matches.some(isPodDetector) ? offCluster : everybody;
  }
  if (isAffinity(rule)) return affinity;
  const chosen = rules.endpointsBehind(rule.chain).find((choice) => choice.rule === rule);
  return (
    chosen && message`chooses an endpoint: those below share what this rule leaves, so that all have the same chance`
  );
}

const isAffinity = ({ matches }: Rule): boolean => matches.some(({ kind }) => kind === "recent-check");

const affinity = message`session affinity: a client that was here lately gets the same endpoint again`;

/** How kube-proxy tells what does not come from pods: by address or by interface. */
const isPodDetector = (match: Match): boolean =>
  (match.kind === "source" || match.kind === "in-interface") && match.negated;

const offCluster = message`what does not come from a pod gets the node's address, or the endpoint's answers would not come back this way`;
const everybody = message`masqueradeAll: every client of a cluster IP gets the node's address`;
const noEndpoints = message`the Service has no endpoints, and a refusal is quicker than a time-out`;

function whyExternal(rule: Rule, said: string): Message | undefined {
  if (said.startsWith("masquerade traffic for ")) {
    return message`with the external policy Cluster the endpoint may be on another node, so the node puts its own address there`;
  }
  if (said.startsWith("pod traffic for ")) {
    return message`pods do not come from outside: the external policy Local does not concern them`;
  }
  if (said.startsWith("masquerade LOCAL traffic for ") || said.startsWith("route LOCAL traffic for ")) {
    return message`the node itself does not come from outside: the external policy Local does not concern it`;
  }
  if (rule.target.kind !== "jump") return undefined;
  return readChainName(rule.target.chain)?.kind === "SVL"
    ? message`the external policy Local: only endpoints on this node, which see the client's own address`
    : message`the external policy Cluster: any endpoint will do`;
}

/** Up to 1.23, what KUBE-EXT and KUBE-SVL do today for the policy Local. */
function whyLocalBalancer(rules: NodeRules, rule: Rule, said: string): Message | undefined {
  if (said.startsWith("Redirect pods trying to reach external loadbalancer")) {
    return message`pods do not come from outside: the external policy Local does not concern them`;
  }
  if (said.includes(" LOCAL traffic for ")) {
    return message`the node itself does not come from outside: the external policy Local does not concern it`;
  }
  if (said.endsWith(" has no local endpoints")) {
    return message`the external policy Local, and no endpoint on this node: another node may have one`;
  }
  if (isAffinity(rule)) return affinity;
  const isChoice = rules.endpointsBehind(rule.chain).some((choice) => choice.rule === rule);
  return isChoice ? message`the external policy Local: chooses among the endpoints on this node` : undefined;
}

function whyFirewall(rule: Rule, said: string): Message | undefined {
  if (rule.target.kind === "none" || said.startsWith("other traffic to ")) {
    return message`who is in none of the source ranges falls through, and is dropped in the table filter`;
  }
  if (leadsTo(rule, "KUBE-MARK-DROP"))
    return message`who is in none of the source ranges is marked, and dropped in the table filter`;
  if (leadsTo(rule, "KUBE-MARK-MASQ")) {
    return message`what comes to the load balancer's address may leave the node again, so answers must come back to it`;
  }
  if (rule.matches.some(({ kind }) => kind === "source")) {
    return message`one of the loadBalancerSourceRanges of the Service, or the load balancer's own address where the node is in one`;
  }
  return rule.target.kind === "jump" ? message`the load balancer's address is open to everybody` : undefined;
}

function whyEndpoint(rule: Rule): Message | undefined {
  if (leadsTo(rule, "KUBE-MARK-MASQ")) {
    return message`a pod that reaches itself through the Service must not see its own address, or its answer would go astray`;
  }
  if (rule.target.kind === "dnat")
    return message`the endpoint itself: the packet's destination becomes the pod's address and port`;
  return undefined;
}

function whyFilter(rule: Rule, said: string): Message | undefined {
  if (said.endsWith(" has no endpoints")) return noEndpoints;
  if (said.endsWith(" has no local endpoints")) {
    return message`a policy insists on endpoints of this node, and there is none; another node may have one, so nothing is refused`;
  }
  if (said.includes(" traffic not accepted by ")) {
    return message`who is in none of the loadBalancerSourceRanges comes here untranslated, and no further`;
  }
  if (said.endsWith(" health check node port")) {
    return message`the load balancer asks at this port whether the node has an endpoint of the Service`;
  }
  return rule.chain === "KUBE-NODEPORT-NON-LOCAL"
    ? message`userspace mode: kube-proxy's own port for a node port must be open`
    : undefined;
}

const leadsTo = ({ target }: Rule, chain: string): boolean =>
  (target.kind === "jump" || target.kind === "goto") && target.chain === chain;

/** The software behind a rule; of kube-proxy's what their chain is for. */
function whose(table: TableName, { chain, target, matches }: Rule): Message | undefined {
  const wanted = target.kind === "jump" || target.kind === "goto" ? target.chain : "";
  const owned = chainOwner(chain) === undefined ? wanted : chain;
  const said = commentOf({ matches });
  const owner = chainOwner(owned) ?? (said.startsWith("cali:") ? "Calico" : undefined);
  if (owner === undefined) return undefined;
  return owner === "kube-proxy" ? describeChainRole(table, owned) : message`a rule of ${owner}`;
}
