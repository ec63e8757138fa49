import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CodeLens, Command } from "vscode-languageserver/node";
import { type Editor, eventually, fullCapabilities, openEditor } from "./client.ts";
import { deployment, deploymentText, service, shop } from "./shop.ts";

const web = { uri: service, namespace: "shop", name: "web" };

describe("an editor without an extension of ours", () => {
  test("is offered every command that a lens carries", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    const offered = editor.initialized.capabilities.executeCommandProvider?.commands ?? [];
    const carried = (await Promise.all([service, deployment].map((uri) => lensesOf(editor, uri)))).flat();
    assert.equal(carried.length, 5);
    for (const { command } of carried) assert.ok(offered.includes(command), command);
  });

  test("is shown a page as a text that leads to the YAML", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    await run(editor, "portolan.showEndpoints", web);
    const [uri, text] = onlyPage(editor);
    assert.match(decodeURIComponent(uri), /Endpoints of web\.shop/);
    assert.match(text, /^Service "web" in namespace "shop" {2}\(shop\/service\.yaml:4\)$/m);
    const line = deploymentText.slice(0, deploymentText.indexOf("containerPort")).split("\n").length;
    assert.match(text, new RegExp(`:8080 +web-0 .*\\(shop/deployment\\.yaml:${line}\\)$`, "m"));
  });

  test("is shown rules, at those of the Service", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    await run(editor, "portolan.showIptables", web);
    const [, text] = onlyPage(editor);
    const line = editor.shown[0]?.selection?.start.line ?? 0;
    assert.match(text.split("\n")[line] ?? "", /^-A KUBE-\S+ .*shop\/web:http/);
  });

  test("chooses both ends of a request from a few", async (context) => {
    const questions: string[] = [];
    const editor = await openEditor(context, {
      files: shop(),
      chooses: (question, proposals) => {
        questions.push(question);
        assert.ok(proposals.length > 0 && proposals.length <= 9);
        return questions.length === 1 ? "node:node-2" : proposals[0];
      },
    });
    await run(editor, "portolan.simulateRequest", { service: web });
    assert.deepEqual(questions, ["Simulate request: from where?", "Simulate request: to where?"]);
    assert.match(onlyPage(editor)[1], /^delivered: connection established\nfrom a process on node-2 to 10\./);
  });

  test("is asked nothing where both ends are given, and is shown nothing where it chooses nothing", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    await run(editor, "portolan.simulateRequest", { service: web });
    assert.equal(editor.shown.length, 0);
    await run(editor, "portolan.simulateRequest", { uri: service, source: "Deployment/shop/web", destination: "web" });
    assert.match(onlyPage(editor)[1], /^delivered/);
  });

  test("is told a name, and led to the Service behind a pod template", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    await run(editor, "portolan.copyDnsName", "web.shop.svc.cluster.local");
    await eventually(() => editor.messages.includes("web.shop.svc.cluster.local"));
    await run(editor, "portolan.openServices", [web]);
    assert.deepEqual(editor.shown, [
      {
        uri: service,
        takeFocus: true,
        selection: { start: { line: 3, character: 8 }, end: { line: 3, character: 11 } },
      },
    ]);
  });

  test("that can show no documents is told the text", async (context) => {
    const { window, ...others } = fullCapabilities;
    assert.ok(window?.showDocument);
    const editor = await openEditor(context, { files: shop(), capabilities: others });
    await run(editor, "portolan.showEndpoints", web);
    assert.equal(editor.shown.length, 0);
    await eventually(() => editor.messages.some((message) => /^Service "web" in namespace "shop"/.test(message)));
  });

  test("is told what is wrong with a command", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    const wrong: readonly (readonly [command: string, argument: unknown, said: RegExp])[] = [
      ["portolan.showEndpoints", { ...web, name: "nobody" }, /there is no Service "shop\/nobody"/],
      ["portolan.showEndpoints", undefined, /portolan\.showEndpoints .* lens/],
      ["portolan.openServices", "web", /portolan\.openServices .* lens/],
      ["portolan.simulateRequest", { uri: service, source: "???", destination: "web" }, /"\?\?\?" is no source/],
    ];
    for (const [command, argument, said] of wrong) {
      await run(editor, command, argument);
      await eventually(() => editor.messages.some((message) => said.test(message)));
    }
    assert.equal(editor.shown.length, 0);
  });
});

test("an editor whose extension runs the commands is offered none", async (context) => {
  const editor = await openEditor(context, { files: shop(), initializationOptions: { runsCommands: true } });
  assert.equal(editor.initialized.capabilities.executeCommandProvider, undefined);
  assert.equal((await lensesOf(editor, service)).length, 4);
});

async function lensesOf(editor: Editor, uri: string): Promise<readonly Command[]> {
  const lenses = await editor.connection.sendRequest<CodeLens[]>("textDocument/codeLens", { textDocument: { uri } });
  return lenses.flatMap(({ command }) => command ?? []);
}

async function run(editor: Editor, command: string, argument: unknown): Promise<void> {
  const given = argument === undefined ? [] : [argument];
  assert.equal(await editor.connection.sendRequest("workspace/executeCommand", { command, arguments: given }), null);
}

/** The URI and the text of the one page that the editor was asked to show. */
function onlyPage({ shown, kept }: Editor): readonly [uri: string, text: string] {
  assert.equal(shown.length, 1);
  const uri = shown[0]?.uri ?? "";
  return [uri, kept.get(uri) ?? ""];
}
