import { render } from "../../src/core/base/message.ts";
import { type DocumentUri, documentUri, type SourceRange } from "../../src/core/base/source.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { formatFraction } from "../../src/core/cluster/netfilter/fraction.ts";
import type { ProtocolToken } from "../../src/core/cluster/netfilter/packet.ts";
import type { ReachedEndpoint, Step, Trace } from "../../src/core/cluster/simulation/trace.ts";
import { describeAnswer, describeNoData, describeNoName } from "../../src/core/features/dns-words.ts";
import { addressPortText, addressText } from "../../src/core/features/layout.ts";
import { describeNote } from "../../src/core/features/note-words.ts";
import { renderPage } from "../../src/core/features/page.ts";
import { findRemedies } from "../../src/core/features/remedies.ts";
import { describeStop } from "../../src/core/features/stop-words.ts";
import { tracePage, traceRequest } from "../../src/core/features/trace-page.ts";
import { describeObserved } from "../../src/core/features/trace-words.ts";
import { parseFixture } from "../harness/fixture.ts";
import { clusterOf, pathOf, storeOf, uriOf } from "../harness/workspace.ts";

/**
 * A fixture of requests: files as in any fixture, and blocks that say what a request comes to.
 *
 * - `# simulate from SOURCE to DESTINATION` is followed by what matters of the trace, one fact a line; `# trace from …`
 *   by the whole page.
 * - `over udp` behind it chooses a protocol, `seen from /path.yaml` the text to look from, which is otherwise the first.
 * - `# | text` is what is expected.
 */
export interface RequestFixture {
  readonly cluster: Cluster;
  readonly requests: readonly FixtureRequest[];
  /** The fixture with its expectations as they are. */
  readonly actual: string;
}

export interface FixtureRequest {
  readonly heading: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: ProtocolToken | undefined;
  readonly from: DocumentUri;
}

const HEADING = /^# (simulate|trace) from (\S+) to (\S+)(?: over (tcp|udp|sctp))?(?: seen from (\/\S+))?$/;

/** Reads a fixture, and follows its requests. */
export function readRequests(text: string): RequestFixture {
  const lines = text.replace(/\n$/, "").split("\n");
  const kept = lines.filter((line, index) => !HEADING.test(line) && !isExpectation(lines, index));
  const { files } = parseFixture(`${kept.join("\n")}\n`);
  const cluster = clusterOf(storeOf(files).snapshot);
  const first = files.find(({ path }) => !path.endsWith("/.portolan.yaml"))?.path ?? "/manifest.yaml";
  const requests: FixtureRequest[] = [];
  const actual = lines.flatMap((line, index): readonly string[] => {
    if (isExpectation(lines, index)) return [];
    const [, how = "", source = "", destination = "", protocol, path] = HEADING.exec(line) ?? [];
    if (how === "") return [line];
    const request: FixtureRequest = {
      heading: line,
      source,
      destination,
      protocol: protocol as ProtocolToken | undefined, // the pattern has these words and no others
      from: uriOf(path ?? first),
    };
    requests.push(request);
    return [line, ...expectationOf(cluster, request, how === "trace").map((fact) => `# | ${fact}`.trimEnd())];
  });
  return { cluster, requests, actual: `${actual.join("\n")}\n` };
}

/** Whether a line belongs to the heading above it. */
function isExpectation(lines: readonly string[], index: number): boolean {
  let above = index;
  while (above >= 0 && /^# \|/.test(lines[above] ?? "")) above--;
  return above < index && HEADING.test(lines[above] ?? "");
}

function expectationOf(cluster: Cluster, request: FixtureRequest, whole: boolean): readonly string[] {
  const trace = traceRequest(cluster, request.from, request.source, request.destination, request.protocol);
  if ("error" in trace) return [`error: ${render(trace.error)}`];
  if (whole) return renderPage(tracePage(trace)).text.replace(/\n$/, "").split("\n");
  return summarize(cluster, trace);
}

/** What matters of a trace, a fact a line. */
function summarize(cluster: Cluster, trace: Trace): readonly string[] {
  const { stop, endpoints, steps, notes } = trace;
  const at = (range: SourceRange | undefined): string => (range ? `${placeOf(cluster, range)} ` : "");
  return [
    `${trace.verdict}: ${render(describeObserved(trace))}`,
    ...(stop ? [`why ${at(stop.because)}${render(describeStop(stop))}`] : []),
    ...findRemedies(trace).map(({ said, source }) => `change ${at(source)}${render(said)}`),
    ...steps.flatMap(dnsFact),
    ...(trace.port && trace.port.from !== "written" ? [`port ${trace.port.number}, ${trace.port.from}`] : []),
    ...chainFacts(steps),
    ...endpoints.map((endpoint) => endpointFact(endpoint, at)),
    ...notes.map(describeNote).map(({ said, source }) => `note ${at(source)}${render(said)}`),
  ];
}

function dnsFact(step: Step): readonly string[] {
  if (step.at !== "dns" || step.kind !== "attempt") return [];
  const { answer } = step;
  const because =
    answer.kind === "nxdomain"
      ? `: ${render(describeNoName(answer.because))}`
      : answer.kind === "nodata"
        ? `: ${render(describeNoData(answer.because))}`
        : "";
  return [`name ${step.query} ${render(describeAnswer(answer))}${because}`];
}

/** The chains of kube-proxy that packets pass before they are translated, node by node. */
function chainFacts(steps: readonly Step[]): readonly string[] {
  const chains = new Map<string, string[]>();
  const entry = steps.find((step) => step.at === "source" && step.kind === "enters");
  for (const step of steps) {
    if (step.at !== "chain" || step.kind !== "rule" || step.afterChoice) continue;
    const { rule, node } = step;
    const { action, table } = rule;
    const target = action.kind === "jump" ? action.chain : action.kind;
    const isTelling = rule.port !== undefined || action.kind === "drop" || action.kind === "reject";
    if (!isTelling) continue;
    const key = `${node} ${table}`;
    const passed = chains.get(key) ?? [rule.chain];
    if (!passed.includes(target)) passed.push(target);
    chains.set(key, passed);
  }
  return [
    ...(entry?.at === "source" && entry.kind === "enters" ? [`enters at ${entry.node}, ${entry.why}`] : []),
    ...[...chains].map(([key, passed]) => `rules ${key} ${passed.join(" > ")}`),
    ...steps.flatMap((step) =>
      step.at === "chain" && step.kind === "hop" ? [`on from ${step.from} to ${step.to}`] : [],
    ),
  ];
}

function endpointFact(endpoint: ReachedEndpoint, at: (range: SourceRange | undefined) => string): string {
  const { odds, address, port, podName, node, listener, route, container, seen } = endpoint;
  const who = [podName, node && `on ${node}`].filter(Boolean).join(" ");
  const what = container ? `${listener} by ${container}` : listener;
  const sees = seen ? `${addressText(seen)} of the ${seen.of}${seen.translated ? ", translated" : ""}` : "?";
  return `${formatFraction(odds)} ${addressPortText(address, port)} ${who}: ${at(endpoint.because)}${what}, ${route}, sees ${sees}`;
}

/** `/web.yaml:4 \`80\``: a place and what stands there. */
function placeOf({ snapshot }: Cluster, { uri, start, end }: SourceRange): string {
  const text = snapshot.files.get(documentUri(uri))?.text ?? "";
  const line = text.slice(0, start).split("\n").length;
  return `${pathOf(uri)}:${line} \`${text.slice(start, end).split("\n")[0]}\``;
}
