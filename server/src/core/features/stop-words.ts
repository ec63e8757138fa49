import { list, type Message, message, quote } from "../base/message.ts";
import { assertNever, type SourceRange } from "../base/source.ts";
import type { DnsHint } from "../cluster/dns-hints.ts";
import { saveRule } from "../cluster/iptables/print-save.ts";
import type { Resolution } from "../cluster/resolution.ts";
import type { ServedService } from "../cluster/served.ts";
import type { Client } from "../cluster/simulation/client.ts";
import type { NodePort, Stop, StopReason, Trace } from "../cluster/simulation/trace.ts";
import type { ServicePort } from "../manifest/model.ts";
import { describeNoData, describeNoName } from "./dns-words.ts";
import { cut, nameOf, portText } from "./naming.ts";

/** Why a request ends before it reaches an endpoint. */
export function describeStop({ reason, verdict }: Stop): Message {
  switch (reason.kind) {
    case "no-such-name":
      return verdict === "unknown" && reason.served
        ? selectsNobodyInSight(reason.served)
        : describeNoName(reason.because);
    case "no-address":
      return describeNoData(reason.because);
    case "outside-name":
      return message`${quote(reason.name)} is a name outside the cluster: the manifests cannot tell what it leads to`;
    case "cluster-itself":
      return message`the ${reason.what} is part of every cluster; no manifest here shows it`;
    case "no-client-address":
      return message`the client has no address: the cluster is set up without nodes, or without room for its pods`;
    case "no-common-family":
      return message`the client has no ${reason.family} address`;
    case "no-endpoints":
      return describeNoEndpoints(reason, verdict);
    case "no-local-endpoints":
      return message`${nameOf(reason.served.service)} has no endpoint on ${reason.node}, and its ${policyField(reason)} is Local`;
    case "source-not-allowed":
      return message`the loadBalancerSourceRanges of ${nameOf(reason.served.service)} do not let ${reason.source} in`;
    case "dropped-by-rule":
      return message`a rule of every node drops it: ${saveRule("IPv4", reason.rule)}`;
    case "no-such-port":
      return describeNoSuchPort(reason, verdict);
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
    default:
      return assertNever(reason);
  }
}

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
    case "no-address":
    case "outside-name":
      return (reason.kind === "no-address" ? reason.resolution.hints : reason.hints).map((hint) =>
        hintWords(hint, client),
      );
    case "no-endpoints":
      return verdict === "unknown" ? [] : endpointRemedies(reason.served, reason.port);
    case "no-local-endpoints": {
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
    default:
      return [];
  }
}

const similarRemedy = ({ similar }: Because<"no-such-name">): readonly Remedy[] =>
  similar === undefined ? [] : [{ said: message`there is ${nameOf(similar)}`, source: similar.name.range }];

type Because<Kind extends StopReason["kind"]> = Extract<StopReason, { kind: Kind }>;

const policyField = ({ policy }: Because<"no-local-endpoints">) =>
  policy === "internal" ? "internalTrafficPolicy" : "externalTrafficPolicy";

function describeNoEndpoints({ served, port }: Because<"no-endpoints">, verdict: Stop["verdict"]): Message {
  const service = nameOf(served.service);
  const { endpoints } = served.resolution;
  if (verdict === "unknown") return selectsNobodyInSight(served);
  if (endpoints.kind === "selected" && endpoints.pods.length === 0) return message`${service} selects no pod`;
  if (endpoints.kind === "none") return message`${service} has no selector, and no addresses are kept by hand`;
  return served.service.ports.length > 1
    ? message`port ${quote(portText(port))} of ${service} has no ready endpoint`
    : message`${service} has no ready endpoint`;
}

const selectsNobodyInSight = ({ service }: ServedService): Message =>
  message`${nameOf(service)} selects no pod in sight; what else is deployed with it may bring some`;

function describeNoSuchPort(
  { served, port, protocol, address }: Because<"no-such-port">,
  verdict: Stop["verdict"],
): Message {
  const service = nameOf(served.service);
  if (served.service.ports.length === 0) return message`${service} has no ports`;
  const ports = list(served.service.ports.map((own) => `${own.port.value}/${own.protocol.value}`));
  const missing = message`${service} has port ${ports}, not ${`${port}/${protocol.toUpperCase()}`}`;
  if (verdict === "refused") return message`${missing}: kube-proxy refuses all other ports of its cluster IP`;
  return address === "cluster-ip"
    ? message`${missing}: no rule takes the packet, and nothing else has its cluster IP`
    : message`${missing}: no rule takes the packet`;
}

