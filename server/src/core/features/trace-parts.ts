import { cut } from "../base/cut.ts";
import { groupBy } from "../base/group-by.ts";
import { hostPort } from "../base/ip.ts";
import { type Message, message, render } from "../base/message.ts";
import { formatFraction } from "../cluster/netfilter/fraction.ts";
import { printStep } from "../cluster/packet-filter.ts";
import {
  type ChainStep,
  type ReachedEndpoint,
  reachedEndpoint,
  type Step,
  type Way,
} from "../cluster/simulation/trace.ts";
import { endpointName } from "./arrival-words.ts";
import { addressPortText, type Cell, header, indented, linked, table } from "./layout.ts";
import { packetLines, packetPieces } from "./packet-words.ts";
import type { Line, Piece } from "./page.ts";
import { describeChain } from "./trace-words.ts";

type ChainEvent = Extract<Step, { at: "chain" }>;

/** What the packet filter did up to the choice, as far as all ways have it in common. */
export const filterLines = (steps: readonly ChainEvent[]): readonly Line[] =>
  ruleLines(
    1,
    steps.filter((step) => step.kind !== "rule" || (!step.afterChoice && step.ways === undefined)),
  );

/** Every endpoint with its odds, then the rules that lead to each. */
export function choiceLines(steps: readonly Step[], ways: readonly Way[]): readonly Line[] {
  const choices = steps.flatMap((step) => (step.at === "choice" ? [step] : []));
  const [first] = choices;
  if (first === undefined) return [];
  const { shown, more } = cut(choices, MOST_ENDPOINTS);
  const rows = shown.map(({ endpoint }): readonly Cell[] => [
    { text: formatFraction(endpoint.odds) },
    linkedCell(addressPortText(endpoint.address, endpoint.port), endpoint),
    { text: endpointName(endpoint) ?? "" },
    { text: endpoint.node ?? "" },
    { text: endpoint.chain ?? "" },
  ]);
  const chosen = steps.find((step) => step.at === "chain" && step.kind === "rule" && step.rule.action.kind === "dnat");
  const by = chosen?.at === "chain" && chosen.kind === "rule" && chosen.rule.tool === "ipvs" ? "SERVER" : "CHAIN";
  return [
    ...table(1, [header("ODDS", "ENDPOINT", "POD", "NODE", by), ...rows]),
    ...(more > 0 ? [indented(1, { text: message`and ${more} more` })] : []),
    ...(first.by === "dns"
      ? [indented(1, { text: message`the client takes one of the addresses that DNS gave` })]
      : []),
    ...(first.affinity === undefined ? [] : [indented(1, { text: affinityWords(first.affinity) })]),
    ...partingLines(steps, ways),
  ];
}

/** The rules up to the choice that not all ways pass. */
export const partingLines = (steps: readonly Step[], ways: readonly Way[]): readonly Line[] =>
  waysOf(
    steps.flatMap((step) =>
      step.at === "chain" && step.kind === "rule" && step.ways !== undefined && !step.afterChoice ? [step] : [],
    ),
    ways,
    "continued",
  );

const affinityWords = (seconds: number): Message =>
  message`sessionAffinity ClientIP: a client that connected within ${seconds} s comes to the same endpoint again`;

/** Nobody reads more. */
const MOST_ENDPOINTS = 12;
const MOST_WAYS = 3;

const linkedCell = (text: string, { because }: ReachedEndpoint): Cell =>
  because === undefined ? { text } : { text, source: because };

/** What the packet filter did after the choice. */
export const tailLines = (steps: readonly ChainEvent[], ways: readonly Way[]): readonly Line[] =>
  waysOf(
    steps.flatMap((step) => (step.kind === "rule" && step.afterChoice ? [step] : [])),
    ways,
    "anew",
  );

/**
 * Rules by the ways that pass them, a heading over each group that is not all of them.
 * @param start whether they go on where the rules in common ended, so that the hook need not be named again
 */
function waysOf(steps: readonly ChainStep[], ways: readonly Way[], start: "continued" | "anew"): readonly Line[] {
  const groups = new Map<string, ChainStep[]>();
  for (const step of steps) {
    const key = step.ways?.join() ?? "";
    const group = groups.get(key);
    if (group) group.push(step);
    else groups.set(key, [step]);
  }
  const { shown, more } = cut([...groups.values()], MOST_WAYS);
  return [
    ...shown.flatMap((group) => {
      const members = group[0]?.ways;
      const top = Math.min(...group.map(({ depth }) => depth));
      const lines =
        start === "anew"
          ? ruleLines(members ? 2 : 1, group)
          : group.flatMap((step) => ruleWithPacket(1, { ...step, depth: step.depth - top }));
      return members
        ? [indented(1, { text: message`to ${wayNames(members, ways) || targetOf(group)}` }), ...lines]
        : lines;
    }),
    ...(more > 0 ? [indented(1, { text: message`and ${more} more through chains of their own` })] : []),
  ];
}

