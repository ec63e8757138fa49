import { contains, familyOf } from "../../../base/ip.ts";
import type { DocumentUri } from "../../../base/source.ts";
import type { Cluster } from "../../cluster.ts";
import { walkPacket } from "../../iptables/interpret.ts";
import type { Capture } from "../../iptables/reading/capture.ts";
import type { RulesText } from "../../iptables/reading/read-rules.ts";
import { connectErrorOf } from "../../iptables/reject-answer.ts";
import type { IptablesStep } from "../../iptables/run-chain.ts";
import type { HostFacts, Packet } from "../../netfilter/packet.ts";
import type { Branch, Verdict } from "../../netfilter/walk.ts";
import type { SimulatedRequest } from "../../simulation/request.ts";
import { worldFrom } from "../../simulation/world.ts";
import { bridgesOf } from "../bridges.ts";
import {
  endpointAddressesOf,
  ownAddressesOf,
  podBlockOf,
  podInterfacesOf,
  podTrafficOf,
  proxyModeOf,
} from "../node-facts.ts";
import { type NodeRules, nodeRulesOf } from "../node-rules.ts";
import type { FoundPort } from "../port-names.ts";
import { addressesAt } from "../service-addresses.ts";
import { withStandardJumps } from "../standard-jumps.ts";
import { findRulesClient } from "./rules-client.ts";
import { familyOfHost, resolveInRules } from "./rules-destination.ts";
import { notesOnText, notesOnWalk } from "./rules-notes.ts";
import type { RulesClient, RulesDestination, RulesEnd, RulesNote, RulesTrace, RulesWay } from "./rules-trace.ts";

/**
 * Follows one request through the rules of a real node, as a packet that comes to it or that it sends. What the rules do
 * not tell is assumed both ways, and said.
 * @param from the text from which manifests are seen: they know names, and addresses where they were observed
 * @returns `undefined` for a text without rules of the request's family
 */
export function simulateThroughRules(
  cluster: Cluster,
  from: DocumentUri,
  text: RulesText,
  request: SimulatedRequest,
): RulesTrace | undefined {
  const family = familyOfHost(request.destination.host);
  const fitting = text.captures.filter(({ ruleSet }) => family === undefined || ruleSet.family === family);
  const [capture] = fitting;
  if (capture === undefined) return undefined;
  const world = worldFrom(cluster, from);
  const ruleSet = capture.form !== "save" ? withStandardJumps(capture.ruleSet) : capture.ruleSet;
  const rules = nodeRulesOf(ruleSet);
  const { client, isKnown } = findRulesClient(world, rules, request.source, ruleSet.family);
  const destination = resolveInRules(world, rules, request, client.namespace);
  const siblings = fitting.filter((other) => other.ruleSet.family === ruleSet.family);
  const walk =
    destination &&
    walkPacket(ruleSet, hostFacts(rules, client, destination), packetOf(rules, request, client, destination));
  const notes: readonly RulesNote[] = [
    ...(siblings.length > 1 ? [{ kind: "several-nodes", count: siblings.length } as const] : []),
    ...notesOnText(capture, rules),
    ...(isKnown ? [] : [{ kind: "any-pod", name: client.name } as const]),
    ...(destination ? notesOnWalk(rules, client, destination, walk) : []),
  ];
  return {
    request,
    capture,
    client,
    destination,
    ways: (walk?.branches ?? []).map((branch) => wayOf(capture, rules, branch)),
    shared: walk?.shared ?? 0,
    notes,
  };
}

