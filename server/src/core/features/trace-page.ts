import { list, type Message, message } from "../base/message.ts";
import type { DocumentUri } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { ProtocolToken } from "../cluster/netfilter/packet.ts";
import { parseRequest } from "../cluster/simulation/parse-request.ts";
import type { RequestError } from "../cluster/simulation/request.ts";
import { simulate } from "../cluster/simulation/simulate.ts";
import type { Trace, TraceVerdict } from "../cluster/simulation/trace.ts";
import { blank, linked, title, withLegend } from "./layout.ts";
import { describeNote } from "./note-words.ts";
import type { Line, Page, Piece } from "./page.ts";
import { findRemedies } from "./remedies.ts";
import { describeStop } from "./stop-words.ts";
import { type Part, partsOf } from "./trace-sections.ts";
import { describeClient, describeObserved } from "./trace-words.ts";

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
    // Most requests meet neither policies nor variables, and those with variables have no name.
    .filter(({ key }) => key !== "policies" && key !== "environment" && key !== "name");
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
  const { verdict, stop, request, client } = trace;
  const verdictPiece = { text: verdicts[verdict], role: verdict === "delivered" ? "good" : "bad" } as const;
  return [
    [verdictPiece, { text: message`: ${describeObserved(trace)}` }],
    [{ text: message`${describeClient(client)} to ${destinationText(trace)}, ${request.protocol.toUpperCase()}` }],
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

function destinationText({ request, port }: Trace): string {
  const { host, typed } = request.destination;
  if (typed !== undefined) return typed;
  const shown = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? shown : `${shown}:${port.number}`;
}

const notReached = (parts: readonly Part[]): Piece => ({
  text: message`Not reached: ${list(
    parts.map(({ name }) => name),
    "comma",
  )}`,
  role: "faint",
});