function portRemedies({ served, port, protocol }: Because<"no-such-port">): readonly Remedy[] {
  const { service, addresses } = served;
  const ports = service.ports.filter((own) => own.protocol.value.toLowerCase() === protocol);
  const otherProtocol = service.ports.find((own) => own.port.value === port);
  const upper = protocol.toUpperCase();
  if (otherProtocol !== undefined) {
    return [
      {
        said: message`add port ${port} with ${quote(`protocol: ${upper}`)}: it is there for ${otherProtocol.protocol.value} alone`,
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
  if (nodePort !== undefined) return message`call a node on port ${nodePort.port}, the node port of ${nameOf(service)}`;
  return message`give ${nameOf(service)} the type NodePort or LoadBalancer, or put an Ingress before it`;
}

/** What would give a Service port endpoints; without a port, the Service any pods at all. */
export function endpointRemedies(
  { service, resolution }: ServedService,
  port: ServicePort | undefined,
): readonly Remedy[] {
  const { endpoints, reach } = resolution;
  if (endpoints.kind === "manual") {
    return [
      {
        said: message`add a ready address with the port ${quote(port?.name?.value ?? "")} to those kept by hand`,
        source: endpoints.slices[0]?.name.range ?? service.name.range,
      },
    ];
  }
  if (endpoints.kind !== "selected") {
    return [{ said: message`give ${nameOf(service)} a selector, or an EndpointSlice`, source: service.name.range }];
  }
  if (endpoints.pods.length > 0) return podRemedies(resolution, port);
  const { nearMiss, elsewhere = [] } = reach ?? {};
  if (nearMiss !== undefined) {
    return nearMiss.wrong.map(({ entry, instead }) => {
      const who = nameOf(nearMiss.workload);
      const asked = quote(`${entry.key.value}=${entry.value.value}`);
      const said =
        instead === undefined
          ? message`drop ${asked} from the selector: the pods of ${who} do not carry it`
          : message`select ${quote(`${instead.label.key.value}=${instead.label.value.value}`)}, which the pods of ${who} carry, not ${asked}`;
      return { said, source: instead?.kind === "key" ? entry.key.range : entry.value.range };
    });
  }
  const { shown } = cut(elsewhere, 3);
  const others = shown.map((workload) => ({
    said: message`the pods of ${nameOf(workload)} match, and are in another namespace or deployed elsewhere`,
    source: workload.name.range,
  }));
  const labels = list(endpoints.selector.entries.map(({ key, value }) => quote(`${key.value}=${value.value}`)));
  return [{ said: message`give a pod template the labels ${labels}`, source: endpoints.selector.key }, ...others];
}

/** Pods there are, but none that serves the port. */
function podRemedies({ endpoints, ports }: Resolution, port: ServicePort | undefined): readonly Remedy[] {
  if (endpoints.kind !== "selected") return [];
  const targets = ports.find((candidate) => candidate.port === port)?.targets ?? [];
  const missing = targets.flatMap((target) => (target.kind === "unresolved" ? [target] : []));
  if (missing.length > 0) {
    return missing.map(({ source, name }) => {
      const named = source.workload.template.containers.flatMap(({ role, ports: own }) => (role === "init" ? [] : own));
      const words = list(
        named.map((own) => quote(own.name?.value ?? own.containerPort.value)),
        "or",
      );
      return {
        said:
          named.length > 0
            ? message`no container port of ${nameOf(source.workload)} is called ${quote(name)}; there is ${words}`
            : message`declare a container port called ${quote(name)} in ${nameOf(source.workload)}`,
        source: port?.targetPort.range ?? source.workload.template.key,
      };
    });
  }
  return endpoints.pods.map(({ workload }) =>
    workload.replicas?.value === 0
      ? { said: message`${nameOf(workload)} is scaled to 0`, source: workload.replicas.range }
      : { said: message`no pod of ${nameOf(workload)} is ready`, source: workload.name.range },
  );
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
    case "absolute":
      return at(message`the final dot switches the search domains off: write ${quote(first ?? "")}`);
  }
}

/** How a client comes to ask the server that knows the name. */
function clusterDnsWords({ pod, onHost }: Client): Remedy {
  if (pod === undefined) {
    return {
      said: message`only pods ask the cluster's DNS server, which knows the name: call an address`,
      source: undefined,
    };
  }
  const { dnsPolicy } = pod.workload.template;
  const policy = onHost ? "ClusterFirstWithHostNet" : "ClusterFirst";
  return {
    said: message`the cluster's DNS server knows the name: write ${quote(`dnsPolicy: ${policy}`)}`,
    source: dnsPolicy.range,
  };
}

/** Node ports that may have been meant. */
const nodePortRemedies = (nodePorts: readonly NodePort[], protocol: string): readonly Remedy[] =>
  cut(
    nodePorts.filter(({ port }) => port.protocol.value.toLowerCase() === protocol),
    3,
  ).shown.map(({ number, service, port }) => ({
    said: message`port ${number} of the nodes leads to port ${quote(portText(port))} of ${nameOf(service)}`,
    source: (port.nodePort ?? port.port).range,
  }));
