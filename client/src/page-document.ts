import * as vscode from "vscode";
import { type LanguageClient, LSPErrorCodes, ResponseError, State } from "vscode-languageclient/node";
import {
  CHANGED_NOTIFICATION,
  PAGE_REQUEST,
  type PageLink,
  type PageQuery,
  type PageResult,
} from "../../server/src/lsp/protocol.ts";
import { rangeFrom } from "./places.ts";
import { besideManifests, openSource, sourceUri } from "./source.ts";

/** The scheme of pages: read-only documents that the server writes. */
export const pageScheme = "portolan";

/** The pages that are open. Each follows the workspace for as long as it is. */
export interface Pages extends vscode.Disposable {
  /**
   * Asks for a page and shows it beside the manifest, in the tab of the page before; rejects with what went wrong.
   * @param place `beside`: next to the page in front, which stays
   */
  open(query: PageQuery, place?: "beside"): Promise<void>;
}

/** Serves the pages of a client's server to the editor. */
export function createPages(client: LanguageClient): Pages {
  const shown = new Map<string, PageResult>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let refreshing = false;
  let again = false;

  /** Asks again as long as an edit comes between question and answer. */
  async function fetch(query: PageQuery): Promise<PageResult> {
    for (;;) {
      try {
        const page = await client.sendRequest<PageResult>(PAGE_REQUEST, query);
        if (page.title !== "") return page;
      } catch (reason) {
        if (reason instanceof ResponseError && reason.code === LSPErrorCodes.ContentModified) continue;
        throw reason;
      }
      throw new Error(vscode.l10n.t("this page could not be written; the log says why"));
    }
  }

  /** Writes all open pages anew, one after the other; a call during a run adds one more round to it. */
  async function refresh(): Promise<void> {
    again = true;
    if (refreshing) return;
    refreshing = true;
    while (again) {
      again = false;
      for (const uri of openPages()) put(uri, await fetch(queryOf(uri)).catch(asLine));
    }
    refreshing = false;
  }

  function put(uri: vscode.Uri, page: PageResult): void {
    const before = shown.get(uri.toString());
    shown.set(uri.toString(), page);
    if (before?.text !== page.text) changed.fire(uri);
    if (page.title !== "") void speak(uri, languageOf(queryOf(uri), page));
  }

  /** With another proxy mode in the settings, rules of one page may be in another language than before. */
  async function speak(uri: vscode.Uri, language: string): Promise<void> {
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
    if (document === undefined || document.languageId === language) return;
    await vscode.languages.setTextDocumentLanguage(document, language);
  }

  async function provide(uri: vscode.Uri): Promise<string> {
    const known = shown.get(uri.toString());
    if (known !== undefined) return known.text;
    const page = await fetch(queryOf(uri)).catch(asLine);
    shown.set(uri.toString(), page);
    return page.text;
  }

  function linksOf(document: vscode.TextDocument): readonly PageLink[] {
    const page = shown.get(document.uri.toString());
    return page !== undefined && page.text === document.getText() ? page.links : [];
  }

  async function open(query: PageQuery, place?: "beside"): Promise<void> {
    const page = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Portolan reads the manifests…") },
      () => fetch(query),
    );
    const uri = uriOf(query, page);
    put(uri, page);
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: place === "beside" ? besidePages() : (columnOfPages() ?? besideManifests()),
      preserveFocus: true,
      preview: place === undefined,
    });
    const [first] = page.links;
    // What every node has stands before what is the Service's own.
    if (query.kind === "iptables" && query.service && first) {
      editor.revealRange(rangeFrom(first.range), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  const registrations = vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(pageScheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: provide,
    }),
    vscode.languages.registerDocumentLinkProvider(
      { scheme: pageScheme },
      { provideDocumentLinks: (document) => linksOf(document).map((link) => documentLink(document, link)) },
    ),
    vscode.commands.registerTextEditorCommand("portolan.goToSource", ({ document, selection }) => {
      const link = linkAt(linksOf(document), selection.active);
      if (link !== undefined) void openSource(link.target);
      else vscode.window.setStatusBarMessage(vscode.l10n.t("Nothing on this line comes from a manifest"), 4000);
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => shown.delete(uri.toString())),
    client.onNotification(CHANGED_NOTIFICATION, refresh),
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        void refresh();
        return;
      }
      const line = newState === State.Starting ? starting() : stopped();
      for (const uri of openPages()) put(uri, { title: "", text: `${line}\n`, links: [] });
    }),
  );
  return { open, dispose: () => registrations.dispose() };
}

