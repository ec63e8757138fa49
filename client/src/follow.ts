import * as vscode from "vscode";
import { type Pages, queryOf } from "./page-document.ts";
import { isManifest, serviceAt, servicesOf } from "./services.ts";

/** Milliseconds that the cursor rests before the endpoints follow it. */
const rest = 150;

/**
 * Keeps visible endpoints those of the Service under the cursor. A page that its reader has kept (a tab that is no
 * preview any more) stays as it is.
 */
export function registerFollowing(pages: Pages): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const listener = vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
    if (!isManifest(textEditor.document)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void follow(pages, textEditor).catch(() => undefined), rest);
  });
  return vscode.Disposable.from(listener, { dispose: () => clearTimeout(timer) });
}

async function follow(pages: Pages, editor: vscode.TextEditor): Promise<void> {
  const shown = shownService();
  if (shown === undefined) return;
  const line = editor.selection.active.line;
  const service = serviceAt(await servicesOf(editor.document.uri), editor.document, line)?.reference;
  if (service === undefined || vscode.window.activeTextEditor !== editor) return;
  const isSame = (["uri", "namespace", "name"] as const).every((part) => service[part] === shown[part]);
  if (!isSame) await pages.open({ kind: "endpoints", service });
}

/** The Service whose endpoints are in sight in a preview tab. */
function shownService() {
  for (const { activeTab } of vscode.window.tabGroups.all) {
    const input = activeTab?.input;
    if (!(input instanceof vscode.TabInputText) || input.uri.scheme !== "portolan" || !activeTab?.isPreview) continue;
    const query = queryOf(input.uri);
    if (query.kind === "endpoints") return query.service;
  }
  return undefined;
}
