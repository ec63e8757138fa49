import {
  type Connection,
  MessageType,
  type Range,
  ShowDocumentRequest,
  ShowMessageNotification,
} from "vscode-languageserver";
import { type Message, message } from "../core/base/message.ts";
import type { SourceRange } from "../core/base/source.ts";
import type { Analysis } from "../core/features/analysis.ts";
import { withPlaces } from "../core/features/page.ts";
import { type Converter, rangeOf, say } from "./convert.ts";
import { findService, listChoices, type PageHost, pageResult, writePage } from "./pages.ts";
import {
  type Choice,
  isServiceReference,
  type LensCommand,
  type PageQuery,
  type ServiceReference,
} from "./protocol.ts";
import { keyOf, nameIn } from "./uris.ts";

/** What a command works with. */
export interface CommandHost {
  readonly connection: Connection;
  /** Of the workspace as it is now. */
  readonly analysis: () => Analysis;
  readonly converter: () => Converter;
  /** The rules of a node in an open text. */
  readonly rulesIn: PageHost["rulesIn"];
  /** Keeps a text where an editor can open it, and answers its URI; absent where there is no such place. */
  readonly keepText: KeepText | undefined;
}

export type KeepText = (name: string, text: string) => Promise<string>;

/** Runs the command of a lens. What it cannot do it tells the user. */
export async function runCommand(host: CommandHost, command: string, argument: unknown): Promise<void> {
  switch (command as LensCommand) {
    case "portolan.showEndpoints":
      if (isServiceReference(argument)) return showPage(host, { kind: "endpoints", service: argument });
      break;
    case "portolan.showIptables":
      if (isServiceReference(argument))
        return showPage(host, { kind: "iptables", uri: argument.uri, service: argument, form: "save" });
      break;
    case "portolan.simulateRequest":
      return simulate(host, command, fieldsOf(argument));
    case "portolan.compareRules": {
      const { uri } = fieldsOf(argument);
      if (typeof uri === "string") return showPage(host, { kind: "rules-comparison", uri });
      break;
    }
    case "portolan.copyDnsName":
      // No editor lends its clipboard; a name in a message can be copied as well.
      if (typeof argument === "string") return tell(host, MessageType.Info, argument);
      break;
    case "portolan.openServices": {
      const services = Array.isArray(argument) ? argument.filter(isServiceReference) : [];
      if (services.length > 0) return openService(host, services);
      break;
    }
  }
  tell(host, MessageType.Error, misused(host, command));
}

const misused = ({ converter }: CommandHost, command: string): string =>
  say(converter(), message`${command} needs the argument that a lens gives it`);

/** Follows a request: `{ uri, source, destination }`, or one between ends that are asked for, `{ service }` or `{ uri }`. */
async function simulate(
  host: CommandHost,
  command: string,
  { uri, service, source, destination }: Partial<Record<string, unknown>>,
): Promise<void> {
  const about = isServiceReference(service) ? service : undefined;
  const from = typeof uri === "string" ? uri : about?.uri;
  if (from === undefined) return tell(host, MessageType.Error, misused(host, command));
  const start = { uri: from, ...(about ? { service: about } : {}) };
  const choices = (chosen?: string) =>
    listChoices(pageHost(host), {
      ...start,
      ...(chosen === undefined ? {} : { source: chosen }),
    });
  const sender = text(source) ?? (await choose(host, message`Simulate request: from where?`, choices().sources));
  if (sender === undefined) return;
  const receiver =
    text(destination) ?? (await choose(host, message`Simulate request: to where?`, choices(sender).destinations));
  if (receiver === undefined) return;
  const kind = host.rulesIn(keyOf(from)) === undefined ? "trace" : "rules-trace";
  await showPage(host, { kind, uri: from, source: sender, destination: receiver });
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const fieldsOf = (value: unknown): Partial<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Partial<Record<string, unknown>>) : {};

/** A message with more buttons is no help. Nodes and the outside stand last among the sources. */
const FIRST_PROPOSALS = 6;
const LAST_PROPOSALS = 3;

async function choose({ connection, converter }: CommandHost, question: Message, choices: readonly Choice[]) {
  const proposals = choices.filter((_, index) => index < FIRST_PROPOSALS || index >= choices.length - LAST_PROPOSALS);
  const actions = proposals.map(({ value }) => ({ title: value }));
  return (await connection.window.showInformationMessage(say(converter(), question), ...actions))?.title;
}

const pageHost = ({ analysis, converter, rulesIn }: CommandHost): PageHost => ({
  cluster: analysis().cluster,
  converter: converter(),
  rulesIn,
});

async function showPage(host: CommandHost, query: PageQuery): Promise<void> {
  const converter = host.converter();
  const written = writePage(pageHost(host), query);
  if ("error" in written) return tell(host, MessageType.Error, say(converter, written.error));
  // Lines of the tools stay exact; all others have room for the place that they come from.
  const { page } = written;
  const shown = query.kind === "iptables" ? page : withPlaces(page, (source) => placeName(converter, source));
  const { title, text: pageText, links } = pageResult(converter, { ...written, page: shown });
  if (host.keepText === undefined || !converter.client.showsDocuments) {
    return tell(host, MessageType.Info, pageText);
  }
  // What every node has stands before what is the Service's own.
  const selection = query.kind === "iptables" ? links[0]?.range : undefined;
  await showDocument(host, await host.keepText(`${title}.txt`, pageText), selection);
}

function placeName(converter: Converter, source: SourceRange): string | undefined {
  const range = rangeOf(converter, source);
  return range && `${nameIn(converter.snapshot.roots, source.uri)}:${range.start.line + 1}`;
}

/** Goes to the only one of some Services, or lets one be chosen. */
async function openService(host: CommandHost, services: readonly ServiceReference[]): Promise<void> {
  const proposals = services.map((service) => ({ value: `${service.namespace}/${service.name}`, service }));
  const named = proposals.map(({ value }) => ({ value, label: value, detail: "" }));
  const chosen =
    proposals.length > 1 ? await choose(host, message`Services that select these pods`, named) : proposals[0]?.value;
  const reference = proposals.find(({ value }) => value === chosen)?.service;
  const service = reference && findService(host.analysis().cluster, reference);
  const selection = service && rangeOf(host.converter(), service.name.range);
  if (reference === undefined) return;
  if (host.converter().client.showsDocuments) await showDocument(host, reference.uri, selection);
  else tell(host, MessageType.Info, chosen ?? "");
}

async function showDocument({ connection }: CommandHost, uri: string, selection: Range | undefined): Promise<void> {
  await connection.sendRequest(ShowDocumentRequest.type, { uri, takeFocus: true, ...(selection ? { selection } : {}) });
}

/** Nobody waits for a message to be read. */
function tell({ connection }: CommandHost, type: MessageType, words: string): void {
  connection.sendNotification(ShowMessageNotification.type, { type, message: words }).catch(() => undefined);
}
