import { list, type Message, message, plural, quote } from "../base/message.ts";
import { assertNever } from "../base/source.ts";
import { add, type Fraction, formatFraction, zero } from "../cluster/netfilter/fraction.ts";
import type { ProtocolToken } from "../cluster/netfilter/packet.ts";
import { printStep } from "../cluster/packet-filter.ts";
import type { SearchPath } from "../cluster/search-path.ts";
import type { Client } from "../cluster/simulation/client.ts";
import type { Stop } from "../cluster/simulation/stop-reason.ts";
import type { ChainStep, Step, Trace, TracedPort } from "../cluster/simulation/trace.ts";
import { describeDelivery, describeRoute, describeSeen, endpointName } from "./arrival-words.ts";
import { describeAnswer } from "./dns-words.ts";
import { addressPortText, addressText } from "./layout.ts";
import { nameOf } from "./naming.ts";
import { describeNeeds, describeReply } from "./packet-words.ts";
import { describeCheck } from "./policy-words.ts";
import { describeStop } from "./stop-words.ts";
import { variableText } from "./variable-words.ts";

/** What the client of a request observes: `connection established`, `NXDOMAIN`, or what the manifests do not tell. */
export function describeObserved({ stop, request, ways }: Trace): Message {
  if (stop === undefined) return deliveredWords[request.protocol];
  const observed = observedAt(stop, request.protocol);
  const failing = ways.flatMap(({ odds, end }) => (end.kind === "stop" ? [odds] : [])).reduce(add, zero);
  return ways.length === 0 || failing.numerator === failing.denominator
    ? observed
    : message`${observed}, with odds of ${formatFraction(failing)}`;
}

/** What a client observes that gets through. */
export const deliveredWords = {
  tcp: message`connection established`,
  udp: message`datagram delivered`,
  sctp: message`association established`,
} as const satisfies Record<ProtocolToken, Message>;

/** Who sends a request, as it stands before where it goes. */
export function describeClient({ kind, name, namespace }: Pick<Client, "kind" | "name" | "namespace">): Message {
  switch (kind) {
    case "external":
      return message`from outside the cluster`;
    case "node":
      return message`from a process on ${name || "node"}`;
    case "pod":
      return message`from pod ${`${namespace}/${name}`}`;
  }
}

function observedAt(stop: Stop, protocol: Trace["request"]["protocol"]): Message {
  const { reason } = stop;
  switch (stop.verdict) {
    case "no-such-name":
      if (reason.kind === "no-such-variable") return message`a variable without a value`;
      return reason.kind === "no-address" ? message`a name without addresses (NODATA)` : message`NXDOMAIN`;
    case "refused":
      return protocol === "udp" ? message`port unreachable` : message`connection refused`;
    case "dropped":
      return message`connection timed out`;
    case "unreachable":
      if (reason.kind === "no-common-family") return message`network is unreachable`;
      return reason.kind === "nobody" && reason.range === "pod"
        ? message`no route to host`
        : message`connection timed out`;
    case "unknown":
      return describeStop(stop);
  }
}

/** One step in words. */
export function describeStep(step: Step, { client }: Pick<Trace, "client">): Message {
  switch (step.at) {
    case "environment":
      return step.kind === "order"
        ? message`a container sees the Services that were there when it started`
        : message`${variableText(step.variable)}`;
    case "dns":
      return describeDns(step);
    case "source":
      return step.kind === "leaves" ? describeSource(step, client) : describeEntry(step);
    case "chain":
      return describeChain(step);
    case "choice":
      return describeChoice(step);
    case "route":
      return describeRoute(step.endpoint);
    case "policy":
      return describeCheck(step.check);
    case "pod":
      return describeDelivery(step.endpoint);
    case "client":
      return describeSeen(step.endpoint.seen);
    case "reply": {
      const needs = describeNeeds(step.reply);
      const said = describeReply(step.endpoint, step.reply);
      return needs ? message`${said}; ${needs}` : said;
    }
    case "stop":
      return describeStop(step.stop);
    default:
      return assertNever(step);
  }
}

