import {
  CodeActionKind,
  type Connection,
  DidChangeConfigurationNotification,
  type InitializeParams,
  type InitializeResult,
  MessageType,
  ShowMessageNotification,
  TextDocumentSyncKind,
  type WorkspaceFoldersChangeEvent,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { message } from "../core/base/message.ts";
import type { Complain, FileSource } from "../shell/files.ts";
import { bundleFor } from "../shell/locale.ts";
import { abilitiesOf } from "./abilities.ts";
import { type KeepText, runCommand } from "./commands.ts";
import { say } from "./convert.ts";
import { type EditorSettings, pullSettings, pushedSettings } from "./editor-settings.ts";
import { handleRequests } from "./handlers.ts";
import { lensCommands } from "./protocol.ts";
import { createSession, type Session } from "./session.ts";

/** What a server needs besides its connection. */
export interface ServerOptions {
  readonly files: (complain: Complain) => FileSource;
  /** The address of a page of the documentation, such as `docs/rules.md#orphan-service`. */
  readonly documentation?: ((page: string) => string) | undefined;
  /** Where an editor without our extension finds the pages that it asks for. */
  readonly keepText?: KeepText;
}

/** A server at work. */
export interface RunningServer {
  /** Whether it has read the workspace, and nothing is left to check. */
  readonly isIdle: () => boolean;
}

/** Serves an editor until it leaves. */
export function startServer(connection: Connection, options: ServerOptions): RunningServer {
  let session: Session | undefined;
  let folders: readonly string[] = [];
  let complaints = new Set<string>();
  let begin: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const current = (): Session => {
    if (session === undefined) throw new Error("the server is not initialized");
    return session;
  };

  connection.onInitialize((params): InitializeResult => {
    const client = abilitiesOf(params);
    session = createSession(connection, {
      ...options,
      client,
      bundle: bundleFor(params.locale),
      documentation: options.documentation,
    });
    folders = foldersOf(params);
    session.setFolders(folders);
    return {
      serverInfo: { name: "portolan" },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        hoverProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        foldingRangeProvider: true,
        documentSymbolProvider: { label: "Portolan" },
        workspaceSymbolProvider: true,
        codeLensProvider: { resolveProvider: false },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        // An editor that runs them itself would have each of them twice.
        ...(client.runsCommands ? {} : { executeCommandProvider: { commands: [...lensCommands] } }),
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  connection.onInitialized(async () => {
    const { client, scheduler, log } = current();
    if (client.folderChanges) connection.workspace.onDidChangeWorkspaceFolders(changeFolders);
    const release = scheduler.hold();
    await register().catch((error: unknown) => log("asking to be told of changes", error));
    await refreshSettings();
    await scan();
    release();
    begin();
  });

  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    const { rules, texts } = current();
    const document = TextDocument.create(uri, languageId, version, text);
    if (!rules.open(document)) texts.open(document);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    const { rules, texts } = current();
    if (!rules.change(uri, contentChanges, version)) texts.change(uri, contentChanges, version);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    const { rules, texts } = current();
    if (!rules.close(uri)) texts.close(uri);
  });
  connection.onDidChangeWatchedFiles(({ changes }) => current().texts.touch(changes.map(({ uri }) => uri)));
  connection.onDidChangeConfiguration(async ({ settings }) => {
    if (current().client.configuration) await refreshSettings();
    else useSettings(pushedSettings(settings));
  });
  connection.onShutdown(() => current().dispose());
  handleRequests(connection, current, ready);
  connection.onExecuteCommand(async ({ command, arguments: [argument] = [] }) => {
    await ready;
    const { analysis, converter, log, rules } = current();
    const host = { connection, analysis, converter, rulesIn: rules.text, keepText: options.keepText };
    await runCommand(host, command, argument).catch((error: unknown) => log(command, error));
    return null;
  });

  async function changeFolders({ added, removed }: WorkspaceFoldersChangeEvent): Promise<void> {
    const { scheduler, setFolders } = current();
    const gone = new Set(removed.map(({ uri }) => uri));
    folders = [...folders.filter((uri) => !gone.has(uri)), ...added.map(({ uri }) => uri)];
    const release = scheduler.hold();
    setFolders(folders);
    await refreshSettings();
    await scan();
    scheduler.recheckAll();
    release();
  }

  async function register(): Promise<void> {
    const { client, watching } = current();
    if (client.registersConfiguration) {
      await connection.client.register(DidChangeConfigurationNotification.type, { section: "portolan" });
    }
    await watching.watchWorkspace();
  }

  async function refreshSettings(): Promise<void> {
    const { client, log } = current();
    if (!client.configuration) return;
    try {
      useSettings(await pullSettings(connection, folders));
    } catch (error) {
      log("asking for settings", error);
    }
  }

  /** Complains of each wrong setting when it appears, and not again for as long as it stays wrong. */
  function useSettings(settings: EditorSettings): void {
    const { applySettings, converter } = current();
    applySettings(settings);
    const said = settings.problems.map(({ message: problem }) => say(converter(), problem));
    for (const words of new Set(said)) {
      if (!complaints.has(words)) show(`Portolan: ${words}`);
    }
    complaints = new Set(said);
  }

  /** Nobody waits for a message to be read. */
  function show(words: string): void {
    connection
      .sendNotification(ShowMessageNotification.type, { type: MessageType.Warning, message: words })
      .catch(() => undefined);
  }

  async function scan(): Promise<void> {
    const { client, texts, converter } = current();
    // An editor that promises to show progress may still refuse to.
    const progress = client.progress
      ? await connection.window.createWorkDoneProgress().catch(() => undefined)
      : undefined;
    if (progress === undefined) return texts.rescan();
    progress.begin(say(converter(), message`Portolan reads the manifests`), 0);
    await texts.rescan((read, of) => progress.report(Math.floor((100 * read) / Math.max(1, of)), `${read}/${of}`));
    progress.done();
  }

  return { isIdle: () => (session?.scheduler.isIdle() ?? false) && (session?.rules.isIdle() ?? false) };
}

/** The folders that an editor opened; older ones know a single one. */
function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  if (workspaceFolders) return workspaceFolders.map(({ uri }) => uri);
  return rootUri ? [rootUri] : [];
}
