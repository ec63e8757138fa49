import { cut } from "../base/cut.ts";
import { list, type Message, message, quote } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";
import type { DnsHint } from "../cluster/dns-hints.ts";
import type { ServedService } from "../cluster/served.ts";
import type { Client } from "../cluster/simulation/client.ts";
import type { NodePort } from "../cluster/simulation/stop-reason.ts";
import type { Trace } from "../cluster/simulation/trace.ts";
import type { ServicePort } from "../manifest/model.ts";
import { endpointRemedies } from "./endpoint-remedies.ts";
import { allocatedText } from "./layout.ts";
import { nameOf, portText } from "./naming.ts";
import { lookupRemedies, policyRemedies } from "./policy-remedies.ts";
import { type Because, policyField } from "./stop-words.ts";
import { describeInstead } from "./variable-words.ts";

/** What to change, and where. */
export interface Remedy {
  readonly said: Message;
  /** `undefined` where the request is at fault, not a manifest. */
  readonly source: SourceRange | undefined;
}

/** What would let a request through, the likeliest first; nothing for one that is delivered. */
export function findRemedies({ stop, client, request }: Trace): readonly Remedy[] {
  if (stop === undefined) return [];
  const { reason, verdict } = stop;
  switch (reason.kind) {
    case "no-such-name":
      if (verdict === "unknown") return [];
      if (reason.because.kind === "no-endpoints" && reason.served) return endpointRemedies(reason.served, undefined);
      return [...similarRemedy(reason), ...reason.resolution.hints.map((hint) => hintWords(hint, client))];
    case "no-such-variable": {
      const said = describeInstead(reason.why);
      return said ? [{ said, source: undefined }] : [];
    }
    case "no-address":
    case "outside-name":
      return (reason.kind === "no-address" ? reason.resolution.hints : reason.hints).map((hint) =>
        hintWords(hint, client),
      );
    case "no-endpoints":
      return verdict === "unknown" ? [] : endpointRemedies(reason.served, reason.port);
    case "no-local-endpoints":
    case "answer-astray": {
      const field = policyField(reason);
      return [
        {
          said: message`write ${quote(`${field}: Cluster`)}, or run a pod on ${reason.node}`,
          source: reason.served.service[field].range,
        },
      ];
    }
    case "source-not-allowed":
      return [
        {
          said: message`add a range that holds ${reason.source}`,
          source: reason.served.service.loadBalancerSourceRanges[0]?.range,
        },
      ];
    case "no-such-port":
      return portRemedies(reason);
    case "no-such-node-port":
      return nodePortRemedies(reason.others, request.protocol);
    case "not-on-address":
      return [
        {
          said: reason.answersOnPrimary
            ? message`call an address of ${reason.node}, such as ${quote(`${reason.node}:${reason.nodePort.allocated.port}`)}`
            : message`add a block that holds ${reason.ip} to the ${"nodePortAddresses"} of kube-proxy`,
          source: undefined,
        },
      ];
    case "node-process":
      return nodePortRemedies(reason.meant, request.protocol);
    case "not-routed":
      return reason.served === undefined
        ? []
        : [{ said: outsideWays(reason.served), source: reason.served.service.serviceType.range }];
    case "headless-port":
      return [
        {
          said: message`call port ${reason.target}, and write it as the port of the Service`,
          source: reason.servicePort.port.range,
        },
      ];
    case "undeclared":
      return [
        {
          said: message`declare containerPort ${reason.port} if a process listens there`,
          source: reason.pod.workload.template.key,
        },
      ];
    case "network-policy":
      return policyRemedies(reason.check);
    case "dns-policy":
      return lookupRemedies(reason.check);
    default:
      return [];
  }
}

const similarRemedy = ({ similar }: Because<"no-such-name">): readonly Remedy[] =>
  similar === undefined
    ? []
    : [{ said: message`write the name of ${nameOf(similar)}, if that is meant`, source: similar.name.range }];

