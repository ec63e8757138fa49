import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  createMessageConnection,
  type InitializeResult,
  type PublishDiagnosticsParams,
  type ShowDocumentParams,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";

const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..", "dist");

const orphan = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  selector: { app: wbe }
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: web, image: web }] }
`;

for (const command of [
  ["server.cjs", "--stdio"],
  ["cli.cjs", "lsp", "--stdio"],
]) {
  test(`${command.join(" ")} finds an orphan Service, shows a page, and ends when it is told to`, {
    timeout: 30_000,
  }, async () => {
    const [file = "", ...args] = command;
    const server = spawn(process.execPath, [join(dist, file), ...args], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(server, "exit");
    const endedEarly = ended.then(([code]) => assert.fail(`the server ended with exit code ${code}`));
    const connection = createMessageConnection(
      new StreamMessageReader(server.stdout),
      new StreamMessageWriter(server.stdin),
    );
    const published = new Promise<PublishDiagnosticsParams>((resolve) => {
      connection.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
        if (params.diagnostics.length > 0) resolve(params);
      });
    });
    const shown = new Promise<string>((resolve) => {
      connection.onRequest("window/showDocument", ({ uri }: ShowDocumentParams) => {
        resolve(fileURLToPath(uri));
        return { success: true };
      });
    });
    connection.onRequest("client/registerCapability", () => null);
    connection.listen();

    const initialize = {
      processId: process.pid,
      rootUri: null,
      capabilities: { window: { showDocument: { support: true } } },
    };
    const { capabilities } = await Promise.race([
      connection.sendRequest<InitializeResult>("initialize", initialize),
      endedEarly,
    ]);
    assert.ok(capabilities.hoverProvider);
    await connection.sendNotification("initialized", {});
    const textDocument = { uri: "file:///shop/web.yaml", languageId: "yaml", version: 1, text: orphan };
    await connection.sendNotification("textDocument/didOpen", { textDocument });
    const { uri, diagnostics } = await Promise.race([published, endedEarly]);
    assert.equal(uri, textDocument.uri);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ["orphan-service"],
    );

    const service = { uri, namespace: "shop", name: "web" };
    await connection.sendRequest("workspace/executeCommand", {
      command: "portolan.showEndpoints",
      arguments: [service],
    });
    const page = await Promise.race([shown, endedEarly]);
    assert.match(readFileSync(page, "utf8"), /To fix: select "app=web"/);

    endedEarly.catch(() => {}); // from here on it is to end
    await connection.sendRequest("shutdown");
    await connection.sendNotification("exit");
    assert.deepEqual(await ended, [0, null]);
    assert.ok(!existsSync(dirname(page)));
    connection.dispose();
  });
}
