import { type Fraction, one } from "../netfilter/fraction.ts";
import type { FilterStep } from "../packet-filter.ts";
import { distinctPassings, type Passing, passing } from "./ends.ts";
import { endsBehind, passingsAt } from "./passings.ts";
import { rangeOfCheck } from "./policies.ts";
import type { Reply } from "./reply.ts";
import type { Stop } from "./stop-reason.ts";
import { type ChainStep, type PolicyCheck, reachedEndpoint, type Step, type Way } from "./trace.ts";
import type { Hop, Journey } from "./travel.ts";

/** A journey, what NetworkPolicies made of its end, and the way back. */
export interface PolicedJourney extends Journey {
  readonly checks: readonly PolicyCheck[];
  readonly reply: Reply | undefined;
}

/**
 * What happens to a packet on all its ways: the rules that they have in common, then those that tell them apart, then
 * where each one ends.
 * @param ways one for each journey
 * @param addresses how many addresses the client could choose from
 */
export function packetSteps(
  journeys: readonly PolicedJourney[],
  ways: readonly Way[],
  addresses: number,
): readonly Step[] {
  const paths = journeys.map((journey) => journey.hops.flatMap((_, index) => hopSteps(journey, index)));
  const before = paths.map((path) => path.filter((step) => !isAfterChoice(step)));
  const after = paths.map((path) => path.filter(isAfterChoice));
  const common = commonStart(before);
  const choices = journeys.flatMap((journey, way): Step[] => {
    const endpoint = endpointOf(ways[way]);
    if (endpoint === undefined) return [];
    const by = endpoint.chain === undefined ? (addresses > 1 ? "dns" : "address") : "rules";
    const packets = choicePackets(journey);
    return [{ at: "choice", endpoint, by, affinity: affinityOf(journey), packets, because: endpoint.because }];
  });
  return [
    ...(before[0] ?? []).slice(0, common).map((step, index) => withPackets(step, before, index)),
    ...before.flatMap((path, way) => path.slice(common).map((step) => onWays(step, [way], ways.length))),
    ...choices,
    ...groupEqual(after).flatMap(({ path, members, paths: all }) =>
      path.map((step, index) => onWays(withPackets(step, all, index), members, ways.length)),
    ),
    ...ways.flatMap((way, index) => endSteps(way, journeys[index])),
    ...ways.flatMap(({ odds, end }) => (end.kind === "stop" ? [stopStep(end, odds)] : [])),
  ];
}

/** A request that ends, on some of its ways or on all of them. */
export const stopStep = (stop: Stop, odds: Fraction = one): Step => ({
  at: "stop",
  stop,
  odds,
  because: stop.because,
});

const endpointOf = (way: Way | undefined) => way && reachedEndpoint(way.end);

function endSteps({ end }: Way, journey: PolicedJourney | undefined): readonly Step[] {
  const endpoint = reachedEndpoint(end);
  if (endpoint === undefined || journey === undefined) return [];
  const { because } = endpoint;
  const { checks, hops, reply } = journey;
  const ends = hops.length === 0 ? journey.start : endsBehind(journey, hops.length - 1);
  const packets = ends ? [passing(ends)] : [];
  return [
    { at: "route", endpoint, packets, because: undefined },
    // One that does not admit is the stop.
    ...checks
      .filter(({ answer }) => answer.kind === "admitted")
      .map((check): Step => ({ at: "policy", check, packets, because: rangeOfCheck(check) })),
    ...(end.kind === "endpoint"
      ? ([
          { at: "pod", endpoint, packets, because },
          { at: "client", endpoint, packets, because: undefined },
        ] as const)
      : []),
    ...(end.kind === "endpoint" && reply
      ? [{ at: "reply", endpoint, reply, packets: reply.packets, because: undefined } as const]
      : []),
  ];
}

/** What the choice of an endpoint makes of the packet: the rules translate it, else it has been addressed so. */
function choicePackets(journey: Journey): readonly Passing[] {
  const chosen = journey.hops.flatMap(({ steps }, index) => {
    const place = steps.findIndex(({ action }) => action.kind === "dnat");
    return place < 0 ? [] : [passingsAt(journey, index)[place]];
  })[0];
  if (chosen) return [chosen];
  return journey.start ? [passing(journey.start)] : [];
}

/** A step that several ways have in common, with the packets of all of them. */
function withPackets(step: Step, paths: readonly (readonly Step[])[], index: number): Step {
  const packets = distinctPassings(paths.flatMap((path) => path[index]?.packets ?? []));
  return { ...step, packets };
}

