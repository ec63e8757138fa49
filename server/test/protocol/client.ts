import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import type { TestContext } from "node:test";
import picomatch from "picomatch";
import {
  type ClientCapabilities,
  createConnection,
  createMessageConnection,
  type Diagnostic,
  ErrorCodes,
  type FileSystemWatcher,
  type InitializeParams,
  type InitializeResult,
  type MessageConnection,
  type PublishDiagnosticsParams,
  type Range,
  type RegistrationParams,
  ResponseError,
  type ShowDocumentParams,
  type ShowMessageRequestParams,
  StreamMessageReader,
  StreamMessageWriter,
  type UnregistrationParams,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { type RunningServer, startServer } from "../../src/lsp/server.ts";
import type { Complain, FileSource } from "../../src/shell/files.ts";

/** An editor, as far as a language server sees one, with a server of its own in the same process. */
export interface Editor {
  readonly connection: MessageConnection;
  /** What the server said it can do. */
  readonly initialized: InitializeResult;
  readonly server: RunningServer;
  /** The diagnostics that the editor shows for a text. */
  readonly diagnostics: (uri: string) => readonly Diagnostic[];
  /** All that it shows, by URI; texts without any are left out. */
  readonly allDiagnostics: () => Readonly<Record<string, readonly Diagnostic[]>>;
  /** Every notification of diagnostics, in order. */
  readonly published: readonly PublishDiagnosticsParams[];
  readonly messages: readonly string[];
  readonly log: readonly string[];
  readonly requests: readonly string[];
  /** What the server asked the editor to show, in order. */
  readonly shown: readonly ShowDocumentParams[];
  /** What it kept for the editor to open, by URI. */
  readonly kept: ReadonlyMap<string, string>;
  /** Whether the editor was asked to tell when a file changes. */
  readonly isWatched: (uri: string) => boolean;
  readonly open: (uri: string, text: string, languageId?: string) => Promise<void>;
  /** Replaces the first occurrence of a text in an open document, as an edit of that range alone. */
  readonly replace: (uri: string, old: string, text: string) => Promise<void>;
  readonly close: (uri: string) => Promise<void>;
  /** Resolves when the server has read everything and has nothing left to check. */
  readonly settle: () => Promise<void>;
}

/** What an editor is opened with. */
export interface EditorOptions {
  readonly files?: Readonly<Record<string, string>> | FileSource | ((complain: Complain) => FileSource);
  readonly folders?: readonly string[];
  readonly locale?: string;
  readonly capabilities?: ClientCapabilities;
  /** What the user set; read whenever the server asks. */
  readonly settings?: () => unknown;
  /** Requests of the server that fail. */
  readonly refuses?: (method: string) => boolean;
  readonly documentation?: (page: string) => string;
  readonly initializationOptions?: unknown;
  /** What the user chooses of some proposals; nothing, if not given. */
  readonly chooses?: (question: string, proposals: readonly string[]) => string | undefined;
}

/** Everything that VS Code can. */
export const fullCapabilities: ClientCapabilities = {
  textDocument: {
    publishDiagnostics: { relatedInformation: true, versionSupport: true, codeDescriptionSupport: true },
    hover: { contentFormat: ["markdown", "plaintext"] },
  },
  workspace: {
    configuration: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true, relativePatternSupport: true },
    workspaceFolders: true,
    codeLens: { refreshSupport: true },
  },
  window: { workDoneProgress: true, showDocument: { support: true } },
};

/** Opens an editor on a workspace and waits until its server has looked at everything; closes it with the test. */
export async function openEditor(context: TestContext, options: EditorOptions = {}): Promise<Editor> {
  const editor = await launch(options);
  context.after(async () => {
    await editor.connection.sendRequest("shutdown");
    editor.connection.dispose();
  });
  await editor.settle();
  return editor;
}