function describeDns(step: Extract<Step, { at: "dns" }>): Message {
  switch (step.kind) {
    case "literal":
      return message`${step.ip} is an address: no name is looked up`;
    case "loopback":
      return message`localhost is ${step.ip}, in every hosts file`;
    case "search-path":
      return describePath(step.path);
    case "attempt":
      return message`${step.query}  ${describeAnswer(step.answer)}`;
    case "node":
      return message`${step.name} is a node: ${addressText(step.address)}`;
    case "port":
      return describePort(step.port);
    default:
      return assertNever(step);
  }
}

function describePath({ server, domains, ndots, hostNetworkTrap }: SearchPath): Message {
  if (server === "custom") return message`the servers of dnsConfig are asked, which are not the cluster's`;
  if (hostNetworkTrap) {
    return message`with hostNetwork, dnsPolicy ClusterFirst asks the DNS server of the node, which knows no names of the cluster`;
  }
  if (server === "node") return message`the DNS server of the host is asked, which knows no names of the cluster`;
  if (domains.length === 0) return message`the cluster's DNS server is asked, and no search domains are tried`;
  const searched = list(domains, "comma");
  return plural(
    ndots,
    message`a name without a dot is first tried in the search domains ${searched}`,
    message`a name with fewer than ${ndots} dots is first tried in the search domains ${searched}`,
  );
}

function describePort({ number, from }: TracedPort): Message {
  switch (from) {
    case "written":
      return message`port ${number}`;
    case "scheme":
      return message`port ${number}, the default of the scheme`;
    case "srv":
      return message`port ${number}, from the SRV record`;
    case "service":
      return message`port ${number}, the only one of the Service, because none is given`;
    case "assumed":
      return message`port 80, because none is given`;
  }
}

function describeSource({ address, node }: Extract<Step, { at: "source"; kind: "leaves" }>, client: Client): Message {
  const ip = addressText(address);
  switch (client.kind) {
    case "external":
      return message`a host outside the cluster sends from ${ip}`;
    case "node":
      return message`a process on ${client.name} sends from ${ip}`;
    case "pod": {
      const owner = client.pod?.workload;
      const name = quote(client.name);
      const pod =
        owner === undefined || owner.kind.value === "Pod"
          ? message`pod ${name}`
          : message`pod ${name} of ${nameOf(owner)}`;
      if (node === undefined) return message`${pod} sends from ${ip}`;
      return client.onHost
        ? message`${pod} sends from ${ip}, the address of its node ${node}`
        : message`${pod} sends from ${ip}, on ${node}`;
    }
  }
}

function describeEntry({ node, why }: Extract<Step, { at: "source"; kind: "enters" }>): Message {
  switch (why) {
    case "address":
      return message`it reaches ${node}, which has the address`;
    case "health-check":
      return message`the load balancer sends it to ${node}, whose health check it trusts`;
    case "any":
      return message`something outside the cluster sends it to a node, for example ${node}`;
  }
}

/** What the packet filter of a node does. */
export function describeChain(step: Extract<Step, { at: "chain" }>): Message {
  switch (step.kind) {
    case "rule":
      return describeRule(step);
    case "untouched":
      return message`no rule of a Service matches: the packet goes on unchanged`;
    case "balanced":
      return message`the load balancer of ${nameOf(step.served.service)} takes the connection, and opens another one to a node port, for example on ${step.to}`;
    case "hop":
      return message`on from ${step.from} to ${step.to}, which has the address`;
    default:
      return assertNever(step);
  }
}

const describeRule = ({ rule }: ChainStep): Message =>
  isCertain(rule.chance) ? message`${printStep(rule)}` : message`${printStep(rule)}  (${formatFraction(rule.chance)})`;

const isCertain = ({ numerator, denominator }: Fraction): boolean => numerator === denominator;

function describeChoice({ endpoint, by, affinity }: Extract<Step, { at: "choice" }>): Message {
  const name = endpointName(endpoint);
  const address = addressPortText(endpoint.address, endpoint.port);
  const odds = formatFraction(endpoint.odds);
  const chosen = name === undefined ? message`${odds}  ${address}` : message`${odds}  ${address}  ${name}`;
  if (affinity !== undefined) return message`${chosen}, and again within ${affinity} s of the last connection`;
  return by === "dns" ? message`${chosen}, by the order of the DNS answer` : chosen;
}
