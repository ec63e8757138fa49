import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { registerChains } from "./chains.ts";
import { createClient } from "./client.ts";
import { registerCommands } from "./commands.ts";
import { registerFollowing } from "./follow.ts";
import { createPages } from "./page-document.ts";

let client: LanguageClient | undefined;

/** Starts the language server. Commands that come before it is ready wait for it. */
export function activate(context: vscode.ExtensionContext): void {
  client = createClient(context);
  const pages = createPages(client);
  context.subscriptions.push(
    pages,
    registerCommands(client, pages, context.workspaceState),
    registerFollowing(pages),
    registerChains(),
  );
  client.start().catch((reason: unknown) => reportStart(client, reason));
}

/** Stops the language server, and waits until it has. */
export async function deactivate(): Promise<void> {
  if (client?.needsStop()) await client.stop();
  client = undefined;
}

async function reportStart(failed: LanguageClient | undefined, reason: unknown): Promise<void> {
  const showLog = vscode.l10n.t("Show log");
  const why = reason instanceof Error ? reason.message : String(reason);
  const chosen = await vscode.window.showErrorMessage(
    vscode.l10n.t("Portolan's language server did not start: {0}", why),
    showLog,
  );
  if (chosen === showLog) failed?.outputChannel.show();
}
