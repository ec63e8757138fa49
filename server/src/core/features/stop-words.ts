import { list, type Message, message, quote } from "../base/message.ts";
import { assertNever } from "../base/source.ts";
import { printStep } from "../cluster/packet-filter.ts";
import { isUncounted } from "../cluster/pods.ts";
import type { ServedService } from "../cluster/served.ts";
import type { Stop, StopReason } from "../cluster/simulation/stop-reason.ts";
import { describeNoData, describeNoName } from "./dns-words.ts";
import { addressText } from "./layout.ts";
import { nameOf, portText } from "./naming.ts";
import { describeCheck } from "./policy-words.ts";
import { describeMissing } from "./variable-words.ts";

/** Why a request ends before it reaches an endpoint. */
export function describeStop({ reason, verdict }: Stop): Message {
  switch (reason.kind) {
    case "no-such-name":
      return verdict === "unknown" && reason.served
        ? selectsNobodyInSight(reason.served)
        : describeNoName(reason.because);
    case "no-such-variable":
      return describeMissing(reason.name, reason.why);
    case "no-address":
      return describeNoData(reason.because);
    case "outside-name":
      return message`${quote(reason.name)} is a name outside the cluster: the manifests cannot tell what it leads to`;
    case "cluster-itself":
      return message`the ${reason.what} is part of every cluster; no manifest here shows it`;
    case "no-client-address":
      return message`the client has no address: the settings give the cluster no nodes, or no room for its pods`;
    case "no-common-family":
      return message`the client has no ${reason.family} address`;
    case "no-endpoints":
      return describeNoEndpoints(reason, verdict);
    case "no-local-endpoints":
      return message`${nameOf(reason.served.service)} has no endpoint on ${reason.node}, and its ${policyField(reason)} is Local`;
    case "answer-astray":
      return describeAstray(reason);
    case "source-not-allowed":
      return message`the loadBalancerSourceRanges of ${nameOf(reason.served.service)} do not let ${reason.source} in`;
    case "dropped-by-rule":
      return message`a rule of every node drops it: ${printStep(reason.rule)}`;
    case "no-such-port":
      return describeNoSuchPort(reason, verdict);
    case "balancer-to-pods":
      return message`${nameOf(reason.served.service)} has no node port: its load balancer, which proxies, reaches the pods by a way of its own`;
    case "foreign-proxy":
      return message`kube-proxy leaves ${nameOf(reason.served.service)} to another proxy, of which the manifests say nothing`;
    case "not-routed":
      return reason.what === "cluster-ip"
        ? message`${reason.ip} is a cluster IP, to which nothing outside the cluster has a route`
        : message`${reason.ip} is in the network of the pods, to which nothing outside the cluster has a route`;
    case "nobody":
      return reason.range === "service"
        ? message`no Service has the cluster IP ${reason.ip}`
        : message`no pod has the address ${reason.ip}`;
    case "no-such-node-port":
      return message`no Service has the node port ${reason.port}, so nothing listens there on ${reason.node}`;
    case "not-on-address":
      return message`the node port ${reason.nodePort.allocated.port} of ${nameOf(reason.nodePort.service)} does not answer on ${reason.ip}`;
    case "headless-port":
      return message`${nameOf(reason.served.service)} is headless, so nothing translates port ${reason.servicePort.port.value}: its pods listen on ${reason.target}`;
    case "undeclared":
      return message`no container of pod ${quote(reason.pod.name)} declares port ${reason.port}: the manifests cannot tell whether something listens there`;
    case "node-process":
      return message`no manifest shows what listens on port ${reason.port} of ${reason.node}`;
    case "outside-address":
      return message`${reason.ip} is outside the cluster: the manifests cannot tell what answers there`;
    case "unknown-target":
      return message`the targetPort ${quote(reason.port.targetPort.value)} of ${nameOf(reason.served.service)} is filled in later`;
    case "endpoint-is-service":
      return message`the endpoint ${reason.ip} is the cluster IP of ${nameOf(reason.other)}, and nothing translates an address twice`;
    case "network-policy":
      return describeCheck(reason.check);
    case "dns-policy":
      return message`the client cannot ask the cluster's DNS server: ${describeCheck(reason.check)}`;
    default:
      return assertNever(reason);
  }
}

/** One kind of reason. */
export type Because<Kind extends StopReason["kind"]> = Extract<StopReason, { kind: Kind }>;

/** The traffic policy that insists on the node. */
export const policyField = ({ policy }: Because<"no-local-endpoints" | "answer-astray">) =>
  policy === "internal" ? "internalTrafficPolicy" : "externalTrafficPolicy";

function describeAstray(reason: Because<"answer-astray">): Message {
  const { served, node, endpoint, toService } = reason;
  const service = nameOf(served.service);
  const missing = message`${service} has no endpoint on ${node}, and its ${policyField(reason)} is Local`;
  return toService
    ? message`${missing}: IPVS takes one elsewhere, which answers to the address of the Service and so to its own node`
    : message`${missing}: IPVS takes one elsewhere, and answers of ${addressText(endpoint.address)} do not come back through ${node}`;
}

function describeNoEndpoints({ served, port }: Because<"no-endpoints">, verdict: Stop["verdict"]): Message {
  const service = nameOf(served.service);
  const { endpoints } = served.resolution;
  if (verdict === "unknown") return selectsNobodyInSight(served);
  if (endpoints.kind === "selected" && endpoints.pods.length === 0) return message`${service} selects no pod`;
  if (endpoints.kind === "none") return message`${service} has no selector, and no EndpointSlice`;
  return served.service.ports.length > 1
    ? message`port ${quote(portText(port))} of ${service} has no ready endpoint`
    : message`${service} has no ready endpoint`;
}

function selectsNobodyInSight({ service, resolution: { endpoints } }: ServedService): Message {
  const uncounted = endpoints.kind === "selected" ? endpoints.pods.find(isUncounted) : undefined;
  if (uncounted) return message`only a cluster can tell how many pods ${nameOf(uncounted.workload)} has`;
  return endpoints.kind === "unknown"
    ? message`the selector of ${nameOf(service)} is a placeholder: which pods it selects, if any, is filled in later`
    : message`${nameOf(service)} selects no pod in these files; what else is deployed with it may bring some`;
}

function describeNoSuchPort(
  { served, port, protocol, address }: Because<"no-such-port">,
  verdict: Stop["verdict"],
): Message {
  const service = nameOf(served.service);
  if (served.service.ports.length === 0) return message`${service} has no ports`;
  const ports = list(served.service.ports.map((own) => `${own.port.value}/${own.protocol.value}`));
  const missing = message`${service} has port ${ports}, not ${`${port}/${protocol.toUpperCase()}`}`;
  if (verdict === "unknown") return message`${missing}: what its load balancer does with other ports is not known`;
  if (verdict === "refused") {
    return address === "cluster-ip"
      ? message`${missing}: kube-proxy refuses all other ports of its cluster IP`
      : message`${missing}: kube-proxy refuses all other ports of its addresses`;
  }
  return address === "cluster-ip"
    ? message`${missing}: no rule takes the packet, and nothing else has its cluster IP`
    : message`${missing}: no rule takes the packet`;
}
