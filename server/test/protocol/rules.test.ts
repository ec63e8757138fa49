import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type {
  CodeLens,
  Diagnostic,
  DocumentHighlight,
  DocumentSymbol,
  FoldingRange,
  Hover,
  Location,
  MarkupContent,
  Position,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Choices, PageResult } from "../../src/lsp/protocol.ts";
import { type Editor, openEditor } from "./client.ts";

const dump = readFileSync(new URL("../../../../test-fixtures/node-rules/dumps/current.save", import.meta.url), "utf8");
const uri = "file:///repo/node-1.iptables";
const web = "file:///repo/web.yaml";
const files = {
  [web]:
    "apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shop }\nspec:\n  ports: [{ name: http, port: 80 }]\n",
};
const document = TextDocument.create(uri, "iptables-rules", 1, dump);

/** Inside of a text that stands in the dump; the last one of several. */
const positionOf = (text: string): Position => document.positionAt(dump.lastIndexOf(text) + 1);

const ask = <Result>(editor: Editor, method: string, position?: Position): Promise<Result> =>
  editor.connection.sendRequest<Result>(`textDocument/${method}`, {
    textDocument: { uri },
    ...(position ? { position, context: { includeDeclaration: true } } : {}),
  });

const lineAt = ({ line }: Position): string => dump.split("\n")[line] ?? "";

/** What is said of the manifests that are missing, by the names of chains. */
const unknown = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.flatMap(({ code, range }) => (code === "unknown-service" ? [document.getText(range)] : []));

