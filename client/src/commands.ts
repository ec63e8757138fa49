import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { isServiceReference, type PageQuery, type ServiceReference } from "../../server/src/lsp/protocol.ts";
import { nftLanguage } from "./client.ts";
import { type Pages, queryOf } from "./page-document.ts";
import { pickRequest, traceKind } from "./request-picks.ts";
import { chooseService, type DocumentService, holdsRules, isManifest, servicesOf } from "./services.ts";
import { openSource } from "./source.ts";

/**
 * The commands of the palette, of lenses and of menus. With an argument they act on what it names; without one on the
 * Service under the cursor.
 */
export function registerCommands(client: LanguageClient, pages: Pages, memory: vscode.Memento): vscode.Disposable {
  const commands: Readonly<Record<string, (argument: unknown) => unknown>> = {
    "portolan.showEndpoints": async (argument) => {
      const service = serviceIn(argument) ?? (await chooseService(vscode.l10n.t("Show endpoints")))?.reference;
      if (service !== undefined) await pages.open({ kind: "endpoints", service });
    },
    "portolan.simulateRequest": async (argument) => {
      const query = requestIn(argument) ?? (await pickRequest(client, memory, startOf(argument)));
      if (query !== undefined) await pages.open(query);
    },
    "portolan.showIptables": async (argument) => {
      const service = serviceIn(argument) ?? (await chooseService(vscode.l10n.t("Show iptables path")))?.reference;
      if (service !== undefined) await pages.open({ kind: "iptables", uri: service.uri, service, form: "save" });
    },
    "portolan.showAllIptables": async () => {
      const uri = manifestInSight();
      if (uri !== undefined) await pages.open({ kind: "iptables", uri: uri.toString(), form: "save" });
    },
    "portolan.compareRules": async (argument) => {
      const uri = rulesOf(argument);
      if (uri !== undefined) await pages.open({ kind: "rules-comparison", uri });
    },
    "portolan.chooseIptablesForm": () => chooseForm(pages),
    "portolan.compareProxyModes": (argument) => compareModes(pages, serviceIn(argument), fieldsOf(argument)["mode"]),
    "portolan.copyDnsName": async (argument) => {
      const name = typeof argument === "string" ? argument : (await chosenDnsName())?.dnsName;
      if (name === undefined) return;
      await vscode.env.clipboard.writeText(name);
      vscode.window.setStatusBarMessage(vscode.l10n.t("Copied {0}", name), 4000);
    },
    "portolan.openServices": openServices,
    "portolan.openSource": (argument) => openSource(argument as Parameters<typeof openSource>[0]),
    "portolan.restartServer": () => client.restart(),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, run]) =>
      vscode.commands.registerCommand(id, (argument: unknown) => reporting(() => run(argument))),
    ),
  );
}

/** Shows what went wrong in one message, and leaves the details to the log. */
async function reporting(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : String(reason);
    vscode.window.showErrorMessage(vscode.l10n.t("Portolan: {0}", why));
  }
}

/** The Service that an argument names: itself, or as `{ service }`. */
function serviceIn(argument: unknown): ServiceReference | undefined {
  if (isServiceReference(argument)) return argument;
  const { service } = fieldsOf(argument);
  return isServiceReference(service) ? service : undefined;
}

/** A whole request, where the argument gives one: `{ uri, source, destination, protocol? }`. */
function requestIn(argument: unknown): PageQuery | undefined {
  const { uri, source, destination, protocol } = fieldsOf(argument);
  if (typeof uri !== "string" || typeof source !== "string" || typeof destination !== "string") return undefined;
  const known = (["tcp", "udp", "sctp"] as const).find((one) => one === protocol);
  return { kind: traceKind(uri), uri, source, destination, ...(known && { protocol: known }) };
}

/** From where a request is chosen: the text of the argument, or the one in sight. */
function startOf(argument: unknown): { readonly uri: string; readonly service?: ServiceReference } | undefined {
  const service = serviceIn(argument);
  if (service !== undefined) return { uri: service.uri, service };
  const { uri } = fieldsOf(argument);
  const text = typeof uri === "string" ? uri : (activeRules() ?? manifestInSight()?.toString());
  return text === undefined ? undefined : { uri: text };
}

/** The text of rules that an argument names, or else the active one; says so where there is none. */
function rulesOf(argument: unknown): string | undefined {
  const { uri } = fieldsOf(argument);
  const found = typeof uri === "string" ? uri : activeRules();
  if (found === undefined) {
    vscode.window.showInformationMessage(vscode.l10n.t("Open a file with the rules of a node first"));
  }
  return found;
}

function activeRules(): string | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document !== undefined && holdsRules(document) ? document.uri.toString() : undefined;
}

const fieldsOf = (value: unknown): Partial<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Partial<Record<string, unknown>>) : {};