/** Waits for a state, for as long as the test may take. */
export async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function launch(options: EditorOptions): Promise<Editor> {
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  const kept = new Map<string, string>();
  const shownDocuments: ShowDocumentParams[] = [];
  const serverSide = createConnection(new StreamMessageReader(toServer), new StreamMessageWriter(toClient));
  const server = startServer(serverSide, {
    files: (complain) => sourceOf(options.files, complain),
    documentation: options.documentation,
    keepText: async (name, text) => {
      const uri = `file:///temporary/${encodeURIComponent(name)}`;
      kept.set(uri, text);
      return uri;
    },
  });
  serverSide.listen();
  const connection = createMessageConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer));
  const shown = new Map<string, readonly Diagnostic[]>();
  const published: PublishDiagnosticsParams[] = [];
  const messages: string[] = [];
  const log: string[] = [];
  const requests: string[] = [];
  const watchers = new Map<string, readonly FileSystemWatcher[]>();
  connection.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    published.push(params);
    shown.set(params.uri, params.diagnostics);
  });
  connection.onNotification("window/showMessage", ({ message }: { readonly message: string }) => {
    messages.push(message);
  });
  connection.onNotification("window/logMessage", ({ message }: { readonly message: string }) => {
    log.push(message);
  });
  connection.onRequest((method, params) => {
    requests.push(method);
    if (method === "client/registerCapability") {
      const { registrations } = params as unknown as RegistrationParams;
      for (const { id, registerOptions } of registrations) watchers.set(id, registerOptions?.watchers ?? []);
    }
    if (method === "client/unregisterCapability") {
      const { unregisterations } = params as unknown as UnregistrationParams;
      for (const { id } of unregisterations) watchers.delete(id);
    }
    if (options.refuses?.(method)) return new ResponseError(ErrorCodes.InternalError, "refused");
    if (method === "window/showDocument") {
      shownDocuments.push(params as unknown as ShowDocumentParams);
      return { success: true };
    }
    if (method === "window/showMessageRequest") {
      const { message, actions = [] } = params as unknown as ShowMessageRequestParams;
      const title = options.chooses?.(
        message,
        actions.map((action) => action.title),
      );
      return title === undefined ? null : { title };
    }
    if (method !== "workspace/configuration") return null;
    const { items } = params as unknown as { readonly items: readonly unknown[] };
    return items.map(() => options.settings?.() ?? null);
  });
  connection.listen();
  const folders = options.folders ?? ["file:///repo"];
  const params: InitializeParams = {
    processId: null,
    rootUri: null,
    capabilities: options.capabilities ?? fullCapabilities,
    workspaceFolders: folders.map((uri) => ({ uri, name: uri })),
    ...(options.locale === undefined ? {} : { locale: options.locale }),
    ...(options.initializationOptions === undefined ? {} : { initializationOptions: options.initializationOptions }),
  };
  const initialized = await connection.sendRequest<InitializeResult>("initialize", params);
  await connection.sendNotification("initialized", {});
  const documents = new Map<string, TextDocument>();
  return {
    connection,
    initialized,
    server,
    shown: shownDocuments,
    kept,
    published,
    messages,
    log,
    requests,
    isWatched: (uri) => [...watchers.values()].flat().some((watcher) => matches(watcher, folders, uri)),
    diagnostics: (uri) => shown.get(uri) ?? [],
    allDiagnostics: () => Object.fromEntries([...shown].filter(([, list]) => list.length > 0).sort()),
    async open(uri, text, languageId = "yaml") {
      documents.set(uri, TextDocument.create(uri, languageId, 1, text));
      const textDocument = { uri, languageId, version: 1, text };
      await connection.sendNotification("textDocument/didOpen", { textDocument });
    },
    async replace(uri, old, text) {
      const document = documents.get(uri);
      assert.ok(document, `${uri} is not open`);
      const start = document.getText().indexOf(old);
      assert.ok(start >= 0, `${uri} does not contain ${old}`);
      const range: Range = { start: document.positionAt(start), end: document.positionAt(start + old.length) };
      const version = document.version + 1;
      documents.set(uri, TextDocument.update(document, [{ range, text }], version));
      const contentChanges = [{ range, text }];
      await connection.sendNotification("textDocument/didChange", { textDocument: { uri, version }, contentChanges });
    },
    async close(uri) {
      documents.delete(uri);
      await connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
    },
    async settle() {
      // What was sent has arrived when a later request is answered; several turns in a row without work is rest.
      for (let rests = 0; rests < 3; ) {
        await connection.sendRequest("textDocument/hover", {
          textDocument: { uri: "file:///nothing.yaml" },
          position: { line: 0, character: 0 },
        });
        await new Promise((resolve) => setImmediate(resolve));
        rests = server.isIdle() ? rests + 1 : 0;
      }
    },
  };
}

function sourceOf(files: EditorOptions["files"] = {}, complain: Complain): FileSource {
  if (typeof files === "function") return files(complain);
  return "list" in files && typeof files.list === "function" ? (files as FileSource) : filesIn(files as Files);
}

type Files = Readonly<Record<string, string>>;

/** Patterns without a base count in the folders of the workspace alone, as in VS Code. */
function matches({ globPattern }: FileSystemWatcher, folders: readonly string[], uri: string): boolean {
  if (typeof globPattern === "string") return folders.some((folder) => isMatch(folder, globPattern, uri));
  const { baseUri, pattern } = globPattern;
  return isMatch(typeof baseUri === "string" ? baseUri : baseUri.uri, pattern, uri);
}

const isMatch = (folder: string, pattern: string, uri: string): boolean =>
  uri.startsWith(`${folder}/`) && picomatch(pattern, { dot: true })(uri.slice(folder.length + 1));

/** Files in memory. The record may change during the test; the server learns of it by watching alone. */
export function filesIn(files: Readonly<Record<string, string>>): FileSource {
  const below = (folder: string): readonly string[] => Object.keys(files).filter((uri) => uri.startsWith(`${folder}/`));
  return {
    async *list(folder) {
      yield below(folder);
    },
    listFolder: async (folder) => below(folder).filter((uri) => !uri.slice(folder.length + 1).includes("/")),
    read: async (uri) => files[uri],
  };
}
