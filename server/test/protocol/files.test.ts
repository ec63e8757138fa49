import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DiagnosticSeverity, FileChangeType } from "vscode-languageserver/node";
import { message } from "../../src/core/base/message.ts";
import { type Editor, filesIn, openEditor } from "./client.ts";
import { deployment, deploymentText, orphanText, root, service, serviceText, shop } from "./shop.ts";

describe("files", () => {
  test("the editor is asked to watch manifests and folders", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    assert.ok(editor.requests.includes("client/registerCapability"));
  });

  test("one that appears, changes and vanishes is followed", async (context) => {
    const disk: Record<string, string> = { [service]: serviceText };
    const editor = await openEditor(context, { files: disk });
    disk[deployment] = deploymentText.replaceAll("app: web", "app: wbe");
    await changed(editor, [deployment, FileChangeType.Created]);
    assert.deepEqual(codes(editor, service), ["orphan-service"]);
    disk[deployment] = deploymentText;
    await changed(editor, [deployment, FileChangeType.Changed]);
    assert.deepEqual(codes(editor, service), []);
    disk[service] = orphanText;
    await changed(editor, [service, FileChangeType.Changed]);
    assert.deepEqual(codes(editor, service), ["orphan-service"]);
    delete disk[service];
    await changed(editor, [service, FileChangeType.Deleted]);
    assert.deepEqual(codes(editor, service), []);
    assert.deepEqual(editor.published.at(-1), { uri: service, diagnostics: [] });
  });

  test("a folder that is renamed takes its diagnostics along", async (context) => {
    const disk: Record<string, string> = { ...shop(), [service]: orphanText };
    const editor = await openEditor(context, { files: disk });
    const moved = service.replace("/shop/", "/store/");
    for (const uri of [service, deployment]) {
      disk[uri.replace("/shop/", "/store/")] = disk[uri] ?? "";
      delete disk[uri];
    }
    await changed(editor, [`${root}/shop`, FileChangeType.Deleted], [`${root}/store`, FileChangeType.Created]);
    assert.deepEqual(codes(editor, service), []);
    assert.deepEqual(codes(editor, moved), ["orphan-service"]);
  });

  test("a change on disk does not touch an open buffer", async (context) => {
    const disk = shop();
    const editor = await openEditor(context, { files: disk });
    await editor.open(service, serviceText);
    disk[service] = orphanText;
    await changed(editor, [service, FileChangeType.Changed]);
    assert.deepEqual(codes(editor, service), []);
    await editor.close(service);
    await editor.settle();
    assert.deepEqual(codes(editor, service), ["orphan-service"]);
  });

  test("a file that is deleted while it is open counts until it is closed", async (context) => {
    const disk = shop();
    const editor = await openEditor(context, { files: disk });
    await editor.open(deployment, deploymentText.replaceAll("app: web", "app: wbe"));
    delete disk[deployment];
    await changed(editor, [deployment, FileChangeType.Deleted]);
    assert.deepEqual(codes(editor, service), ["orphan-service"]);
    await editor.close(deployment);
    await editor.settle();
    // Nothing is left that it could have been meant for.
    assert.deepEqual(
      editor.diagnostics(service).map(({ severity }) => severity),
      [DiagnosticSeverity.Hint],
    );
  });

  test("other people's folders are not read", async (context) => {
    const disk: Record<string, string> = {};
    const editor = await openEditor(context, { files: disk });
    const folders = ["node_modules/a", "vendor", ".git", ".terraform/modules"];
    const foreign = folders.map((folder) => `${root}/${folder}/service.yaml`);
    for (const uri of foreign) disk[uri] = "apiVersion: v1\nkind: Service\nmetadata: {\n";
    await changed(editor, ...foreign.map((uri) => [uri, FileChangeType.Created] as const));
    assert.deepEqual(editor.allDiagnostics(), {});
    await changed(editor, [`${root}/node_modules`, FileChangeType.Created]);
    assert.deepEqual(editor.allDiagnostics(), {});
  });

  test("one of other people's counts while it is open", async (context) => {
    const foreign = `${root}/node_modules/a/service.yaml`;
    const editor = await openEditor(context, { files: {} });
    await editor.open(foreign, `${orphanText}---\n${deploymentText}`);
    await editor.settle();
    assert.deepEqual(codes(editor, foreign), ["orphan-service"]);
    await editor.close(foreign);
    await editor.settle();
    assert.deepEqual(editor.allDiagnostics(), {});
  });

  test("one outside every folder is seen with those beside it, for as long as it is open", async (context) => {
    const [outerService, outerDeployment] = ["file:///else/service.yaml", "file:///else/deployment.yaml"];
    const disk = { ...shop(), [outerService]: orphanText, [outerDeployment]: deploymentText };
    const editor = await openEditor(context, { files: disk });
    assert.deepEqual(editor.allDiagnostics(), {});
    await editor.open(outerService, orphanText);
    await editor.settle();
    const [finding] = editor.diagnostics(outerService);
    assert.equal(finding?.relatedInformation?.[0]?.location.uri, outerDeployment);
    await editor.close(outerService);
    await editor.settle();
    assert.deepEqual(editor.allDiagnostics(), {});
  });

  test("one outside every folder is watched with those beside it, for as long as it is open", async (context) => {
    const [outerService, outerDeployment] = ["file:///else/app/service.yaml", "file:///else/app/deployment.yaml"];
    const disk: Record<string, string> = { ...shop(), [outerService]: serviceText, [outerDeployment]: deploymentText };
    const editor = await openEditor(context, { files: disk });
    assert.ok(!editor.isWatched(outerDeployment));
    await editor.open(outerService, serviceText);
    await editor.settle();
    assert.deepEqual(codes(editor, outerService), []);
    assert.ok(editor.isWatched(outerDeployment) && editor.isWatched("file:///else/app/Kustomization"));
    assert.ok(editor.isWatched("file:///else/.portolan.yaml"));
    assert.ok(
      !editor.isWatched("file:///else/app/deep/service.yaml") && !editor.isWatched("file:///else/service.yaml"),
    );
    disk[outerDeployment] = deploymentText.replaceAll("app: web", "app: wbe");
    await changed(editor, [outerDeployment, FileChangeType.Changed]);
    assert.deepEqual(codes(editor, outerService), ["orphan-service"]);
    await editor.close(outerService);
    await editor.settle();
    assert.ok(!editor.isWatched(outerDeployment) && !editor.isWatched("file:///else/.portolan.yaml"));
    assert.ok(editor.isWatched(deployment));
  });

  test("settings above the workspace are watched, whatever is open", async (context) => {
    const above = "file:///home/.portolan.yaml";
    const text = "file:///home/repo/service.yaml";
    const disk: Record<string, string> = { [text]: `${orphanText}---\n${deploymentText}`, [above]: "rules: {}\n" };
    const editor = await openEditor(context, { files: disk, folders: ["file:///home/repo"] });
    assert.deepEqual(codes(editor, text), ["orphan-service"]);
    assert.ok(editor.isWatched(above) && !editor.isWatched("file:///home/service.yaml"));
    disk[above] = "rules: { orphan-service: off }\n";
    await changed(editor, [above, FileChangeType.Changed]);
    assert.deepEqual(codes(editor, text), []);
  });

  test("an editor that watches nothing outside its folders is not asked to", async (context) => {
    const capabilities = { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } };
    const editor = await openEditor(context, { files: shop(), capabilities });
    await editor.open("file:///else/service.yaml", serviceText);
    await editor.settle();
    assert.ok(editor.isWatched(service) && !editor.isWatched("file:///else/service.yaml"));
  });

  test("what cannot be read is told in the log, in the editor's language, by its path in the workspace", async (context) => {
    const lost = (...folders: string[]) =>
      openEditor(context, {
        folders,
        locale: "zh-cn",
        files: (complain) => ({
          ...filesIn({}),
          async *list(folder) {
            complain(`${folder}/my%20app/b%C3%BCcher.yaml`, (name) => message`${name} cannot be read: ${"EACCES"}`);
            yield [];
          },
        }),
      });
    assert.deepEqual((await lost("file:///repo")).log, ['无法读取 "my app/bücher.yaml"：EACCES']);
    assert.deepEqual((await lost("file:///a/one", "file:///b/two")).log, [
      '无法读取 "one/my app/bücher.yaml"：EACCES',
      '无法读取 "two/my app/bücher.yaml"：EACCES',
    ]);
  });

  test("a text that was never saved is checked by itself", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    await editor.open("untitled:Untitled-1", `${orphanText}---\n${deploymentText}`);
    await editor.settle();
    assert.deepEqual(codes(editor, "untitled:Untitled-1"), ["orphan-service"]);
    await editor.close("untitled:Untitled-1");
    await editor.settle();
    assert.deepEqual(editor.allDiagnostics(), {});
  });

  test("an old version that a comparison shows is no part of the workspace", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    const old = `git:/repo/shop/service.yaml?${encodeURIComponent('{"ref":"HEAD"}')}`;
    await editor.open(old, orphanText);
    await editor.settle();
    assert.deepEqual(editor.allDiagnostics(), {});
  });

  test("one name is one file, however the editor spells it", async (context) => {
    const spelt = `${root}/a%2Db/se%72vice.yaml`;
    const plain = `${root}/a-b/service.yaml`;
    const disk = { [plain]: serviceText, [`${root}/a-b/deployment.yaml`]: deploymentText };
    const editor = await openEditor(context, { files: disk });
    await editor.open(spelt, orphanText);
    await editor.settle();
    assert.deepEqual(codes(editor, spelt), ["orphan-service"]);
    assert.deepEqual(codes(editor, plain), []);
  });

  test("folders of the workspace come and go", async (context) => {
    const [first, second] = ["file:///one", "file:///two"];
    const disk = {
      [`${first}/service.yaml`]: orphanText,
      [`${first}/deployment.yaml`]: deploymentText,
      [`${second}/service.yaml`]: orphanText,
      [`${second}/deployment.yaml`]: deploymentText,
    };
    const editor = await openEditor(context, { files: disk, folders: [first] });
    assert.deepEqual(Object.keys(editor.allDiagnostics()), [`${first}/service.yaml`]);
    await editor.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
      event: { added: [{ uri: second, name: "two" }], removed: [] },
    });
    await editor.settle();
    assert.deepEqual(Object.keys(editor.allDiagnostics()), [`${first}/service.yaml`, `${second}/service.yaml`]);
    await editor.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
      event: { added: [], removed: [{ uri: first, name: "one" }] },
    });
    await editor.settle();
    assert.deepEqual(Object.keys(editor.allDiagnostics()), [`${second}/service.yaml`]);
  });

  test("pods of one workspace folder are not those of another", async (context) => {
    const disk = { "file:///one/service.yaml": serviceText, "file:///two/deployment.yaml": deploymentText };
    const editor = await openEditor(context, { files: disk, folders: ["file:///one", "file:///two"] });
    assert.deepEqual(codes(editor, "file:///one/service.yaml"), ["orphan-service"]);
  });
});

const codes = (editor: Editor, uri: string): readonly unknown[] => editor.diagnostics(uri).map(({ code }) => code);

async function changed(editor: Editor, ...events: readonly (readonly [string, FileChangeType])[]): Promise<void> {
  const changes = events.map(([uri, type]) => ({ uri, type }));
  await editor.connection.sendNotification("workspace/didChangeWatchedFiles", { changes });
  await editor.settle();
}
