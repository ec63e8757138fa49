import { formatFraction } from "../core/cluster/netfilter/fraction.ts";
import type { RulesTrace, RulesWay } from "../core/cluster/node-rules/simulation/rules-trace.ts";
import { printStep } from "../core/cluster/packet-filter.ts";
import { passing } from "../core/cluster/simulation/ends.ts";
import { passingsAt } from "../core/cluster/simulation/passings.ts";
import type { SimulatedRequest } from "../core/cluster/simulation/request.ts";
import { describeAssumption } from "../core/features/node-rules/assumption-words.ts";
import { rulesJourney, sentEnds } from "../core/features/node-rules/rules-journey.ts";
import { followInRules, rulesTracePage } from "../core/features/node-rules/rules-trace-page.ts";
import {
  describeEnd,
  describeRulesDestination,
  describeRulesNote,
  describeRulesObserved,
  describeRulesSource,
  verdictOf,
} from "../core/features/node-rules/rules-trace-words.ts";
import { type Call, type ExitStatus, printJson, say } from "./call.ts";
import { CallError } from "./call-error.ts";
import type { Workspace } from "./load.ts";
import { packetsJson } from "./packet-json.ts";
import { printPageWithPlaces } from "./page-text.ts";
import { openRules } from "./rules-file.ts";
import { viewpoint } from "./scopes.ts";
import { sourceOf } from "./service-json.ts";

/** `portolan simulate --rules`: what becomes of one request in the rules of a real node. */
export async function simulateInFile(
  call: Call,
  file: string,
  request: SimulatedRequest,
  format: "text" | "json",
): Promise<ExitStatus> {
  const { rules, workspace } = await openRules(call, file, call.operands);
  const trace = followInRules(workspace.cluster, viewpoint(call, workspace), rules, request);
  if ("error" in trace) throw new CallError(trace.error);
  if (format === "json") printJson(call, traceDocument(call, workspace, trace));
  else printPageWithPlaces(call, workspace, rulesTracePage(trace));
  return verdictOf(trace) === "delivered" ? 0 : 1;
}

/** The same fields as those of a trace through predicted rules, and the ways with what they depend on. */
function traceDocument(call: Call, workspace: Workspace, trace: RulesTrace): object {
  const { ways, shared, client, destination } = trace;
  const verdict = verdictOf(trace);
  const open = ways.some(({ assumptions }) => assumptions.length > 0);
  const arrived = open
    ? []
    : ways.flatMap(({ end, odds, steps }) => (end.kind === "endpoint" ? [{ end, odds, steps }] : []));
  const seen = verdict === "delivered" ? arrived[0]?.end.seen : undefined;
  const [first] = ways;
  const common = first ? rulesOf(workspace, trace, first).slice(0, shared) : [];
  return {
    version: 1,
    verdict: verdict === "untouched" || verdict === "depends" ? "unknown" : verdict,
    observed: say(call, describeRulesObserved(trace)),
    why: null,
    remedies: [],
    steps: [
      ...describeRulesDestination(trace).map((said) => ({ at: "dns", text: say(call, said), source: null })),
      ...(destination
        ? [{ at: "source", text: say(call, describeRulesSource(trace)), source: null, packets: sentPackets(trace) }]
        : []),
      ...common.map((rule) => ({ at: "chain", ...rule })),
    ],
    endpoints: arrived.map(({ end, odds, steps }) => ({
      ip: end.ip,
      port: end.port,
      origin: "observed",
      pod: null,
      node: null,
      container: null,
      probability: formatFraction(odds),
      source: sourceOf(workspace, steps.findLast(({ action }) => action.kind === "dnat")?.because),
    })),
    clientAddressSeen:
      seen?.of === "client"
        ? { ip: client.address, origin: client.known === "stand-in" ? "simulated" : "observed", translated: false }
        : seen?.of === "rule"
          ? { ip: seen.ip, origin: "observed", translated: true }
          : null,
    ways: ways.map((way) => wayDocument(call, workspace, trace, way)),
    notes: trace.notes.map((note) => say(call, describeRulesNote(note))),
  };
}

function wayDocument(call: Call, workspace: Workspace, trace: RulesTrace, way: RulesWay): object {
  const { assumptions, odds, end } = way;
  return {
    assumptions: assumptions.map((assumption) => say(call, describeAssumption(assumption))),
    probability: formatFraction(odds),
    end: end.kind,
    text: say(call, describeEnd(way, trace)),
    endpoint: end.kind === "endpoint" ? { ip: end.ip, port: end.port, service: end.service?.name.text ?? null } : null,
    steps: rulesOf(workspace, trace, way).slice(trace.shared),
  };
}

function rulesOf(workspace: Workspace, trace: RulesTrace, way: RulesWay): readonly object[] {
  const packets = passingsAt(rulesJourney(trace, way), 0);
  return way.steps.map((step, index) => ({
    text: printStep(step),
    source: sourceOf(workspace, step.because),
    packets: packetsJson([packets[index] ?? []].flat()),
  }));
}

function sentPackets(trace: RulesTrace): readonly object[] {
  const ends = sentEnds(trace);
  return packetsJson(ends ? [passing(ends)] : []);
}