describe("rules of a real node in an editor", () => {
  test("are explained, and lead from chain to chain and to the Service", async (context) => {
    const editor = await openEditor(context, { files });
    await editor.open(uri, dump, "iptables-rules");
    const jump = positionOf("KUBE-SVC-67NZLRHBNDSAWJRO\n-A KUBE-SERVICES -m comment");
    const hover = await ask<Hover>(editor, "hover", jump);
    const { value } = hover.contents as MarkupContent;
    assert.match(value, /\*\*chain `KUBE-SVC-67NZLRHBNDSAWJRO` of table nat\*\*/);
    assert.match(value, /\[port http 80\/TCP of Service `shop\/web`\]\(<file:\/\/\/repo\/web\.yaml#L5,13>\)/);
    assert.match(value, /- 1\/3 `10\.42\.0\.11:8080`/);

    const [declared] = await ask<Location[]>(editor, "definition", jump);
    assert.equal(declared && lineAt(declared.range.start), ":KUBE-SVC-67NZLRHBNDSAWJRO - [0:0]");
    assert.ok(declared);
    const [service] = await ask<Location[]>(editor, "definition", declared.range.start);
    assert.equal(service?.uri, web);

    const references = await ask<Location[]>(editor, "references", jump);
    const highlights = await ask<DocumentHighlight[]>(editor, "documentHighlight", jump);
    assert.equal(references.length, 7);
    assert.deepEqual(
      highlights.map(({ range }) => range),
      references.map(({ range }) => range),
    );
  });

  test("have tables and chains as an outline, and fold", async (context) => {
    const editor = await openEditor(context, { files });
    await editor.open(uri, dump, "iptables-rules");
    const tables = await ask<DocumentSymbol[]>(editor, "documentSymbol");
    assert.deepEqual(
      tables.map(({ name }) => name),
      ["mangle", "raw", "filter", "nat"],
    );
    const chain = tables[3]?.children?.find(({ name }) => name === "KUBE-SVC-67NZLRHBNDSAWJRO");
    assert.equal(chain?.detail, "shop/web:http");
    const folds = await ask<FoldingRange[]>(editor, "foldingRange");
    const fold = folds.find(({ startLine }) => startLine === chain?.range.start.line);
    assert.equal(fold && fold.endLine - fold.startLine, 3);
  });

  test("are compared with the Services of the workspace whenever those change", async (context) => {
    const editor = await openEditor(context, { files });
    await editor.open(uri, dump, "iptables-rules");
    await editor.settle();
    assert.deepEqual(unknown(editor.diagnostics(uri)), ["KUBE-EXT-MGEI27QQRIOYZR5D", "KUBE-SVC-N5W5PH5NLY2BP4HG"]);
    await editor.open(web, files[web] ?? "");
    await editor.replace(web, "name: web", "name: cart");
    await editor.replace(web, "name: http, port: 80", "port: 6379");
    await editor.settle();
    assert.deepEqual(unknown(editor.diagnostics(uri)), ["KUBE-EXT-67NZLRHBNDSAWJRO", "KUBE-EXT-MGEI27QQRIOYZR5D"]);
    await editor.close(uri);
    await editor.settle();
    assert.deepEqual(editor.diagnostics(uri), []);
  });

  test("follow edits", async (context) => {
    const editor = await openEditor(context, {});
    await editor.open(uri, dump, "iptables-rules");
    await editor.replace(uri, ":KUBE-MARK-MASQ - [0:0]\n", "");
    await editor.replace(uri, "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n", "");
    await editor.settle();
    const [complaint] = editor.diagnostics(uri);
    assert.equal(complaint?.message, 'table nat has no chain "KUBE-MARK-MASQ"');
  });

  test("are known by their name or first line in an editor that has no language for them", async (context) => {
    const editor = await openEditor(context, {});
    const half = "*nat\n:PREROUTING ACCEPT [0:0]\n";
    await editor.open("file:///repo/saved.txt", half, "plaintext");
    await editor.open("file:///repo/node.iptables", "-A DOCKER -j RETURN\n", "");
    await editor.open("file:///repo/notes.txt", "*nothing*\n", "plaintext");
    await editor.settle();
    assert.equal(editor.diagnostics("file:///repo/saved.txt")[0]?.code, "cut-off");
    assert.equal(editor.diagnostics("file:///repo/node.iptables")[0]?.code, "table-assumed");
    assert.deepEqual(editor.diagnostics("file:///repo/notes.txt"), []);
  });

  test("have a lens that simulates requests, and one that compares them with manifests", async (context) => {
    const editor = await openEditor(context, { files, chooses: (_, [first]) => first });
    await editor.open(uri, dump, "iptables-rules");
    const lenses = await ask<CodeLens[]>(editor, "codeLens");
    assert.deepEqual(
      lenses.map(({ range, command }) => [range.start.line, command?.title]),
      [
        [0, "Simulate request"],
        [0, "Compare with the manifests"],
      ],
    );
    for (const { command } of lenses) {
      await editor.connection.sendRequest("workspace/executeCommand", {
        command: command?.command,
        arguments: command?.arguments,
      });
    }
    const [trace = "", comparison = ""] = editor.shown.map((shown) => editor.kept.get(shown.uri) ?? "");
    assert.match(trace, /^delivered: connection established\nfrom pod default\/any to gateway\.edge:443, TCP\n/);
    assert.match(trace, /^ +-A KUBE-SERVICES -d 10\.43\.9\.9\/32 .*\(node-1\.iptables:\d+\)$/m);
    assert.match(comparison, /^different: \d of \d Service ports$/m);
    assert.match(comparison, /^shop\/web:http {2}80\/TCP {2}\(web\.yaml:5\)$/m);
  });

  test("have pages that follow edits, and need the text", async (context) => {
    const editor = await openEditor(context, { files });
    const page = () =>
      editor.connection.sendRequest<PageResult>("portolan/page", {
        kind: "rules-trace",
        uri,
        source: "pod:shop/client",
        destination: "http://web",
      });
    await assert.rejects(page(), /open "node-1\.iptables" first/);
    await editor.open(uri, dump, "iptables-rules");
    const { text, links, title } = await page();
    assert.equal(title, "client → web · node-1.iptables");
    assert.match(text, /^delivered/);
    assert.ok(links.every(({ target }) => target.uri === uri));
    await editor.replace(uri, "-A KUBE-SERVICES -d 10.43.7.20/32", "-A KUBE-SERVICES -d 10.43.7.120/32");
    assert.match((await page()).text, /web is 10\.43\.7\.120/);
  });

  test("propose what they know as ends of a request", async (context) => {
    const editor = await openEditor(context, { files });
    await editor.open(uri, dump, "iptables-rules");
    const { sources, destinations } = await editor.connection.sendRequest<Choices>("portolan/choices", { uri });
    assert.deepEqual(
      sources.map(({ value }) => value),
      ["pod:any", "node:node", "external"],
    );
    for (const value of [
      "web.shop:80",
      "udp://kube-dns.kube-system:53",
      "10.43.7.20:80",
      "node:30080",
      "203.0.113.10:443",
    ])
      assert.ok(
        destinations.some((choice) => choice.value === value),
        value,
      );
  });
});
