/** What the tests do in the editor, and how they wait: for a state, never for a time. */

import * as vscode from "vscode";

/** Milliseconds after which a state that was waited for counts as missing. */
const patience = 10_000;

/**
 * Repeats a probe until it gives something.
 * @param what the awaited state, for the message of a failure
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | Thenable<T | undefined>,
): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await delay(50)) {
    const seen = await probe();
    if (seen !== undefined && seen !== null) return seen;
  }
  throw new Error(`${what}: not within ${patience / 1000} seconds`);
}

/** The address of a file in the open folder. */
export function fileUri(path: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error("no folder is open");
  return vscode.Uri.joinPath(folder.uri, path);
}

/** Creates a file in the open folder and shows it in the first column. */
export async function openNew(path: string, text: string): Promise<vscode.TextDocument> {
  const uri = fileUri(path);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return open(uri);
}

/** Shows a file in the first column. */
export async function open(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
  return document;
}

/** Replaces the first occurrence of a text in a document, without saving. */
export async function replace(document: vscode.TextDocument, old: string, text: string): Promise<void> {
  const start = document.getText().indexOf(old);
  if (start < 0) throw new Error(`${document.uri.path} does not contain ${old}`);
  const range = new vscode.Range(document.positionAt(start), document.positionAt(start + old.length));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, text);
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error("the edit was refused");
}

/** The place right after the start of the first occurrence of a text. */
export function positionIn(document: vscode.TextDocument, text: string): vscode.Position {
  const start = document.getText().indexOf(text);
  if (start < 0) throw new Error(`${document.uri.path} does not contain ${text}`);
  return document.positionAt(start + 1);
}

/** The diagnostics of ours on a document. */
export function findings(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "portolan");
}

/** The resolved CodeLenses of a document. */
export async function lenses(uri: vscode.Uri): Promise<vscode.CodeLens[]> {
  return (await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri, 100)) ?? [];
}

/** The text of all hovers at a place. */
export async function hoverText(uri: vscode.Uri, position: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", uri, position);
  const contents = (hovers ?? []).flatMap((hover) => hover.contents);
  return contents.map((content) => (typeof content === "string" ? content : content.value)).join("\n");
}

/** Does what a click on the first lens with such a title does. */
export async function clickLens(uri: vscode.Uri, title: RegExp): Promise<void> {
  const lens = await eventually(`a lens with ${title}`, async () =>
    (await lenses(uri)).find(({ command }) => command !== undefined && title.test(command.title)),
  );
  await vscode.commands.executeCommand(lens.command?.command ?? "", ...(lens.command?.arguments ?? []));
}

/** The editor that shows a page of ours in this language; `undefined` while there is none. */
export function shownPage(languageId: string): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find(
    ({ document }) => document.uri.scheme === "portolan" && document.languageId === languageId,
  );
}

/** Closes all editors and forgets their unsaved edits. */
export async function closeAll(): Promise<void> {
  while (vscode.window.tabGroups.all.some(({ tabs }) => tabs.length > 0)) {
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  }
}

/** Removes a file of the open folder. */
export async function remove(path: string): Promise<void> {
  await vscode.workspace.fs.delete(fileUri(path));
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
