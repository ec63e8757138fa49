import { cut } from "../../base/cut.ts";
import { groupBy } from "../../base/group-by.ts";
import { hostPort } from "../../base/ip.ts";
import { list, type Message, message, quote } from "../../base/message.ts";
import type { DocumentUri } from "../../base/source.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { RulesText } from "../../cluster/iptables/reading/read-rules.ts";
import { keyOf } from "../../cluster/netfilter/condition.ts";
import { formatFraction } from "../../cluster/netfilter/fraction.ts";
import type { RulesTrace, RulesWay } from "../../cluster/node-rules/simulation/rules-trace.ts";
import { simulateThroughRules } from "../../cluster/node-rules/simulation/simulate-rules.ts";
import { passing } from "../../cluster/simulation/ends.ts";
import { packetSteps } from "../../cluster/simulation/packet-steps.ts";
import { parseRequest } from "../../cluster/simulation/parse-request.ts";
import {
  type RequestError,
  requestTo,
  type SimulatedRequest,
  type TypedRequest,
} from "../../cluster/simulation/request.ts";
import type { Step, Way } from "../../cluster/simulation/trace.ts";
import { blank, header, indented, linked, table, title, withLegend } from "../layout.ts";
import { packetLines } from "../packet-words.ts";
import type { Line, Page } from "../page.ts";
import { filterLines, partingLines, tailLines } from "../trace-parts.ts";
import { describeClient } from "../trace-words.ts";
import { describeAssumption } from "./assumption-words.ts";
import { rulesJourney, sentEnds } from "./rules-journey.ts";
import {
  describeEnd,
  describeRulesDestination,
  describeRulesNote,
  describeRulesObserved,
  describeRulesSeen,
  describeRulesSource,
  type RulesVerdict,
  verdictOf,
} from "./rules-trace-words.ts";

/** Follows a request as people write it; answers what is wrong with it otherwise. */
export function traceInRules(
  cluster: Cluster,
  rules: RulesText,
  source: string,
  destination: string,
  protocol?: SimulatedRequest["protocol"],
): RulesTrace | RequestError {
  const typed = parseRequest(source, destination, protocol);
  if ("error" in typed) return typed;
  const request = requestInRules(typed);
  return "error" in request ? request : followInRules(cluster, rules.uri, rules, request);
}

/** Follows a request; answers so where there are no rules of its family. @param from the text from which manifests are seen */
export function followInRules(
  cluster: Cluster,
  from: DocumentUri,
  rules: RulesText,
  request: SimulatedRequest,
): RulesTrace | RequestError {
  const { host } = request.destination;
  return (
    simulateThroughRules(cluster, from, rules, request) ?? {
      error: message`there are no rules for an address such as ${quote(host)}`,
    }
  );
}

/** A request for the rules of a real node, which know nothing of the addresses in the environment of a container. */
export const requestInRules = (typed: TypedRequest): SimulatedRequest | RequestError =>
  "variables" in typed.destination
    ? {
        error: message`variables hold addresses of the manifests, which the rules of a node need not have: write the name of the Service`,
      }
    : requestTo(typed, typed.destination);

/** A request through the rules of a real node, to read: the verdict, then the way; where ways part, each by itself. */
export function rulesTracePage(trace: RulesTrace): Page {
  const { destination, ways, notes } = trace;
  const groups = [...groupBy(ways, assumptionsKey).values()];
  const parts: readonly (readonly [name: Message, lines: readonly Line[]])[] = [
    [message`Name`, describeRulesDestination(trace).map(line)],
    ...(destination ? ([[message`Source`, sourceLines(trace)]] as const) : []),
    ...groups.flatMap((group) => groupParts(trace, group, groups.length > 1)),
  ];
  const passed = parts.filter(([, lines]) => lines.length > 0);
  return {
    lines: withLegend([
      ...summary(trace),
      ...passed.flatMap(([name, lines], index): Line[] => [blank, [title(message`${index + 1}  ${name}`)], ...lines]),
      ...(notes.length > 0 ? [blank] : []),
      ...notes.map((note): Line => [{ text: message`Note: ${describeRulesNote(note)}` }]),
    ]),
  };
}

function sourceLines(trace: RulesTrace): readonly Line[] {
  const ends = sentEnds(trace);
  return [line(describeRulesSource(trace)), ...packetLines(2, ends ? [passing(ends)] : [])];
}

const line = (said: Message): Line => indented(1, { text: said });

