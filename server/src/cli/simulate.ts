import { list, message, quote } from "../core/base/message.ts";
import type { DocumentUri } from "../core/base/source.ts";
import { formatFraction } from "../core/cluster/netfilter/fraction.ts";
import { parseRequest } from "../core/cluster/simulation/parse-request.ts";
import type { TypedRequest } from "../core/cluster/simulation/request.ts";
import { simulate as followRequest } from "../core/cluster/simulation/simulate.ts";
import type { Trace } from "../core/cluster/simulation/trace.ts";
import { requestInRules } from "../core/features/node-rules/rules-trace-page.ts";
import { describeNote } from "../core/features/note-words.ts";
import { findRemedies } from "../core/features/remedies.ts";
import { describeStop } from "../core/features/stop-words.ts";
import { tracePage } from "../core/features/trace-page.ts";
import { describeObserved, describeStep } from "../core/features/trace-words.ts";
import { requireWord } from "./arguments.ts";
import { type Call, type ExitStatus, formatOf, optionOf, printJson, say } from "./call.ts";
import { CallError } from "./call-error.ts";
import { workloadsNamed } from "./find-workload.ts";
import { openWorkspace, type Workspace } from "./load.ts";
import { endsJson, packetsJson } from "./packet-json.ts";
import { printPageWithPlaces } from "./page-text.ts";
import { scopeOfText, tellHidden, tellScopes, viewpoint } from "./scopes.ts";
import { sourceOf } from "./service-json.ts";
import { simulateInFile } from "./simulate-rules.ts";

/** `portolan simulate`: what becomes of one request. */
export async function simulate(call: Call): Promise<ExitStatus> {
  const format = formatOf(call, ["text", "json"]);
  const source = optionOf(call, "from");
  const destination = optionOf(call, "to");
  const protocol = optionOf(call, "protocol");
  if (source === undefined) throw new CallError(message`say who sends the request, such as ${"--from deployment/web"}`);
  if (destination === undefined) throw new CallError(message`say where the request goes, such as ${"--to http://web"}`);
  const over = protocol === undefined ? undefined : requireWord("protocol", protocol, ["tcp", "udp", "sctp"]);
  const request = parseRequest(source, destination, over);
  if ("error" in request) throw new CallError(request.error);
  const rules = optionOf(call, "rules");
  if (rules !== undefined) {
    const asked = requestInRules(request);
    if ("error" in asked) throw new CallError(asked.error);
    return simulateInFile(call, rules, asked, format);
  }
  const workspace = await openWorkspace(call, call.operands);
  const client = clientPlace(call, workspace, source, request);
  const from = client ?? viewpoint(call, workspace);
  const trace = followRequest(workspace.cluster, from, request);
  if ("error" in trace) throw new CallError(trace.error);
  if (client === undefined) tellHidden(call, workspace, from);
  tellScopes(call, workspace, from);
  if (format === "json") printJson(call, traceDocument(call, workspace, trace));
  else printPageWithPlaces(call, workspace, tracePage(trace));
  return trace.verdict === "delivered" ? 0 : 1;
}

/** The text that defines the client, from which the cluster is looked at; `undefined` for a client of no text. */
function clientPlace(
  call: Call,
  workspace: Workspace,
  text: string,
  { source }: TypedRequest,
): DocumentUri | undefined {
  const clients = source.kind === "workload" ? workloadsNamed(call, workspace, source) : [];
  const [client, ...others] = clients;
  if (client === undefined) return undefined;
  const scopes = [...new Set(clients.map(({ range }) => scopeOfText(workspace, range.uri)))];
  if (others.length > 0 && scopes.length > 1) {
    throw new CallError(
      message`${quote(text)} is in several scopes; choose one of ${list(scopes.slice(0, 8).map(quote), "comma")} with ${"--scope"}`,
    );
  }
  return client.range.uri;
}

/** A trace as `docs/schemas/simulate.schema.json` describes it. */
function traceDocument(call: Call, workspace: Workspace, trace: Trace): object {
  const { verdict, stop, steps, endpoints, clientAddressSeen: seen, notes } = trace;
  return {
    version: 1,
    verdict,
    observed: say(call, describeObserved(trace)),
    why: stop ? { text: say(call, describeStop(stop)), source: sourceOf(workspace, stop.because) } : null,
    remedies: findRemedies(trace).map(({ said, source }) => ({
      text: say(call, said),
      source: sourceOf(workspace, source),
    })),
    steps: steps.map((step) => ({
      at: step.at,
      text: say(call, describeStep(step, trace)),
      source: sourceOf(workspace, step.because),
      packets: packetsJson(step.packets ?? []),
      ...(step.at === "route" && step.endpoint.wire?.kind === "vxlan"
        ? { outer: endsJson(step.endpoint.wire.outer) }
        : {}),
    })),
    endpoints: endpoints.map(({ address, port, podName, node, container, odds, because }) => ({
      ip: address.ip,
      port,
      origin: address.origin,
      pod: podName ?? null,
      node: node ?? null,
      container: container ?? null,
      probability: formatFraction(odds),
      source: sourceOf(workspace, because),
    })),
    clientAddressSeen: seen ? { ip: seen.ip, origin: seen.origin, translated: seen.translated } : null,
    notes: notes.map(describeNote).map(({ said }) => say(call, said)),
  };
}
