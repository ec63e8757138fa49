import { groupBy } from "../base/group-by.ts";
import { type Message, message, render } from "../base/message.ts";
import { add, formatFraction, zero } from "../cluster/netfilter/fraction.ts";
import type { StopReason } from "../cluster/simulation/stop-reason.ts";
import type { Step, Trace } from "../cluster/simulation/trace.ts";
import { describeDelivery, describeRoute, describeSeen } from "./arrival-words.ts";
import { indented, linked } from "./layout.ts";
import { describeNeeds, describeReply, describeWire, packetLines } from "./packet-words.ts";
import type { Line } from "./page.ts";
import { describeStop } from "./stop-words.ts";
import { choiceLines, type EndpointStep, filterLines, groupedByWords, tailLines } from "./trace-parts.ts";
import { describeStep } from "./trace-words.ts";

/** One part of a way. */
export interface Part {
  readonly key: PartKey;
  readonly name: Message;
  /** None where the request did not come so far, and where there is nothing to say: no choice without endpoints. */
  readonly lines: readonly Line[];
}

/** The parts of a way, in order. */
export function partsOf(trace: Trace): readonly Part[] {
  const { steps, ways } = trace;
  const said = (at: Step["at"]): readonly Line[] =>
    steps.filter((step) => step.at === at).map((step) => indented(1, linked(describeStep(step, trace), step.because)));
  const about = (at: EndpointStep["at"]): readonly EndpointStep[] =>
    steps.filter((step): step is EndpointStep => step.at === at);
  const source = steps.find(({ at }) => at === "source");
  const chain = steps.flatMap((step) => (step.at === "chain" ? [step] : []));
  const lines: Record<PartKey, readonly Line[]> = {
    environment: said("environment"),
    name: said("dns"),
    source: [...said("source"), ...packetLines(2, source?.packets)],
    filter: filterLines(chain),
    choice: choiceLines(steps, ways),
    way: [...groupedByWords(about("route"), describeWay), ...tailLines(chain, ways)],
    policies: distinctLines(said("policy")),
    delivery: groupedByWords(about("pod"), ({ endpoint }) => [describeDelivery(endpoint)], "packets"),
    client: groupedByWords(about("client"), ({ endpoint }) => [describeSeen(endpoint.seen)]),
    answer: replyLines(steps),
  };
  const stops = steps.flatMap((step) => (step.at === "stop" ? [step] : []));
  return parts.map(({ key, name }) => ({
    key,
    name,
    lines: [...lines[key], ...stopLines(stops.filter(({ stop }) => partOfStop(stop.reason.kind) === key))],
  }));
}

const parts = [
  { key: "environment", name: message`Environment` },
  { key: "name", name: message`Name` },
  { key: "source", name: message`Source` },
  { key: "filter", name: message`Packet filter` },
  { key: "choice", name: message`Choice of endpoint` },
  { key: "way", name: message`Way to the endpoint` },
  { key: "policies", name: message`Network policies` },
  { key: "delivery", name: message`Delivery` },
  { key: "client", name: message`Client address` },
  { key: "answer", name: message`Answer` },
] as const;

type PartKey = (typeof parts)[number]["key"];

/** The way back, and below what it takes where that is not certain. */
function replyLines(steps: readonly Step[]): readonly Line[] {
  const replies = steps.filter((step) => step.at === "reply");
  return [
    ...groupedByWords(replies, ({ endpoint, reply }) => [describeReply(endpoint, reply)], "packets"),
    ...groupedByWords(replies, ({ reply }) => [describeNeeds(reply) ?? []].flat()),
  ];
}

/** The way to an endpoint, and what carries the packet between the nodes. */
const describeWay = ({ endpoint }: EndpointStep): readonly Message[] => [
  describeRoute(endpoint),
  ...(endpoint.wire ? [describeWire(endpoint.wire)] : []),
];

/** Pods of one workload are treated alike. */
const distinctLines = (lines: readonly Line[]): readonly Line[] => [
  ...new Map(
    lines.map((line) => [line.map(({ text }) => (typeof text === "string" ? text : render(text))).join(""), line]),
  ).values(),
];

/** Why ways end: those that end for the same reason together. */
function stopLines(stops: readonly Extract<Step, { at: "stop" }>[]): readonly Line[] {
  const byWords = groupBy(stops, ({ stop }) => render(describeStop(stop)));
  return [...byWords.values()].flatMap((group): Line[] => {
    const [first] = group;
    if (first === undefined) return [];
    const why = describeStop(first.stop);
    const odds = group.map((step) => step.odds).reduce(add, zero);
    const isCertain = odds.numerator === odds.denominator;
    const said = isCertain ? why : message`${formatFraction(odds)}  ${why}`;
    return [indented(1, linked(said, first.stop.because, "bad"))];
  });
}

/** In which part of its way a request ends. */
function partOfStop(kind: StopReason["kind"]): PartKey {
  switch (kind) {
    case "no-such-variable":
      return "environment";
    case "no-such-name":
    case "no-address":
    case "outside-name":
    case "dns-policy":
      return "name";
    case "no-client-address":
    case "no-common-family":
    case "not-routed":
      return "source";
    case "no-endpoints":
    case "no-local-endpoints":
    case "answer-astray":
    case "source-not-allowed":
    case "dropped-by-rule":
    case "no-such-port":
    case "balancer-to-pods":
    case "foreign-proxy":
    case "unknown-target":
    case "cluster-itself":
      return "filter";
    case "endpoint-is-service":
    case "nobody":
    case "outside-address":
      return "way";
    case "network-policy":
      return "policies";
    case "no-such-node-port":
    case "not-on-address":
    case "headless-port":
    case "undeclared":
    case "node-process":
      return "delivery";
  }
}