/** What happens on one node: every rule that matched, and whether the packet left it as it came. */
function hopSteps(journey: Journey, index: number): readonly Step[] {
  const hop = journey.hops[index];
  if (hop === undefined) return [];
  const packets = passingsAt(journey, index);
  const came = [passing(hop.ends)];
  const dnat = hop.steps.findIndex(({ action }) => action.kind === "dnat");
  const depths = depthsOf(hop);
  const rules = hop.steps.map(
    (rule, position): ChainStep => ({
      at: "chain",
      kind: "rule",
      node: hop.node,
      rule,
      depth: depths[position] ?? 0,
      afterChoice: hop.translated && position > dnat,
      ways: undefined,
      packets: [packets[position] ?? []].flat(),
      because: rule.because,
    }),
  );
  const last = hop.steps.at(-1)?.action.kind;
  const stopped = last === "drop" || last === "reject";
  return [
    ...arrivalSteps(journey, index),
    ...rules,
    ...(hop.translated || stopped
      ? []
      : [{ at: "chain", kind: "untouched", node: hop.node, packets: came, because: undefined } as const]),
  ];
}

/** How a packet comes to a node: from another one, or from a load balancer. */
function arrivalSteps({ hops }: Journey, index: number): readonly Step[] {
  const hop = hops[index];
  const previous = hops[index - 1];
  if (hop?.balanced) {
    const { served, came } = hop.balanced;
    const packets = [passing(came, hop.ends)];
    return [{ at: "chain", kind: "balanced", served, to: hop.node, packets, because: undefined }];
  }
  if (hop === undefined || previous === undefined) return [];
  const packets = [passing(hop.ends)];
  return [{ at: "chain", kind: "hop", from: previous.node, to: hop.node, packets, because: undefined }];
}

/** How many jumps deep each rule stands. */
function depthsOf({ steps }: Hop): readonly number[] {
  let stack: string[] = [];
  let base = "";
  return steps.map((step) => {
    const key = `${step.table} ${step.base}`;
    if (key !== base) stack = [];
    base = key;
    const known = stack.indexOf(step.chain);
    stack = known < 0 ? [...stack, step.chain] : stack.slice(0, known + 1);
    return stack.length - 1;
  });
}

const isAfterChoice = (step: Step): boolean => step.at === "chain" && step.kind === "rule" && step.afterChoice;

function commonStart([first, ...others]: readonly (readonly Step[])[]): number {
  if (first === undefined) return 0;
  const differs = first.findIndex((step, index) => others.some((path) => !isSame(step, path[index])));
  return differs < 0 ? first.length : differs;
}

/** Whether two steps of different ways are the same event. */
function isSame(a: Step, b: Step | undefined): boolean {
  if (a.at !== "chain" || b?.at !== "chain") return false;
  if (a.kind === "rule") return b.kind === "rule" && isSameRule(a.rule, b.rule) && a.node === b.node;
  if (a.kind === "hop" || a.kind === "balanced") return b.kind === a.kind && a.to === b.to;
  return b.kind === "untouched" && a.node === b.node;
}

const isSameRule = (a: FilterStep, b: FilterStep): boolean => a.matched === b.matched && a.base === b.base;

interface PathGroup {
  readonly path: readonly Step[];
  readonly members: number[];
  /** Those of all members; the first is the path. */
  readonly paths: (readonly Step[])[];
}

/** Ways that pass the same rules, together. */
function groupEqual(paths: readonly (readonly Step[])[]): readonly PathGroup[] {
  const ids = new Map<object, number>();
  const idOf = (step: Step): string => {
    if (step.at !== "chain" || step.kind !== "rule") return "";
    const { matched, base } = step.rule;
    const id = ids.get(matched) ?? ids.size;
    ids.set(matched, id);
    return `${step.node} ${base} ${id}`;
  };
  const groups = new Map<string, PathGroup>();
  for (const [way, path] of paths.entries()) {
    const key = path.map(idOf).join("\n");
    const group = groups.get(key);
    if (group) {
      group.members.push(way);
      group.paths.push(path);
    } else groups.set(key, { path, members: [way], paths: [path] });
  }
  return [...groups.values()];
}

const onWays = (step: Step, members: readonly number[], total: number): Step =>
  step.at === "chain" && step.kind === "rule" && members.length < total ? { ...step, ways: members } : step;

const affinityOf = ({ hops }: Journey): number | undefined =>
  hops.flatMap(({ steps }) => steps).find(({ action }) => action.kind === "dnat")?.port?.affinitySeconds;
