import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DiagnosticSeverity, FileChangeType } from "vscode-languageserver/node";
import { type Editor, openEditor } from "./client.ts";
import { orphanText, root, service, settingsFile, shop } from "./shop.ts";

const orphan = () => ({ ...shop(), [service]: orphanText });

describe("settings", () => {
  test("of the repository hold for every file below", async (context) => {
    const files = { ...orphan(), [settingsFile]: "rules: { orphan-service: error }\n" };
    const editor = await openEditor(context, { files });
    assert.equal(editor.diagnostics(service)[0]?.severity, DiagnosticSeverity.Error);
  });

  test("of the repository may stand above the folder that is open", async (context) => {
    const files = { ...orphan(), [settingsFile]: "rules: { orphan-service: error }\n" };
    const editor = await openEditor(context, { files, folders: [`${root}/shop`] });
    assert.equal(editor.diagnostics(service)[0]?.severity, DiagnosticSeverity.Error);
  });

  test("of the repository are followed while they are typed, and complained of at their line", async (context) => {
    const editor = await openEditor(context, { files: orphan() });
    await editor.open(settingsFile, "rules:\n  orphan-service: off\n");
    await editor.settle();
    assert.deepEqual(editor.diagnostics(service), []);
    await editor.replace(settingsFile, "off", "loud");
    await editor.settle();
    assert.equal(editor.diagnostics(service).length, 1);
    const [complaint] = editor.diagnostics(settingsFile);
    assert.equal(complaint?.range.start.line, 1);
    assert.match(String(complaint?.message), /orphan-service/);
    await editor.close(settingsFile);
    await editor.settle();
    assert.deepEqual(editor.diagnostics(settingsFile), []);
  });

  test("of the editor win over those of the repository", async (context) => {
    const files = { ...orphan(), [settingsFile]: "rules: { orphan-service: error }\n" };
    const settings = { rules: { "orphan-service": "information" } };
    const editor = await openEditor(context, { files, settings: () => settings });
    assert.equal(editor.diagnostics(service)[0]?.severity, DiagnosticSeverity.Information);
  });

  test("of the editor are asked for again when they change", async (context) => {
    let settings: unknown = null;
    const editor = await openEditor(context, { files: orphan(), settings: () => settings });
    assert.equal(editor.diagnostics(service).length, 1);
    settings = { rules: { "orphan-service": "off" } };
    await editor.connection.sendNotification("workspace/didChangeConfiguration", { settings: null });
    await editor.settle();
    assert.deepEqual(editor.diagnostics(service), []);
  });

  test("of an editor that cannot be asked come with the notification", async (context) => {
    const editor = await openEditor(context, { files: orphan(), capabilities: {} });
    const settings = { portolan: { rules: { "orphan-service": "off" } } };
    await editor.connection.sendNotification("workspace/didChangeConfiguration", { settings });
    await editor.settle();
    assert.deepEqual(editor.diagnostics(service), []);
  });

  test("of the wrong type are told of once, until they are mended", async (context) => {
    let settings: unknown = { cluster: { domain: 7 } };
    const editor = await openEditor(context, { files: orphan(), settings: () => settings });
    const again = async () => {
      await editor.connection.sendNotification("workspace/didChangeConfiguration", { settings: null });
      await editor.settle();
    };
    assert.equal(editor.messages.length, 1);
    assert.match(editor.messages[0] ?? "", /cluster\.domain/);
    await again();
    assert.equal(editor.messages.length, 1);
    settings = null;
    await again();
    settings = { cluster: { domain: 7 } };
    await again();
    assert.equal(editor.messages.length, 2);
  });

  test("say which files are left out, and take them in again", async (context) => {
    const disk: Record<string, string> = { ...orphan(), [settingsFile]: "exclude: ['shop/**']\n" };
    const editor = await openEditor(context, { files: disk });
    assert.deepEqual(editor.allDiagnostics(), {});
    await editor.open(service, orphanText);
    await editor.settle();
    assert.deepEqual(editor.allDiagnostics(), {});
    disk[settingsFile] = "exclude: []\n";
    await changed(editor, settingsFile);
    assert.deepEqual(Object.keys(editor.allDiagnostics()), [service]);
    disk[settingsFile] = "exclude: [shop]\n";
    await changed(editor, settingsFile);
    assert.deepEqual(editor.allDiagnostics(), {});
  });
});

async function changed(editor: Editor, uri: string): Promise<void> {
  const changes = [{ uri, type: FileChangeType.Changed }];
  await editor.connection.sendNotification("workspace/didChangeWatchedFiles", { changes });
  await editor.settle();
}
