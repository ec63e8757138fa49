import { groupBy } from "../base/group-by.ts";
import { list, type Message, message, render } from "../base/message.ts";
import type { DocumentUri } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { add, formatFraction, zero } from "../cluster/netfilter/fraction.ts";
import type { ProtocolToken } from "../cluster/netfilter/packet.ts";
import { parseRequest, type RequestError } from "../cluster/simulation/request.ts";
import { simulate } from "../cluster/simulation/simulate.ts";
import type { StopReason } from "../cluster/simulation/stop-reason.ts";
import type { Step, Trace, TraceVerdict } from "../cluster/simulation/trace.ts";
import { describeDelivery, describeRoute, describeSeen } from "./arrival-words.ts";
import { blank, indented, linked, title, withLegend } from "./layout.ts";
import { describeNote } from "./note-words.ts";
import { describeNeeds, describeReply, describeWire, packetLines } from "./packet-words.ts";
import type { Line, Page, Piece } from "./page.ts";
import { findRemedies } from "./remedies.ts";
import { describeStop } from "./stop-words.ts";
import { choiceLines, type EndpointStep, filterLines, groupedByWords, tailLines } from "./trace-parts.ts";
import { describeObserved, describeStep } from "./trace-words.ts";

/** Follows a request as it was typed, or says what is wrong with it. */
export function traceRequest(
  cluster: Cluster,
  from: DocumentUri,
  source: string,
  destination: string,
  protocol?: ProtocolToken,
): Trace | RequestError {
  const request = parseRequest(source, destination, protocol);
  return "error" in request ? request : simulate(cluster, from, request);
}

/** A trace to read: the verdict and what to change first, then the way, part by part. */
export function tracePage(trace: Trace): Page {
  const parts = partsOf(trace);
  const passed = parts.filter(({ lines }) => lines.length > 0);
  const missed = parts
    .slice(parts.findLastIndex(({ lines }) => lines.length > 0) + 1)
    .filter(({ name }) => name !== networkPolicies);
  const notes = trace.notes.map(describeNote).map(({ said, source }): Line => [linked(message`Note: ${said}`, source)]);
  return {
    lines: withLegend([
      ...summary(trace),
      ...passed.flatMap(({ name, lines }, index): Line[] => [blank, [title(message`${index + 1}  ${name}`)], ...lines]),
      ...(missed.length > 0 ? [blank, [notReached(missed)]] : []),
      ...(notes.length > 0 ? [blank, ...notes] : []),
    ]),
  };
}

function summary(trace: Trace): readonly Line[] {
  const { verdict, stop, request } = trace;
  const verdictPiece = { text: verdicts[verdict], role: verdict === "delivered" ? "good" : "bad" } as const;
  return [
    [verdictPiece, { text: message`: ${describeObserved(trace)}` }],
    [{ text: message`${clientText(trace)} to ${destinationText(trace)}, ${request.protocol.toUpperCase()}` }],
    ...(stop && verdict !== "unknown" ? [[linked(message`Why: ${describeStop(stop)}`, stop.because)]] : []),
    ...findRemedies(trace).map(({ said, source }): Line => [linked(message`To fix: ${said}`, source)]),
  ];
}

const verdicts = {
  delivered: message`delivered`,
  "no-such-name": message`no such name`,
  refused: message`refused`,
  dropped: message`dropped`,
  unreachable: message`unreachable`,
  unknown: message`unknown`,
} as const satisfies Record<TraceVerdict, Message>;

function clientText({ client }: Trace): Message {
  switch (client.kind) {
    case "external":
      return message`from outside the cluster`;
    case "node":
      return message`from a process on ${client.name}`;
    case "pod":
      return message`from pod ${`${client.namespace}/${client.name}`}`;
  }
}

function destinationText({ request, port }: Trace): string {
  const { host } = request.destination;
  const shown = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? shown : `${shown}:${port.number}`;
}

/** One part of a way. */
interface Part {
  readonly name: Message;
  /** None where the request did not come so far, and where there is nothing to say: no choice without endpoints. */
  readonly lines: readonly Line[];
}

/** Most requests meet none. */
const networkPolicies = message`Network policies`;

const partNames = [
  message`Name`,
  message`Source`,
  message`Packet filter`,
  message`Choice of endpoint`,
  message`Way to the endpoint`,
  networkPolicies,
  message`Delivery`,
  message`Client address`,
  message`Answer`,
] as const;

const notReached = (parts: readonly Part[]): Piece => ({
  text: message`Not reached: ${list(
    parts.map(({ name }) => name),
    "comma",
  )}`,
  role: "faint",
});

/** The parts of a way, in order. */
function partsOf(trace: Trace): readonly Part[] {
  const { steps, ways } = trace;
  const said = (at: Step["at"]): readonly Line[] =>
    steps.filter((step) => step.at === at).map((step) => indented(1, linked(describeStep(step, trace), step.because)));
  const about = (at: EndpointStep["at"]): readonly EndpointStep[] =>
    steps.filter((step): step is EndpointStep => step.at === at);
  const source = steps.find(({ at }) => at === "source");
  const chain = steps.flatMap((step) => (step.at === "chain" ? [step] : []));
  const lines = [
    said("dns"),
    [...said("source"), ...packetLines(2, source?.packets)],
    filterLines(chain),
    choiceLines(steps, ways),
    [...groupedByWords(about("route"), describeWay), ...tailLines(chain, ways)],
    distinctLines(said("policy")),
    groupedByWords(about("pod"), ({ endpoint }) => [describeDelivery(endpoint)], "packets"),
    groupedByWords(about("client"), ({ endpoint }) => [describeSeen(endpoint.seen)]),
    replyLines(steps),
  ];
  const stops = steps.flatMap((step) => (step.at === "stop" ? [step] : []));
  return partNames.map((name, part) => ({
    name,
    lines: [...(lines[part] ?? []), ...stopLines(stops.filter(({ stop }) => partOfStop(stop.reason.kind) === part))],
  }));
}

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
function partOfStop(kind: StopReason["kind"]): number {
  switch (kind) {
    case "no-such-name":
    case "no-address":
    case "outside-name":
    case "dns-policy":
      return 0;
    case "no-client-address":
    case "no-common-family":
    case "not-routed":
      return 1;
    case "no-endpoints":
    case "no-local-endpoints":
    case "answer-astray":
    case "source-not-allowed":
    case "dropped-by-rule":
    case "no-such-port":
    case "foreign-proxy":
    case "unknown-target":
    case "cluster-itself":
      return 2;
    case "endpoint-is-service":
    case "nobody":
    case "outside-address":
      return 4;
    case "network-policy":
      return 5;
    case "no-such-node-port":
    case "not-on-address":
    case "headless-port":
    case "undeclared":
    case "node-process":
      return 6;
  }
}
