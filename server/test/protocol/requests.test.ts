import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CancellationTokenSource,
  type CodeAction,
  type CodeLens,
  type DocumentSymbol,
  type Hover,
  LSPErrorCodes,
  type MarkupContent,
  ResponseError,
  type WorkspaceSymbol,
} from "vscode-languageserver/node";
import {
  CHANGED_NOTIFICATION,
  CHOICES_REQUEST,
  type Choices,
  PAGE_REQUEST,
  type PageQuery,
  type PageResult,
} from "../../src/lsp/protocol.ts";
import { type Editor, eventually, fullCapabilities, openEditor } from "./client.ts";
import { deployment, deploymentText, orphanText, service, serviceText, shop } from "./shop.ts";

const web = { uri: service, namespace: "shop", name: "web" };

describe("a hover", () => {
  test("on a Service is Markdown with links into the YAML", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    const hover = await hoverOn(editor, service, serviceText, "Service");
    assert.ok(hover);
    const { kind, value } = hover.contents as MarkupContent;
    assert.equal(kind, "markdown");
    assert.match(value, /`web\.shop\.svc\.cluster\.local`/);
    assert.match(value, /`KUBE-SVC-[A-Z2-7]{16}`/);
    assert.ok(value.includes(`(<${deployment}#L`), value);
    assert.deepEqual(hover.range, { start: { line: 1, character: 6 }, end: { line: 1, character: 13 } });
  });

  test("is plain text for an editor that knows no Markdown", async (context) => {
    const editor = await openEditor(context, { files: shop(), capabilities: {} });
    const hover = await hoverOn(editor, service, serviceText, "Service");
    assert.ok(hover);
    const { kind, value } = hover.contents as MarkupContent;
    assert.equal(kind, "plaintext");
    assert.doesNotMatch(value, /[`*]/);
  });

  test("on nothing is nothing", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    assert.equal(await hoverOn(editor, service, serviceText, "protocol", { line: 8, character: 2 }), null);
    assert.equal(await hoverOn(editor, "file:///nowhere.yaml", "", ""), null);
  });
});

describe("lenses", () => {
  test("carry the commands of the client with what they act on", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    const lenses = await lensesOf(editor, service);
    assert.deepEqual(
      lenses.map(({ command }) => [command?.title, command?.command, command?.arguments]),
      [
        ["3 endpoints", "portolan.showEndpoints", [web]],
        ["web.shop.svc.cluster.local", "portolan.copyDnsName", ["web.shop.svc.cluster.local"]],
        ["Simulate request", "portolan.simulateRequest", [{ service: web }]],
        ["iptables path", "portolan.showIptables", [web]],
      ],
    );
    const [above] = await lensesOf(editor, deployment);
    assert.deepEqual([above?.command?.command, above?.command?.arguments], ["portolan.openServices", [[web]]]);
    assert.equal(above?.range.start.line, 10);
  });

  test("are asked for again when another file changes what they say", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    await editor.open(deployment, deploymentText);
    await eventually(() => editor.requests.includes("workspace/codeLens/refresh"));
    const before = count(editor.requests, "workspace/codeLens/refresh");
    await editor.replace(deployment, "replicas: 3", "replicas: 5");
    await eventually(() => count(editor.requests, "workspace/codeLens/refresh") > before);
    const [first] = await lensesOf(editor, service);
    assert.equal(first?.command?.title, "5 endpoints");
  });
});

describe("code actions", () => {
  test("mend a finding, the preferred one first, or ignore it", async (context) => {
    const editor = await openEditor(context, { files: { ...shop(), [service]: orphanText } });
    await editor.open(service, orphanText);
    await editor.settle();
    const [finding] = editor.diagnostics(service);
    assert.ok(finding);
    const actions = await editor.connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri: service },
      range: finding.range,
      context: { diagnostics: [finding] },
    });
    const [fix, ...others] = actions;
    assert.equal(fix?.isPreferred, true);
    assert.deepEqual(fix?.diagnostics, [finding]);
    assert.ok(others.every(({ isPreferred }) => isPreferred === undefined));
    const ignore = actions.at(-1)?.edit?.changes?.[service]?.[0];
    assert.match(ignore?.newText ?? "", /^ *# portolan-ignore orphan-service\n$/);

    for (const { edit } of actions) {
      for (const [uri, edits] of Object.entries(edit?.changes ?? {})) {
        assert.ok([service, deployment].includes(uri));
        assert.ok(edits.length > 0);
      }
    }
    const asked = await editor.connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri: service },
      range: finding.range,
      context: { diagnostics: [], only: ["refactor"] },
    });
    assert.deepEqual(asked, []);
  });

  test("the comment that ignores a finding does so", async (context) => {
    const editor = await openEditor(context, { files: { ...shop(), [service]: orphanText } });
    const [finding] = editor.diagnostics(service);
    assert.ok(finding);
    const lines = orphanText.split("\n");
    lines.splice(finding.range.start.line, 0, "  # portolan-ignore orphan-service: it is made at run time");
    await editor.open(service, lines.join("\n"));
    await editor.settle();
    assert.deepEqual(editor.diagnostics(service), []);
  });
});

describe("symbols", () => {
  test("outline the objects of a text", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    const outline = await editor.connection.sendRequest<DocumentSymbol[]>("textDocument/documentSymbol", {
      textDocument: { uri: deployment },
    });
    assert.deepEqual(
      outline.map(({ name, detail, children }) => [name, detail, children?.map((child) => child.name)]),
      [["web", "Deployment · shop", ["web"]]],
    );
    const [port] = (
      await editor.connection.sendRequest<DocumentSymbol[]>("textDocument/documentSymbol", {
        textDocument: { uri: service },
      })
    ).flatMap(({ children }) => children ?? []);
    assert.equal(port?.name, "http 80/TCP");
    assert.equal(port?.range.start.line, 10);
  });

  test("are found by the letters of their names", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    const find = async (query: string) => {
      const found = await editor.connection.sendRequest<WorkspaceSymbol[]>("workspace/symbol", { query });
      return found.map(({ name, location }) => [name, location.uri]);
    };
    const both = [
      ["web", service],
      ["web", deployment],
    ];
    assert.deepEqual((await find("")).sort(), both.sort());
    assert.deepEqual((await find("SHWB")).sort(), both);
    assert.deepEqual(await find("api"), []);
  });
});

describe("pages", () => {
  const queries: readonly PageQuery[] = [
    { kind: "endpoints", service: web },
    { kind: "iptables", uri: service, service: web, form: "save" },
    { kind: "iptables", uri: service, form: "list" },
    { kind: "iptables", uri: service, service: web, form: "save", mode: "nftables" },
    { kind: "iptables", uri: service, form: "restore", mode: "ipvs" },
    { kind: "trace", uri: service, source: "Deployment/web", destination: "http://web.shop" },
  ];

  for (const query of queries) {
    const name = query.kind === "iptables" ? `${query.mode ?? "iptables"} as ${query.form}` : query.kind;
    test(`${name}: a title, a text, and links that lead into the YAML`, async (context) => {
      const editor = await openEditor(context, { files: shop() });
      const page = await editor.connection.sendRequest<PageResult>(PAGE_REQUEST, query);
      assert.notEqual(page.title, "");
      assert.match(page.text, /8080/);
      assert.ok(page.links.length > 0);
      const isNft = query.kind === "iptables" && query.mode === "nftables";
      assert.equal(page.language, isNft ? "nft-rules" : undefined);
      const lines = page.text.split("\n");
      for (const { range, target } of page.links) {
        assert.ok((lines[range.start.line]?.length ?? -1) >= range.end.character);
        const text = shop()[target.uri];
        assert.ok(text !== undefined && text.split("\n").length > target.range.end.line);
      }
    });
  }

  test("follow an unsaved edit, and the editor is told to ask again", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    let told = 0;
    editor.connection.onNotification(CHANGED_NOTIFICATION, () => {
      told += 1;
    });
    const query: PageQuery = { kind: "endpoints", service: web };
    const before = await editor.connection.sendRequest<PageResult>(PAGE_REQUEST, query);
    await editor.open(deployment, deploymentText);
    await editor.replace(deployment, "replicas: 3", "replicas: 4");
    await eventually(() => told > 0);
    const after = await editor.connection.sendRequest<PageResult>(PAGE_REQUEST, query);
    assert.ok(!before.text.includes("web-3"));
    assert.ok(after.text.includes("web-3"));
  });

  test("about a Service that is not there, or a request that is none, fail with words", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    const missing: PageQuery = { kind: "endpoints", service: { ...web, name: "nobody" } };
    const nonsense: PageQuery = { kind: "trace", uri: service, source: "???", destination: "http://web" };
    for (const query of [missing, nonsense]) {
      await assert.rejects(
        editor.connection.sendRequest(PAGE_REQUEST, query),
        (error) =>
          error instanceof ResponseError && error.code === LSPErrorCodes.RequestFailed && /[a-z]/.test(error.message),
      );
    }
  });

  test("choices for a request come from the workspace", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    const { sources, destinations } = await editor.connection.sendRequest<Choices>(CHOICES_REQUEST, {
      uri: service,
      service: web,
    });
    assert.ok(sources.some(({ value }) => /deployment\/(?:shop\/)?web/i.test(value)));
    assert.ok(destinations.some(({ value }) => value.includes("web")));
    for (const { label, detail } of [...sources, ...destinations]) assert.ok(label !== "" && detail !== "");
    const values = (choices: Choices): readonly string[] => choices.destinations.map(({ value }) => value);
    const asked = (source: string) =>
      editor.connection.sendRequest<Choices>(CHOICES_REQUEST, { uri: service, service: web, source });
    const fromNode = values(await asked("node:node-1"));
    assert.match(fromNode[0] ?? "", /^10\./);
    assert.deepEqual([...fromNode].sort(), destinations.map(({ value }) => value).sort());
    assert.deepEqual(values(await asked("???")), values({ sources, destinations }));
  });
});

describe("a request", () => {
  test("that nobody waits for any more is not answered", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    const source = new CancellationTokenSource();
    const answer = editor.connection.sendRequest(
      "textDocument/codeLens",
      { textDocument: { uri: service } },
      source.token,
    );
    source.cancel();
    await assert.rejects(
      answer,
      (error) => error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled,
    );
  });

  test("about a place is not answered from a later version of the text", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    await editor.open(service, serviceText);
    await editor.settle();
    const answer = hoverOn(editor, service, serviceText, "Service");
    const edit = editor.replace(service, "apiVersion", "# a line\napiVersion");
    await assert.rejects(
      answer,
      (error) => error instanceof ResponseError && error.code === LSPErrorCodes.ContentModified,
    );
    await edit;
  });

  test("that comes before everything is read waits for it", async (context) => {
    let release: () => void = () => undefined;
    const reading = new Promise<void>((resolve) => {
      release = resolve;
    });
    const files = shop();
    const slow = {
      async *list() {
        await reading;
        yield Object.keys(files);
      },
      listFolder: async () => [],
      read: async (uri: string) => files[uri],
    };
    const opening = openEditor(context, { files: slow });
    setImmediate(release);
    const editor = await opening;
    const [first] = await lensesOf(editor, service);
    assert.equal(first?.command?.title, "3 endpoints");
  });
});

describe("the server", () => {
  test("outlives files that cannot be read, and says so", async (context) => {
    const files = {
      async *list() {
        yield [service];
        throw new Error("the disk is on fire");
      },
      listFolder: async () => [],
      read: async () => undefined,
    };
    const editor = await openEditor(context, { files });
    await editor.open(service, `${orphanText}---\n${deploymentText}`);
    await editor.settle();
    assert.equal(editor.diagnostics(service).length, 1);
    assert.equal(editor.log.length, 1);
    assert.match(editor.log[0] ?? "", /the disk is on fire/);
  });

  test("works for an editor that refuses whatever it is asked", async (context) => {
    const editor = await openEditor(context, { files: { ...shop(), [service]: orphanText }, refuses: () => true });
    assert.equal(editor.diagnostics(service).length, 1);
    await editor.open(service, serviceText);
    await editor.settle();
    assert.deepEqual(editor.diagnostics(service), []);
  });

  test("answers a request that fails with nothing, and logs what failed but not what the text holds", async (context) => {
    const editor = await openEditor(context, { files: shop() });
    const query = { kind: "trace", uri: service, source: 7, destination: "http://web" };
    const page = await editor.connection.sendRequest<PageResult>(PAGE_REQUEST, query);
    assert.deepEqual(page, { title: "", text: "", links: [] });
    assert.equal(editor.log.length, 1);
    assert.ok(editor.log[0]?.includes(PAGE_REQUEST) && editor.log[0].includes(service));
    assert.ok(!editor.log[0]?.includes("selector"));
  });

  test("says what it can do", async (context) => {
    const editor = await openEditor(context, { files: {} });
    const { capabilities } = editor.initialized;
    assert.ok(capabilities.hoverProvider && capabilities.codeLensProvider && capabilities.codeActionProvider);
    assert.equal(capabilities.workspace?.workspaceFolders?.changeNotifications, true);
  });

  test("asks an editor for nothing that it cannot do", async (context) => {
    const editor = await openEditor(context, { files: shop(), capabilities: {} });
    await editor.open(service, orphanText);
    await editor.settle();
    assert.deepEqual(editor.requests, []);
    const able = await openEditor(context, { files: shop(), capabilities: fullCapabilities });
    assert.ok(able.requests.includes("window/workDoneProgress/create"));
    assert.ok(able.requests.includes("workspace/configuration"));
  });
});

async function hoverOn(
  editor: Editor,
  uri: string,
  text: string,
  word: string,
  position = placeOf(text, word),
): Promise<Hover | null> {
  return editor.connection.sendRequest<Hover | null>("textDocument/hover", { textDocument: { uri }, position });
}

function placeOf(text: string, word: string): { readonly line: number; readonly character: number } {
  const before = text.slice(0, Math.max(0, text.indexOf(word))).split("\n");
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

const lensesOf = (editor: Editor, uri: string): Promise<CodeLens[]> =>
  editor.connection.sendRequest<CodeLens[]>("textDocument/codeLens", { textDocument: { uri } });

const count = (items: readonly string[], wanted: string): number => items.filter((item) => item === wanted).length;