const wayNames = (members: readonly number[], ways: readonly Way[]): string =>
  namesOf(members.flatMap((member) => ways[member] ?? []).flatMap(({ end }) => reachedEndpoint(end) ?? []));

/** Where the rules of a way that ends nowhere wanted to go. */
function targetOf(steps: readonly ChainStep[]): string {
  const target = steps.map(({ rule }) => rule.action).find(({ kind }) => kind === "dnat");
  return target?.kind === "dnat" ? hostPort(target.ip, target.port) : "";
}

function namesOf(endpoints: readonly ReachedEndpoint[]): string {
  const names = endpoints.map((endpoint) => endpointName(endpoint) ?? addressPortText(endpoint.address, endpoint.port));
  const { shown, more } = cut([...new Set(names)], MOST_NAMES);
  return more > 0 ? `${shown.join(", ")}, +${more}` : shown.join(", ");
}

const MOST_NAMES = 6;

/**
 * Says what holds for endpoints, those of which the same is true together.
 * @param describe in one line, and what is said below it; nothing where there is nothing to say
 */
export function groupedByWords<One extends EndpointStep>(
  steps: readonly One[],
  describe: (step: One) => readonly Message[],
  shows: "packets" | "words alone" = "words alone",
): readonly Line[] {
  const groups = groupBy(steps, (step) =>
    describe(step)
      .map((said) => render(said))
      .join("\n"),
  );
  return [...groups.values()].flatMap((group): readonly Line[] => {
    const [first] = group;
    const [said, ...details] = first ? describe(first) : [];
    if (first === undefined || said === undefined) return [];
    const names = namesOf(group.map(({ endpoint }) => endpoint));
    // The YAML of an endpoint does not tell how its answers come back.
    const source = first.at === "reply" ? undefined : first.endpoint.because;
    return [
      indented(1, ...(groups.size === 1 ? [] : [{ text: message`${names}: ` }]), linked(said, source)),
      ...details.map((detail) => indented(2, { text: detail })),
      ...(shows === "packets"
        ? packetLines(
            2,
            group.flatMap(({ packets }) => packets ?? []),
          )
        : []),
    ];
  });
}

/** A step that is about an endpoint. */
export type EndpointStep = Extract<Step, { at: "choice" | "route" | "pod" | "client" | "reply" }>;

/** Rules under the hook that they belong to, each as deep as its jump. */
function ruleLines(level: number, steps: readonly ChainEvent[]): readonly Line[] {
  let place = "";
  let told: readonly Piece[] = [];
  return steps.flatMap((step): Line[] => {
    if (step.kind !== "rule") {
      place = "";
      const changed = step.packets?.filter(({ after }) => after !== undefined);
      return [indented(level, { text: describeChain(step) }), ...packetLines(level + 1, changed)];
    }
    const hook = `${step.rule.table} ${step.rule.base}`;
    const here = step.node === "" ? hook : `${step.node}  ${hook}`;
    if (here === place) return [...ruleWithPacket(level, step)];
    place = here;
    const packet = packetPieces(step.packets);
    const isNews = packet.at(-1)?.text !== told.at(-1)?.text;
    told = packet;
    return [indented(level, { text: here, role: "label" }, ...(isNews ? packet : [])), ...ruleWithPacket(level, step)];
  });
}

/** A rule, and what it makes of the packet where it changes it. */
const ruleWithPacket = (level: number, step: ChainStep): readonly Line[] => [
  ruleLine(level, step),
  ...packetLines(
    level + 3 + step.depth,
    step.packets?.filter(({ after }) => after !== undefined),
  ),
];

function ruleLine(level: number, { rule, depth, because }: ChainStep): Line {
  const { kind } = rule.action;
  const { chance } = rule;
  const role = kind === "drop" || kind === "reject" ? "bad" : undefined;
  const odds = chance.numerator === chance.denominator ? [] : [{ text: `   ${formatFraction(chance)}` }];
  return indented(level + 1 + depth, linked(printStep(rule), because, role), ...odds);
}
