import * as vscode from "vscode";
import type { PageLink } from "../../server/src/lsp/protocol.ts";
import { rangeFrom } from "./places.ts";

type Target = PageLink["target"];

/** The address of a link that runs {@link openSource}: a plain file link would open over the page. */
export function sourceUri(target: Target): vscode.Uri {
  return vscode.Uri.parse(`command:portolan.openSource?${encodeURIComponent(JSON.stringify([target]))}`);
}

/** Shows the YAML behind a link, where that file is open already or else beside the page, and selects it. */
export async function openSource({ uri, range }: Target): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  await vscode.window.showTextDocument(document, {
    viewColumn: columnOf(document.uri) ?? columnOfManifests() ?? vscode.ViewColumn.One,
    selection: rangeFrom(range),
  });
}

/** Where a page goes that is the first one: beside the manifest that has the focus. */
export function besideManifests(): vscode.ViewColumn {
  return vscode.window.activeTextEditor === undefined ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
}

function columnOf(uri: vscode.Uri): vscode.ViewColumn | undefined {
  const key = uri.toString();
  return vscode.window.tabGroups.all.find(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === key),
  )?.viewColumn;
}

function columnOfManifests(): vscode.ViewColumn | undefined {
  return vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme !== "portolan")?.viewColumn;
}