/** The manifest that is being edited, or one that is visible beside a page; says so where there is none. */
function manifestInSight(): vscode.Uri | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  const editors = activeTextEditor === undefined ? visibleTextEditors : [activeTextEditor, ...visibleTextEditors];
  const found = editors.find(({ document }) => isManifest(document))?.document.uri;
  if (found === undefined) vscode.window.showInformationMessage(vscode.l10n.t("Open a manifest first"));
  return found;
}

async function chosenDnsName(): Promise<DocumentService | undefined> {
  const service = await chooseService(vscode.l10n.t("Copy cluster DNS name"));
  if (service !== undefined && service.dnsName === undefined) {
    vscode.window.showInformationMessage(
      vscode.l10n.t("Service {0} has no name in the cluster DNS", service.reference.name),
    );
  }
  return service;
}

type RulesQuery = Extract<PageQuery, { kind: "iptables" }>;

/** The query of the page of rules in front, if there is one. */
function rulesInFront(): RulesQuery | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const query = uri?.scheme === "portolan" ? queryOf(uri) : undefined;
  return query?.kind === "iptables" ? query : undefined;
}

/** Offers the forms in which the rules of the page in front can be read. */
async function chooseForm(pages: Pages): Promise<void> {
  const query = rulesInFront();
  if (query === undefined) return;
  const fed = vscode.l10n.t("What kube-proxy feeds to {0}", "iptables-restore");
  const forms: readonly (vscode.QuickPickItem & Pick<RulesQuery, "form">)[] =
    vscode.window.activeTextEditor?.document.languageId === nftLanguage
      ? [
          { form: "save", label: "nft list table", detail: vscode.l10n.t("What {0} prints on a node", "nft") },
          { form: "restore", label: "nft -f", detail: vscode.l10n.t("What kube-proxy feeds to {0}", "nft") },
        ]
      : [
          { form: "save", label: "iptables-save", detail: vscode.l10n.t("What {0} prints on a node", "iptables-save") },
          { form: "list", label: "iptables -t nat -L -n -v", detail: vscode.l10n.t("Chain by chain, with counters") },
          { form: "restore", label: "iptables-restore", detail: fed },
        ];
  const title = vscode.l10n.t("Show the rules as");
  const chosen = await vscode.window.showQuickPick(forms, { title });
  if (chosen !== undefined) await pages.open({ ...query, form: chosen.form });
}

/** Shows the rules of one Service, or of all, in two modes of kube-proxy side by side: that of the settings and another. */
async function compareModes(pages: Pages, service: ServiceReference | undefined, wanted: unknown): Promise<void> {
  const title = vscode.l10n.t("Compare the rules of two proxy modes");
  const front = service === undefined ? rulesInFront() : undefined;
  const chosen = front ? undefined : (service ?? (await chooseService(title))?.reference);
  const query: RulesQuery | undefined =
    front ?? (chosen && { kind: "iptables", uri: chosen.uri, service: chosen, form: "save" });
  if (query === undefined) return;
  const modes = [
    { mode: "iptables", label: "iptables", detail: vscode.l10n.t("Chains of iptables rules") },
    { mode: "nftables", label: "nftables", detail: vscode.l10n.t("Maps and chains of nftables") },
    { mode: "ipvs", label: "IPVS", detail: vscode.l10n.t("Virtual servers in the kernel") },
    { mode: "userspace", label: "userspace", detail: vscode.l10n.t("A relay in user space, up to Kubernetes 1.25") },
  ] as const;
  const other = modes.find(({ mode }) => mode === wanted) ?? (await vscode.window.showQuickPick(modes, { title }));
  if (other === undefined) return;
  if (front === undefined) await pages.open(query);
  await pages.open({ ...query, mode: other.mode, form: "save" }, "beside");
}

/** Goes to the only one of some Services, or lets one be chosen. */
async function openServices(argument: unknown): Promise<void> {
  const references = (Array.isArray(argument) ? argument : [argument]).filter(isServiceReference);
  const items = references.map((reference) => ({
    label: reference.name,
    description: reference.namespace,
    detail: vscode.workspace.asRelativePath(vscode.Uri.parse(reference.uri)),
    reference,
  }));
  const title = vscode.l10n.t("Services that select these pods");
  const chosen = items.length > 1 ? await vscode.window.showQuickPick(items, { title }) : items[0];
  if (chosen !== undefined) await goTo(chosen.reference);
}

async function goTo({ uri, namespace, name }: ServiceReference): Promise<void> {
  await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  const service = (await servicesOf(vscode.Uri.parse(uri))).find(
    ({ reference }) => reference.namespace === namespace && reference.name === name,
  );
  const start = { line: service?.line ?? 0, character: 0 };
  await openSource({ uri, range: { start, end: start } });
}
