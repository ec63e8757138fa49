import * as vscode from "vscode";
import { openBeacon, selector } from "./beacon.ts";
import { closeAll, eventually, fileUri, findings, remove } from "./workbench.ts";

describe("a manifest outside of the open folder", () => {
  const path = "../outside/beacon.yaml";
  const beside = "../outside/lamp.yaml";

  afterEach(async () => {
    await closeAll();
    await remove(path);
    await remove(beside);
  });

  it("follows what becomes of the files beside it", async () => {
    const document = await openBeacon(path);
    const lamp = document.getText().slice(document.getText().indexOf("---"));
    const write = (text: string) => vscode.workspace.fs.writeFile(fileUri(beside), new TextEncoder().encode(text));
    await write("# nothing\n");
    const edit = new vscode.WorkspaceEdit();
    const everything = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
    const service = document.getText().slice(0, document.getText().indexOf("---"));
    edit.replace(document.uri, everything, service.replace(selector.right, selector.wrong));
    await vscode.workspace.applyEdit(edit);
    await eventually("a finding", () => findings(document.uri)[0]);
    await write(lamp.replaceAll(selector.right.trim(), selector.wrong.trim()));
    await eventually("no finding any more", () => findings(document.uri).length === 0 || undefined);
  });
});
