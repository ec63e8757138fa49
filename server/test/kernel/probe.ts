import { familyOf, hostPort } from "../../src/core/base/ip.ts";
import type { Protocol } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { type Packet, protocolToken, type RecentLists } from "../../src/core/cluster/netfilter/packet.ts";
import type { Verdict } from "../../src/core/cluster/netfilter/walk.ts";
import type { Observation } from "./agent-protocol.ts";
import { agentIn, type Network } from "./lab.ts";
import { bindOf, type Client, isListening, maskFor, originOf, placeOf } from "./lab-map.ts";
import type { Oracle, Outcome } from "./oracle.ts";

/** A request that is both predicted and made. */
export interface Probe {
  readonly from: Client;
  readonly protocol: Protocol;
  readonly ip: string;
  readonly port: number;
}

/** What came of requests. */
export interface Findings {
  /** How many connections were made. */
  readonly requests: number;
  /** Where the kernel did something else than was predicted. */
  readonly disagreements: readonly string[];
}

/** What came of several things at once. */
export const together = (all: readonly Findings[]): Findings => ({
  requests: all.reduce((sum, { requests }) => sum + requests, 0),
  disagreements: all.flatMap(({ disagreements }) => disagreements),
});

/** What a probe looks like to the node under test. */
export const packetOf = ({ from, protocol, ip, port }: Probe): Packet => ({
  protocol: protocolToken(protocol),
  ...originOf(from, ip),
  destination: ip,
  destinationPort: port,
});

/**
 * Makes real connections and requires that each one ends as some branch of the prediction says, with the address that
 * the branch implies. Starts from what session affinity remembers, and gives back what it remembers afterwards.
 * @param count how often to try what is predicted to be answered
 */
export async function probe(
  lab: Network,
  oracle: Oracle,
  recent: RecentLists,
  request: Probe,
  count = 3,
): Promise<Findings & { readonly recent: RecentLists; readonly met: readonly string[] }> {
  const { from, protocol, ip, port } = request;
  const packet = packetOf(request);
  const first = oracle(packet, recent);
  const remembers = first.some((outcome) => outcome.recent.size > 0);
  const answers = first.every(({ verdict }) => verdict.kind === "delivered");
  const own = bindOf(from, familyOf(ip));
  const observations = await agentIn(lab, placeOf(from)).obey({
    do: "connect",
    protocol,
    ip,
    port,
    ...(own !== undefined && { from: own }),
    count: answers ? count : 1,
    // With affinity the order of connections matters, without it they may run side by side.
    parallel: remembers ? 1 : 8,
    // Where silence is predicted a short wait can only miss a late answer, never see one that is not there.
    patience: first.some(({ verdict }) => isSilent(verdict, request)) ? 200 : 5000,
  });

  let remembered = recent;
  const disagreements: string[] = [];
  for (const observation of observations) {
    const outcomes = oracle(packet, remembered);
    const outcome = outcomes.find(({ verdict }) => agrees(verdict, request, packet, observation));
    if (outcome === undefined) {
      const predicted = outcomes.map((one) => sayOutcome(one)).join(" or ");
      disagreements.push(`${describe(request)}: ${say(observation)}; predicted ${predicted}`);
      break;
    }
    remembered = outcome.recent;
  }
  const met = observations.flatMap((seen) => (seen.kind === "reached" ? hostPort(seen.by, seen.port) : []));
  return { requests: observations.length, disagreements, recent: remembered, met };
}

function agrees(verdict: Verdict, request: Probe, packet: Packet, seen: Observation): boolean {
  const isAt = (ip: string, port: number, masqueraded: boolean): boolean =>
    seen.kind === "reached" &&
    seen.by === ip &&
    seen.port === port &&
    (masqueraded ? maskFor(ip).includes(seen.sees) : seen.sees === packet.source);
  switch (verdict.kind) {
    case "delivered":
      return isAt(verdict.ip, verdict.port, verdict.masqueraded);
    case "unchanged":
      if (isListening(request.ip, request.port)) return isAt(request.ip, request.port, verdict.masqueraded);
      return seen.kind === (isSilent(verdict, request) ? "silent" : "refused");
    case "rejected":
      return seen.kind === "refused";
    case "dropped":
      return seen.kind === "silent";
    case "unknown":
      return false;
  }
}

/** Nobody listens on the addresses of Services themselves: there the node refuses, and the world beyond is silent. */
const isSilent = (verdict: Verdict, { ip, port }: Probe): boolean =>
  verdict.kind === "dropped" || (verdict.kind === "unchanged" && !verdict.toThisNode && !isListening(ip, port));

/** A request in words. */
export const describe = ({ from, protocol, ip, port }: Probe): string => `${from} to ${protocol} ${hostPort(ip, port)}`;

const say = (seen: Observation): string => {
  switch (seen.kind) {
    case "reached":
      return `${hostPort(seen.by, seen.port)} saw ${seen.sees}`;
    case "failed":
      return seen.code;
    default:
      return seen.kind;
  }
};

/** What is predicted, in words. */
export const sayOutcome = ({ verdict }: Outcome): string =>
  verdict.kind === "delivered"
    ? `${hostPort(verdict.ip, verdict.port)}${verdict.masqueraded ? " masqueraded" : ""}`
    : verdict.kind;
