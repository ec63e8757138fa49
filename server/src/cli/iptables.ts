import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { list, message, quote } from "../core/base/message.ts";
import type { DocumentUri } from "../core/base/source.ts";
import { findNearest } from "../core/base/text.ts";
import { type RulesQuery, rulesPage } from "../core/features/rules-page.ts";
import { requireWord } from "./arguments.ts";
import { type Call, type ExitStatus, formatOf, optionOf, printJson } from "./call.ts";
import { CallError } from "./call-error.ts";
import { findOneService } from "./find-service.ts";
import { openWorkspace, type Workspace } from "./load.ts";
import { pageDocument, printPage } from "./page-text.ts";
import { STANDARD_INPUT } from "./paths.ts";
import { tellHidden, tellScopes, viewpoint } from "./scopes.ts";

/** `portolan iptables`: kube-proxy's rules on one node, for one Service or for all in view. */
export async function iptables(call: Call): Promise<ExitStatus> {
  const format = formatOf(call, ["text", "json"]);
  const form = requireWord("as", optionOf(call, "as") ?? "save", ["save", "restore", "list"]);
  const { reference, paths } = sortOperands(call);
  const workspace = await openWorkspace(call, paths);
  const resolution = reference === undefined ? undefined : findOneService(call, workspace, reference);
  const service = resolution?.service;
  const from = resolution?.from ?? viewpoint(call, workspace);
  const node = findNode(workspace, from, optionOf(call, "node"));
  if (service === undefined) {
    tellHidden(call, workspace, from);
    tellScopes(call, workspace, from);
  }
  const query: RulesQuery = { form, ...(service ? { service } : {}), ...(node === undefined ? {} : { node }) };
  const page = rulesPage(workspace.cluster, from, query);
  if (format === "text") {
    printPage(call, page);
    return 0;
  }
  const about = service ? `${service.namespace.value}/${service.name.value}` : null;
  const { mode } = workspace.cluster.viewFrom(from).profile.proxy;
  const lines = pageDocument(call, workspace, page);
  printJson(call, { version: 1, node: node ?? null, mode, form, service: about, lines });
  return 0;
}

/** The first operand names a Service, unless it is a file or folder. */
function sortOperands({ operands, terminal }: Call): {
  readonly reference: string | undefined;
  readonly paths: readonly string[];
} {
  const [first, ...others] = operands;
  const isPath = first === undefined || first === STANDARD_INPUT || existsSync(resolve(terminal.cwd, first));
  return isPath ? { reference: undefined, paths: operands } : { reference: first, paths: others };
}

function findNode({ cluster }: Workspace, from: DocumentUri, wanted: string | undefined): string | undefined {
  const names = cluster.viewFrom(from).profile.nodes.map(({ name }) => name);
  if (wanted === undefined || names.includes(wanted)) return wanted ?? names[0];
  const nearest = findNearest(wanted, names);
  throw new CallError(
    nearest === undefined
      ? message`there is no node ${quote(wanted)}; there are ${list(names.slice(0, 8).map(quote), "comma")}`
      : message`there is no node ${quote(wanted)}; did you mean ${quote(nearest)}?`,
  );
}