function portRemedies({ served, port, protocol }: Because<"no-such-port">): readonly Remedy[] {
  const { service, addresses } = served;
  const ports = service.ports.filter((own) => own.protocol.value.toLowerCase() === protocol);
  const otherProtocol = service.ports.find((own) => own.port.value === port);
  const upper = protocol.toUpperCase();
  if (otherProtocol !== undefined) {
    return [
      {
        said: message`add port ${port} with ${quote(`protocol: ${upper}`)}: the Service has it for ${otherProtocol.protocol.value} only`,
        source: otherProtocol.protocol.range,
      },
    ];
  }
  const call = (own: ServicePort) => quote(`${service.name.value}:${own.port.value}`);
  const behind = served.ports.find(
    ({ endpoints, resolution }) =>
      ports.includes(resolution.port) &&
      (resolution.port.targetPort.value === port || endpoints.some((endpoint) => endpoint.port === port)),
  )?.resolution.port;
  const change = quote(`port: ${port}`);
  if (behind !== undefined) {
    const said = message`call ${call(behind)}, which leads to port ${port} of its pods, or write ${change}`;
    return [{ said, source: behind.port.range }];
  }
  const onNode = service.ports[addresses.nodePorts.ports.findIndex((allocated) => allocated?.port === port)];
  if (onNode !== undefined) {
    const said = message`call ${call(onNode)}: ${port} is a port of the nodes, not of the cluster IP`;
    return [{ said, source: (onNode.nodePort ?? onNode.port).range }];
  }
  const [first] = ports;
  if (first !== undefined)
    return [{ said: message`call ${call(first)}, or write ${change}`, source: first.port.range }];
  return [{ said: message`add port ${port} with ${quote(`protocol: ${upper}`)}`, source: service.name.range }];
}

/** How to reach a Service from outside. */
function outsideWays({ service, addresses }: ServedService): Message {
  const nodePort = addresses.nodePorts.ports.find((port) => port !== undefined);
  if (nodePort !== undefined)
    return message`call a node on port ${allocatedText(nodePort)}, the node port of ${nameOf(service)}`;
  return message`give ${nameOf(service)} the type NodePort or LoadBalancer, or put an Ingress before it`;
}

function hintWords({ kind, suggestions }: DnsHint, client: Client): Remedy {
  const [first] = suggestions;
  const names = list(suggestions.slice(0, 3).map(quote), "or");
  const at = (said: Message): Remedy => ({ said, source: undefined });
  switch (kind) {
    case "not-cluster-dns":
      return clusterDnsWords(client);
    case "other-namespace":
      return at(message`a Service of this name is in another namespace: write ${names}`);
    case "missing-namespace":
      return at(message`the namespace is missing: write ${names}`);
    case "missing-svc":
      return at(message`${quote("svc")} is missing: write ${names}`);
    case "wrong-domain":
      return at(message`the cluster domain is another: write ${names}`);
    case "swapped":
      return at(message`namespace and Service are the wrong way round: write ${names}`);
    case "not-searched":
      return at(message`the pod's dnsConfig does not search the domain of this name: write ${names}`);
    case "absolute":
      return at(message`the final dot switches the search domains off: write ${quote(first ?? "")}`);
  }
}

/** How a client comes to ask the server that knows the name. */
function clusterDnsWords({ pod, onHost }: Client): Remedy {
  if (pod === undefined) {
    return {
      said: message`call an address: the name is known to the cluster's DNS server alone, which only pods ask`,
      source: undefined,
    };
  }
  const { dnsPolicy } = pod.workload.template;
  const policy = onHost ? "ClusterFirstWithHostNet" : "ClusterFirst";
  return {
    said: message`write ${quote(`dnsPolicy: ${policy}`)}: the cluster's DNS server knows the name`,
    source: dnsPolicy.range,
  };
}

/** Node ports that may have been meant. */
const nodePortRemedies = (nodePorts: readonly NodePort[], protocol: string): readonly Remedy[] =>
  cut(
    nodePorts.filter(({ port }) => port.protocol.value.toLowerCase() === protocol),
    3,
  ).shown.map(({ allocated, service, port }) => ({
    said: message`call port ${allocatedText(allocated)}, which leads to port ${quote(portText(port))} of ${nameOf(service)}`,
    source: (port.nodePort ?? port.port).range,
  }));