/** The folder of a page in its URI, which is also its language: `package.json` maps one to the other. */
const languages = {
  endpoints: "portolan-endpoints",
  iptables: "iptables-rules",
  trace: "portolan-trace",
  "rules-trace": "portolan-trace",
  "rules-comparison": "portolan-trace",
} as const satisfies Record<PageQuery["kind"], string>;

const languageOf = (query: PageQuery, { language }: PageResult): string => language ?? languages[query.kind];

/** The tab shows the last part of the path, so a slash in the title becomes one that does not part. */
function uriOf(query: PageQuery, page: PageResult): vscode.Uri {
  const name = page.title.replaceAll("/", "\u2215");
  return vscode.Uri.from({
    scheme: pageScheme,
    path: `/${languageOf(query, page)}/${name}`,
    query: JSON.stringify(query),
  });
}

/** The query of a page's URI. The URI is one that {@link uriOf} made. */
export const queryOf = (uri: vscode.Uri): PageQuery => JSON.parse(uri.query) as PageQuery;

const openPages = (): vscode.Uri[] =>
  vscode.workspace.textDocuments.map(({ uri }) => uri).filter(({ scheme }) => scheme === pageScheme);

function columnOfPages(): vscode.ViewColumn | undefined {
  return vscode.window.tabGroups.all.find(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.scheme === pageScheme),
  )?.viewColumn;
}

/** Another column than that of the pages. */
const besidePages = (): vscode.ViewColumn => (columnOfPages() ?? vscode.ViewColumn.One) + 1;

function documentLink(document: vscode.TextDocument, { range, target }: PageLink): vscode.DocumentLink {
  const whole = rangeFrom(range);
  const shown = queryOf(document.uri).kind === "iptables" ? besideChains(document, whole) : whole;
  const link = new vscode.DocumentLink(shown, sourceUri(target));
  const name = vscode.workspace.asRelativePath(vscode.Uri.parse(target.uri));
  link.tooltip = vscode.l10n.t("Go to {0}, line {1}", name, target.range.start.line + 1);
  return link;
}

/** The longest part of a rule that names no chain: a click on a chain goes to that chain. */
function besideChains(document: vscode.TextDocument, range: vscode.Range): vscode.Range {
  const parts = [...document.getText(range).matchAll(/(?:(?<!\S)(?!KUBE-|@|\w+-[A-Z2-7]{8}-)\S+ *)+/g)];
  const [longest] = parts.sort((a, b) => b[0].trimEnd().length - a[0].trimEnd().length);
  if (longest === undefined) return range;
  const start = range.start.translate(0, longest.index);
  return new vscode.Range(start, start.translate(0, longest[0].trimEnd().length));
}

/** The link at a place, or else the first one on its line. */
function linkAt(links: readonly PageLink[], position: vscode.Position): PageLink | undefined {
  return (
    links.find(({ range }) => rangeFrom(range).contains(position)) ??
    links.find(({ range }) => range.start.line === position.line)
  );
}

function asLine(reason: unknown): PageResult {
  const why = reason instanceof Error ? reason.message : String(reason);
  return { title: "", text: `${why}\n`, links: [] };
}

const starting = (): string => vscode.l10n.t("Portolan's language server is starting…");
const stopped = (): string => vscode.l10n.t("Portolan's language server is not running");