function summary(trace: RulesTrace): readonly Line[] {
  const verdict = verdictOf(trace);
  const { request, destination, capture, client } = trace;
  const { host } = request.destination;
  const to = destination ? hostPort(host, destination.port) : host;
  const from = describeClient(client);
  const tool = capture.ruleSet.family === "IPv6" ? "ip6tables" : "iptables";
  return [
    [
      { text: verdicts[verdict], role: verdict === "delivered" ? "good" : "bad" },
      { text: message`: ${describeRulesObserved(trace)}` },
    ],
    [{ text: message`${from} to ${to}, ${request.protocol.toUpperCase()}` }],
    [{ text: message`through the rules of ${capture.by ?? tool}`, source: capture.range }],
  ];
}

const verdicts = {
  delivered: message`delivered`,
  refused: message`refused`,
  dropped: message`dropped`,
  "no-such-name": message`no such name`,
  untouched: message`not translated`,
  unknown: message`unknown`,
  depends: message`undecided`,
} as const satisfies Record<RulesVerdict, Message>;

const assumptionsKey = ({ assumptions }: RulesWay): string =>
  assumptions
    .map(({ literals, all }) => `${all} ${literals.map(({ condition, is }) => `${is} ${keyOf(condition)}`).join()}`)
    .join("\n");

/** What happens under some assumptions: all rules, the endpoints and the other ends. */
function groupParts(
  trace: RulesTrace,
  group: readonly RulesWay[],
  isOneOfSeveral: boolean,
): readonly (readonly [name: Message, lines: readonly Line[]])[] {
  const [first] = group;
  if (first === undefined) return [];
  const assumed = list(first.assumptions.map(describeAssumption));
  const name = isOneOfSeveral ? message`Packet filter, if ${assumed}` : message`Packet filter`;
  const { steps, ways } = stepsOf(trace, group);
  const chain = steps.flatMap((step) => (step.at === "chain" ? [step] : []));
  const ends = group.filter(({ end }) => end.kind !== "endpoint");
  return [
    [
      name,
      [
        ...filterLines(chain.filter(({ kind }) => kind === "rule")),
        ...(ways.some(({ end }) => end.kind === "endpoint") ? [] : tailLines(chain, ways)),
        ...ends.map((way): Line => indented(1, linked(endWords(trace, way), way.steps.at(-1)?.because, "bad"))),
      ],
    ],
    [message`Choice of endpoint`, choiceLines(steps, ways, group)],
    [message`Behind the choice`, ways.some(({ end }) => end.kind === "endpoint") ? tailLines(chain, ways) : []],
    [message`Client address`, seenLines(trace, group)],
  ];
}

function endWords(trace: RulesTrace, way: RulesWay): Message {
  const said = describeEnd(way, trace);
  const { numerator, denominator } = way.odds;
  return numerator === denominator ? said : message`${formatFraction(way.odds)}  ${said}`;
}

/** The rules that ways pass, in the form of every trace: those in common once, and the others by the ways that pass them. */
function stepsOf(trace: RulesTrace, group: readonly RulesWay[]): { steps: readonly Step[]; ways: readonly Way[] } {
  const journeys = group.map((way) => rulesJourney(trace, way));
  const ways = journeys.map(({ odds, end }): Way => ({ odds, end }));
  return { steps: packetSteps(journeys, ways, 1), ways };
}

const MOST_ENDPOINTS = 12;

function choiceLines(steps: readonly Step[], ways: readonly Way[], group: readonly RulesWay[]): readonly Line[] {
  const endpoints = group.flatMap(({ end, odds }, index) => (end.kind === "endpoint" ? [{ end, odds, index }] : []));
  if (endpoints.length === 0) return [];
  const { shown, more } = cut(endpoints, MOST_ENDPOINTS);
  const rows = shown.map(({ end, odds, index }) => {
    const reached = ways[index]?.end;
    const because = reached?.kind === "endpoint" ? reached.because : undefined;
    return [
      { text: formatFraction(odds) },
      linked(hostPort(end.ip, end.port), because),
      { text: end.service?.name.text ?? "" },
      { text: end.chain ?? "" },
    ];
  });
  return [
    ...table(1, [header("ODDS", "ENDPOINT", "SERVICE", "CHAIN"), ...rows]),
    ...(more > 0 ? [indented(1, { text: message`and ${more} more` })] : []),
    ...partingLines(steps, ways),
  ];
}

function seenLines(trace: RulesTrace, group: readonly RulesWay[]): readonly Line[] {
  const seen = group.flatMap(({ end }) => (end.kind === "endpoint" ? [end] : []));
  const byWords = groupBy(seen, (end) => JSON.stringify(end.seen));
  return [...byWords.values()].flatMap((ends): Line[] => {
    const [first] = ends;
    if (first === undefined) return [];
    const names =
      byWords.size === 1 ? [] : [{ text: `${ends.map(({ ip, port }) => hostPort(ip, port)).join(", ")}: ` }];
    return [indented(1, ...names, { text: describeRulesSeen(first, trace) })];
  });
}
