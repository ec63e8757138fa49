import { type Message, message } from "../../base/message.ts";
import { addKubeletRules } from "../iptables/kubelet-rules.ts";
import { accept, comment, destination, destinationIsLocal, dport, jump, protocol } from "../iptables/matches.ts";
import type { Match, RuleSet, Target } from "../iptables/rule.ts";
import { finishTables, openTables, type Tables } from "../iptables/rule-set-writer.ts";
import { familyAddresses } from "../kube-proxy/node-addresses.ts";
import { isFrom, type ProxyInput, type Release } from "../kube-proxy/proxy-input.ts";
import { type NamedPort, orderServicePorts } from "../kube-proxy/service-order.ts";

/**
 * The rules of kube-proxy in userspace mode, which ends every connection itself and opens another one to an endpoint:
 * rules lead to the port at which it listens, a random one for each service port. IPv4 alone; up to Kubernetes 1.25.
 * @see https://github.com/kubernetes/kubernetes/blob/release-1.25/pkg/proxy/userspace/proxier.go
 */
export function generateUserspace(asked: ProxyInput): RuleSet {
  const input = isFrom(asked.config.release, 26) ? ofRelease(LAST, asked) : asked;
  const tables = openTables();
  if (input.family === "IPv4") {
    addChains(tables);
    for (const named of orderServicePorts(input.config.release, input.servicePorts)) addPort(input, tables, named);
  }
  addKubeletRules(input, tables);
  return {
    family: input.family,
    tables: finishTables(tables),
    notes: noteUserspace(asked),
  };
}

/** The last release that had the mode. */
const LAST: Release = { major: 1, minor: 25 };

const ofRelease = (release: Release, input: ProxyInput): ProxyInput => ({
  ...input,
  config: { ...input.config, release },
});

/** Node ports come after addresses: their rules match any local address, and a load balancer's may be local. */
function addChains({ nat, filter }: Tables): void {
  const chains = [
    "KUBE-PORTALS-CONTAINER",
    "KUBE-PORTALS-HOST",
    "KUBE-NODEPORT-CONTAINER",
    "KUBE-NODEPORT-HOST",
  ] as const;
  for (const chain of chains) nat.chain(chain);
  filter.chain("KUBE-NODEPORT-NON-LOCAL");
  const portals = comment("handle ClusterIPs; NOTE: this must be before the NodePort rules");
  const nodePorts = comment("handle service NodePorts; NOTE: this must be the last rule in the chain");
  nat.foreignRule("PREROUTING", "kernel", [portals], jump("KUBE-PORTALS-CONTAINER"));
  nat.foreignRule("PREROUTING", "kernel", [destinationIsLocal, nodePorts], jump("KUBE-NODEPORT-CONTAINER"));
  nat.foreignRule("OUTPUT", "kernel", [portals], jump("KUBE-PORTALS-HOST"));
  nat.foreignRule("OUTPUT", "kernel", [destinationIsLocal, nodePorts], jump("KUBE-NODEPORT-HOST"));
  const flow = comment("Ensure that non-local NodePort traffic can flow");
  filter.foreignRule("INPUT", "kernel", [flow], jump("KUBE-NODEPORT-NON-LOCAL"));
}

function addPort(input: ProxyInput, { nat, filter }: Tables, { name, port }: NamedPort): void {
  const cause = { port };
  const ofPort = [comment(name), protocol(port.protocol)];
  const at = (ip: string, ...more: readonly Match[]): readonly Match[] => [
    ...ofPort,
    dport(port.port),
    destination(`${ip}/32`),
    ...more,
  ];
  // What the node itself sends cannot be redirected to the address of an interface that it came by.
  const fromNode: Target = { kind: "to-proxy", ip: familyAddresses(input)[0] ?? "127.0.0.1" };
  for (const ip of [port.clusterIP, ...port.loadBalancerVIPs]) {
    nat.rule("KUBE-PORTALS-CONTAINER", at(ip), fromOutside, cause);
    nat.rule("KUBE-PORTALS-HOST", at(ip), fromNode, cause);
  }
  for (const ip of port.externalIPs) {
    nat.rule("KUBE-PORTALS-CONTAINER", at(ip, { kind: "physdev-is-in", negated: true }), fromOutside, cause);
    nat.rule("KUBE-PORTALS-CONTAINER", at(ip, destinationIsLocal), fromOutside, cause);
    nat.rule("KUBE-PORTALS-HOST", at(ip, destinationIsLocal), fromNode, cause);
  }
  if (port.nodePort === undefined) return;
  const atNode = [...ofPort, dport(port.nodePort)];
  nat.rule("KUBE-NODEPORT-CONTAINER", atNode, fromOutside, cause);
  nat.rule("KUBE-NODEPORT-HOST", atNode, fromNode, cause);
  const isNew: Match = { kind: "state", states: ["NEW"], negated: false };
  filter.rule("KUBE-NODEPORT-NON-LOCAL", [...ofPort, { kind: "proxy-port", of: port }, isNew], accept, cause);
}

const fromOutside: Target = { kind: "to-proxy", ip: undefined };

function noteUserspace({ family, config: { release }, servicePorts }: ProxyInput): readonly Message[] {
  const version = `${release.major}.${release.minor}`;
  const removed = isFrom(release, 26)
    ? [
        message`kube-proxy has no userspace mode from Kubernetes 1.26 on; these are the rules of 1.25, not of ${version}`,
      ]
    : [];
  if (family === "IPv6") return [...removed, message`userspace mode serves IPv4 alone`];
  const unheeded = servicePorts.some(
    ({ sourceRanges, externalTrafficPolicy: external, internalTrafficPolicy: internal }) =>
      sourceRanges.length > 0 || external === "Local" || internal === "Local",
  );
  return [
    ...removed,
    message`kube-proxy listens at a random port of the node for each Service port; nobody can tell it beforehand`,
    ...(unheeded ? [message`userspace mode heeds neither source ranges nor traffic policies`] : []),
  ];
}
