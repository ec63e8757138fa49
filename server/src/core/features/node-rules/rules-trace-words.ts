import { listCut } from "../../base/cut.ts";
import { formatCidr, hostPort } from "../../base/ip.ts";
import { list, type Message, message, quote, render } from "../../base/message.ts";
import { assertNever } from "../../base/source.ts";
import type { Bridge } from "../../cluster/netfilter/packet.ts";
import type { OtherProxy } from "../../cluster/node-rules/node-facts.ts";
import type { RulesEnd, RulesNote, RulesTrace, RulesWay } from "../../cluster/node-rules/simulation/rules-trace.ts";
import { addressText } from "../layout.ts";
import { deliveredWords } from "../trace-words.ts";
import { describeDependence, describeUndecided } from "./assumption-words.ts";
import { connectErrorWords } from "./connect-error-words.ts";
import { addressOfClient } from "./rules-journey.ts";

/** What becomes of a request in a word. `unknown`, where the rules do not tell; `depends`, where ways end differently. */
export type RulesVerdict = "delivered" | "refused" | "dropped" | "no-such-name" | "untouched" | "unknown" | "depends";

/** The verdict on all ways together. */
export function verdictOf({ destination, ways }: RulesTrace): RulesVerdict {
  if (destination === undefined) return "no-such-name";
  const [first, ...others] = new Set(ways.map(({ end }) => verdictOfEnd(end)));
  return first === undefined ? "unknown" : others.length > 0 ? "depends" : first;
}

const verdictOfEnd = (end: RulesEnd): RulesVerdict =>
  end.kind === "untouched" && !end.isSure ? "unknown" : ends[end.kind];

const ends = {
  endpoint: "delivered",
  rejected: "refused",
  dropped: "dropped",
  untouched: "untouched",
  unknown: "unknown",
} as const satisfies Record<RulesEnd["kind"], RulesVerdict>;

/** What the client of a request observes, as far as the rules tell. */
export function describeRulesObserved(trace: RulesTrace): Message {
  const { protocol } = trace.request;
  switch (verdictOf(trace)) {
    case "delivered":
      return deliveredWords[protocol];
    case "refused":
      return describeRefusal(trace);
    case "dropped":
      return message`connection timed out`;
    case "no-such-name":
      return message`no rule is for a Service ${quote(trace.request.destination.host)}, and no node is called so`;
    case "untouched":
    case "unknown": {
      const said = new Map(
        trace.ways.map((way) => {
          const words = describeEnd(way, trace);
          return [render(words), words] as const;
        }),
      );
      const [only, ...others] = said.values();
      if (only !== undefined && others.length === 0) return only;
      return verdictOf(trace) === "unknown" ? message`the rules do not tell` : message`no rule translates it`;
    }
    case "depends": {
      const open = describeDependence(trace.ways.flatMap(({ assumptions }) => assumptions));
      return open ? message`it depends on whether ${open}` : message`not all ways end the same`;
    }
  }
}

function describeRefusal({ request, ways }: RulesTrace): Message {
  const errors = new Set(ways.map(({ end }) => (end.kind === "rejected" ? end.error : undefined)));
  const [error, ...others] = errors;
  if (error === undefined || others.length > 0) return message`rejected by a rule`;
  return request.protocol === "udp" && error === "connection refused"
    ? message`port unreachable`
    : connectErrorWords[error];
}

/** How one way ends. */
export function describeEnd({ end, steps }: RulesWay, { destination }: RulesTrace): Message {
  switch (end.kind) {
    case "endpoint":
      return message`to ${hostPort(end.ip, end.port)}`;
    case "rejected":
      return end.error === undefined
        ? message`rejected by the last rule`
        : message`rejected by the last rule: the client sees ${connectErrorWords[end.error]}`;
    case "dropped":
      return steps.at(-1)?.action.kind === "drop"
        ? message`dropped by the last rule: the client waits until the time is out`
        : message`dropped: nobody takes a packet from a loopback address over a wire`;
    case "untouched": {
      const place = destination ? hostPort(destination.ip, destination.port) : "";
      const said = end.isSure ? message`no rule translates it` : message`no rule that is shown translates it`;
      if (end.toThisNode) return message`${said}: it is for whatever listens on ${place} of the node itself`;
      return end.masqueraded
        ? message`${said}: it goes on to ${place} with the node's address as its source`
        : message`${said}: it goes on to ${place} as it is`;
    }
    case "unknown":
      return describeUndecided(end.because);
    default:
      return assertNever(end);
  }
}

/** The address that an endpoint takes for its client's. */
export function describeRulesSeen(end: Extract<RulesEnd, { kind: "endpoint" }>, { client }: RulesTrace): Message {
  switch (end.seen.of) {
    case "client":
      return message`${addressText(addressOfClient(client))}, the client's own`;
    case "node":
      return message`an address of the node, in the place of the client's`;
    case "rule":
      return message`${end.seen.ip}, which a rule puts in the place of the client's`;
  }
}

