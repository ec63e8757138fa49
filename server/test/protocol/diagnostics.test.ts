import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DiagnosticSeverity } from "vscode-languageserver/node";
import { type Editor, openEditor } from "./client.ts";
import { deployment, deploymentText, orphanText, root, service, serviceText, shop } from "./shop.ts";

describe("diagnostics", () => {
  test("a file on disk is checked though nobody opened it", async (context) => {
    const editor = await openEditor(context, { files: { ...shop(), [service]: orphanText } });
    assert.deepEqual(codes(editor, service), ["orphan-service"]);
  });

  test("they appear with a slip of the pen and vanish with its mending", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    await editor.open(service, serviceText);
    await editor.replace(service, "app: web", "app: wbe");
    await editor.settle();
    assert.deepEqual(codes(editor, service), ["orphan-service"]);
    await editor.replace(service, "app: wbe", "app: web");
    await editor.settle();
    assert.deepEqual(codes(editor, service), []);
  });

  test("they come and go in a file that nobody touched, with the other half of the disagreement", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    await editor.open(deployment, deploymentText);
    await editor.replace(deployment, "      labels:\n        app: web", "      labels:\n        app: wbe");
    await editor.settle();
    assert.deepEqual(codes(editor, service), ["orphan-service"]);
    await editor.replace(deployment, "      labels:\n        app: wbe", "      labels:\n        app: web");
    await editor.settle();
    assert.deepEqual(codes(editor, service), []);
  });

  test("one has a place, a severity, a source, a code and the other half of the disagreement", async (context) => {
    const editor = await openEditor(context, {
      files: { ...shop(), [service]: orphanText },
      documentation: (page) => `https://docs.example/${page}`,
    });
    const [finding] = editor.diagnostics(service);
    assert.ok(finding);
    assert.equal(finding.source, "portolan");
    assert.equal(finding.severity, DiagnosticSeverity.Warning);
    assert.equal(finding.codeDescription?.href, "https://docs.example/docs/rules.md#orphan-service");
    const line = orphanText.split("\n")[finding.range.start.line] ?? "";
    assert.match(line.slice(finding.range.start.character, finding.range.end.character), /selector|app|wbe/);
    const related = finding.relatedInformation ?? [];
    assert.ok(related.some(({ location }) => location.uri === deployment));
  });

  test("an editor gets nothing that it does not understand", async (context) => {
    const editor = await openEditor(context, {
      files: { ...shop(), [service]: orphanText },
      capabilities: {},
      documentation: (page) => `https://docs.example/${page}`,
    });
    const [finding] = editor.diagnostics(service);
    assert.ok(finding);
    assert.equal(finding.relatedInformation, undefined);
    assert.equal(finding.codeDescription, undefined);
    assert.equal(editor.published.find(({ uri }) => uri === service)?.version, undefined);
  });

  test("those of a file stay where they were found when lines move in another one", async (context) => {
    const editor = await openEditor(context, { files: { ...shop(), [service]: orphanText } });
    const before = editor.diagnostics(service)[0]?.relatedInformation?.[0]?.location;
    assert.ok(before);
    await editor.open(deployment, deploymentText);
    await editor.replace(deployment, "apiVersion", "# one line more\napiVersion");
    await editor.settle();
    const after = editor.diagnostics(service)[0]?.relatedInformation?.[0]?.location;
    assert.equal(after?.range.start.line, before.range.start.line + 1);
  });

  test("every version of an open text gets its own, and a closed text has none", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    await editor.open(service, serviceText);
    await editor.replace(service, "app: web", "app: wbe");
    await editor.replace(service, "app: wbe", "app: webs");
    await editor.settle();
    const versions = editor.published.filter(({ uri }) => uri === service).map(({ version }) => version);
    assert.deepEqual(versions, [1, 2, 3]);
  });

  test("an edit that others cannot see is checked and published alone", async (context) => {
    const editor = await openEditor(context, { files: { ...shop(), [service]: orphanText } });
    await editor.open(deployment, deploymentText);
    await editor.settle();
    const before = editor.published.length;
    await editor.replace(deployment, "--verbose", "--verbose=2");
    await editor.settle();
    assert.deepEqual(
      editor.published.slice(before).map(({ uri }) => uri),
      [deployment],
    );
  });

  test("a text that YAML cannot read is complained of, and hides no other one", async (context) => {
    const broken = `${root}/shop/broken.yaml`;
    const editor = await openEditor(context, { files: { ...shop(), [service]: orphanText } });
    await editor.open(broken, "apiVersion: v1\nkind: Service\nmetadata: { name: x\n");
    await editor.settle();
    assert.deepEqual(codes(editor, broken), ["yaml-syntax"]);
    await editor.close(broken);
    await editor.settle();
    assert.deepEqual(codes(editor, broken), []);
  });

  test("the unsaved buffer wins over the disk, and the disk counts again when it is closed", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    await editor.open(service, orphanText);
    await editor.settle();
    assert.deepEqual(codes(editor, service), ["orphan-service"]);
    await editor.close(service);
    await editor.settle();
    assert.deepEqual(codes(editor, service), []);
  });

  test("they speak the language of the editor", async (context) => {
    const files = { ...shop(), [service]: orphanText };
    const english = await openEditor(context, { files });
    const chinese = await openEditor(context, { files, locale: "zh-cn" });
    const [said] = english.diagnostics(service);
    const [translated] = chinese.diagnostics(service);
    assert.ok(said && translated);
    assert.doesNotMatch(String(said.message), /\p{Script=Han}/u);
    assert.match(String(translated.message), /\p{Script=Han}/u);
    assert.deepEqual({ ...translated, message: said.message, relatedInformation: said.relatedInformation }, said);
  });
});

const codes = (editor: Editor, uri: string): readonly unknown[] => editor.diagnostics(uri).map(({ code }) => code);