function packetOf(
  rules: NodeRules,
  { protocol }: SimulatedRequest,
  client: RulesClient,
  destination: RulesDestination,
): Packet {
  const shared = {
    protocol,
    // A node speaks to itself from loopback.
    source: destination.ip.startsWith("127.") || destination.ip === "::1" ? destination.ip : client.address,
    destination: destination.ip,
    destinationPort: destination.port,
  };
  if (client.kind === "node") return { ...shared, origin: "sent" };
  const detector = podTrafficOf(rules);
  const podInterface = detector?.kind === "in-interface" ? detector.name : undefined;
  if (client.kind === "pod") {
    const [calico] = podInterfacesOf(rules);
    if (calico !== undefined) return { ...shared, origin: "arrives", inInterface: calico };
    return podInterface === undefined
      ? { ...shared, origin: "arrives", byUnknownInterface: true }
      : { ...shared, origin: "arrives", inInterface: podInterface.replace(/\+$/, "0") };
  }
  const notByInterfaces = podInterface === undefined ? podInterfaces : [...podInterfaces, podInterface];
  return { ...shared, origin: "arrives", byUnknownInterface: true, notByInterfaces };
}

/** What network plugins and container runtimes call the interfaces of pods; nobody outside comes by one. */
const podInterfaces: readonly string[] = ["cali+", "veth+", "lxc+", "cni0", "cbr0", "docker0"];

/** Which addresses are the node's own, as far as rules and request tell; of others it is open. */
function hostFacts(rules: NodeRules, client: RulesClient, { ip, by }: RulesDestination): HostFacts {
  const localAddresses = [
    ...(client.kind === "node" ? [client.address] : []),
    ...(by.kind === "node" ? [ip] : []),
    ...ownAddressesOf(rules),
  ];
  const pods = podBlockOf(rules);
  const isForeign = (address: string): boolean =>
    (client.kind !== "node" && address === client.address) ||
    addressesAt(rules, address).some(({ as }) => as === "cluster-ip") ||
    (pods === undefined
      ? endpointAddressesOf(rules).has(address)
      : familyOf(address) === pods.family && contains(pods, address));
  return {
    localAddresses,
    bridges: bridgesOf(rules),
    podInterfaces: podInterfacesOf(rules),
    mayBeLocal: (address) => !isForeign(address),
  };
}

function wayOf(capture: Capture, rules: NodeRules, branch: Branch<IptablesStep>): RulesWay {
  const { odds, assumptions = [], steps, verdict } = branch;
  return { odds, assumptions, steps, end: endOf(capture, rules, steps, verdict) };
}

function endOf(
  { form, tables }: Capture,
  rules: NodeRules,
  steps: readonly IptablesStep[],
  verdict: Verdict,
): RulesEnd {
  switch (verdict.kind) {
    case "delivered": {
      const chosen = steps.findLast(({ action }) => action.kind === "dnat");
      const { ip, port, masqueraded, from } = verdict;
      return {
        kind: "endpoint",
        ip,
        port,
        seen: from !== undefined ? { of: "rule", ip: from } : { of: masqueraded ? "node" : "client" },
        service: chosen && portChosen(rules, steps, chosen.chain),
        chain: chosen?.chain,
      };
    }
    case "unchanged":
      if (proxyModeOf(rules) === "ipvs") return { kind: "unknown", because: { kind: "target", text: "IPVS" } };
      return {
        kind: "untouched",
        toThisNode: verdict.toThisNode,
        masqueraded: verdict.masqueraded,
        isSure: form === "restore" || tables.get("nat")?.isWhole === true,
      };
    case "rejected": {
      const target = steps.at(-1)?.matched.target;
      const error = target?.kind === "reject-with" ? connectErrorOf(target.answer) : "connection refused";
      return { kind: "rejected", error };
    }
    case "dropped":
      return { kind: "dropped" };
    case "unknown":
      return { kind: "unknown", because: verdict.because };
  }
}

/** The service port of an endpoint's chain: that of the chain which has chosen it, if that one tells. */
function portChosen(rules: NodeRules, steps: readonly IptablesStep[], chain: string): FoundPort | undefined {
  const choice = steps.findLast(({ action }) => action.kind === "jump" && action.chain === chain);
  return (choice && rules.portOf(choice.chain)) ?? rules.portOf(chain);
}