/** How the destination's name became an address and port. */
export function describeRulesDestination({ request, destination }: RulesTrace): readonly Message[] {
  if (destination === undefined) return [];
  const { host } = request.destination;
  const { ip, port, by, portFrom } = destination;
  const named = (): Message => {
    switch (by.kind) {
      case "literal":
        return message`${ip} is an address: no name is looked up`;
      case "rules":
        return message`${host} is ${ip}: these rules have it as the cluster IP of ${quote(by.name.text)}`;
      case "manifest":
        return message`${host} is ${ip}: the cluster IP of ${quote(by.name)} in its manifest; these rules do not name it`;
      case "node":
        return by.known === "stand-in"
          ? message`${host} is the node of these rules; ${ip} stands for its address, which they do not tell`
          : message`${host} is the node of these rules: ${ip}`;
    }
  };
  switch (portFrom) {
    case "given":
      return [named()];
    case "service":
      return [named(), message`port ${port}, the only one of the Service, because none is given`];
    case "assumed":
      return [named(), message`port 80, because none is given`];
  }
}

/** Whence the packet comes. */
export function describeRulesSource({ client }: RulesTrace): Message {
  const { known, name, namespace } = client;
  const address = addressText(addressOfClient(client));
  switch (client.kind) {
    case "external":
      return known === "stand-in"
        ? message`a host outside the cluster sends from an address such as ${address}`
        : message`a host outside the cluster sends from ${address}`;
    case "node":
      return known === "stand-in"
        ? message`a process on the node sends; ${address} stands for its address, which the rules do not tell`
        : message`a process on the node sends from ${address}`;
    case "pod":
      return known === "stand-in"
        ? message`pod ${quote(`${namespace}/${name}`)} sends from the network of the pods; ${address} stands for its address`
        : message`pod ${quote(`${namespace}/${name}`)} sends from ${address}`;
  }
}

/** What a reader should know besides. */
export function describeRulesNote(note: RulesNote): Message {
  switch (note.kind) {
    case "several-nodes":
      return message`the text has the rules of ${note.count} nodes; the first of them counts`;
    case "lost-conditions":
      return message`some of kube-proxy's rules lack a condition here: an iptables-save that is older than what wrote them leaves it out, so they match less on the node`;
    case "missing-tables":
      return message`the text does not show ${list(note.tables)}; what these tables would do is not looked at`;
    case "partial-tables":
      return message`of ${list(note.tables)} only a part is shown`;
    case "jumps-added":
      return message`the text does not show how packets come to these rules; the jumps that kube-proxy inserts are taken to be there`;
    case "proxy-mode":
      return note.mode === "ipvs"
        ? message`kube-proxy runs in IPVS mode on this node`
        : message`kube-proxy runs in userspace mode on this node: it takes connections itself, and opens others to endpoints`;
    case "no-kube-proxy":
      return withoutKubeProxy[note.other ?? "unknown"];
    case "endpoints-elsewhere":
      return message`these rules do not tell the network of the pods; endpoints are taken to be none of the node's own addresses`;
    case "name-of-the-cluster":
      return message`the name is one of the cluster's DNS, which only pods are sure to ask`;
    case "any-pod":
      return message`no manifest has ${quote(note.name)}; it is taken for any pod on this node`;
    case "pod-interface":
      return note.count === 1
        ? message`interface ${quote(note.name)} stands for that of the client: Calico knows no other pod on this node`
        : message`interface ${quote(note.name)} stands for that of the client: it is one of the ${note.count} that Calico knows on this node, and the policies of another may differ`;
    case "bridges":
      return describeBridges(note.bridges);
    case "other-ports":
      return message`the rules have ${note.ip} at ${list(note.ports)} only`;
    default:
      return assertNever(note);
  }
}

const MOST_BRIDGES = 3;

function describeBridges(bridges: readonly Bridge[]): Message {
  const said = bridges.map(({ name, network }) => message`interface ${quote(name)} to network ${formatCidr(network)}`);
  return message`as rules name them together, each of these is taken to lead there and nowhere else: ${listCut(said, MOST_BRIDGES)}`;
}

const withoutKubeProxy = {
  istio: message`these rules are a pod's own, not a node's: Istio hands its connections to the proxy beside it`,
  linkerd: message`these rules are a pod's own, not a node's: Linkerd hands its connections to the proxy beside it`,
  cilium: message`these rules have no chain of kube-proxy's: Cilium looks after Services on this node, in eBPF programs that no rule shows`,
  "ovn-kubernetes": message`these rules have no chain of kube-proxy's: OVN-Kubernetes looks after Services on this node, mostly in Open vSwitch`,
  "kube-router": message`these rules have no chain of kube-proxy's: kube-router looks after Services on this node, with IPVS`,
  unknown: message`these rules have no chain of kube-proxy's: something else looks after Services on this node, or kube-proxy uses nftables`,
} as const satisfies Record<OtherProxy | "unknown", Message>;
