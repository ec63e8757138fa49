import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, TransportKind } from "vscode-languageclient/node";
import type { InitializationOptions } from "../../server/src/lsp/protocol.ts";
import { chosenSettings } from "./chosen-settings.ts";

/** The languages in which manifests are written. Chart templates have one of their own where an extension gives it. */
export const manifestLanguages = ["yaml", "json", "helm"] as const;

/** The language of iptables rules: those of real nodes in files, and those that the server predicts in pages. */
export const rulesLanguage = "iptables-rules";

/** The language of nftables rules. The server predicts them in pages, and knows nothing of files that hold some. */
export const nftLanguage = "nft-rules";

/**
 * A client of the bundled language server, which runs as a process of its own; not started yet. Nothing but that file
 * is ever run, whatever the workspace holds. What is to be watched the server says itself.
 */
export function createClient(context: vscode.ExtensionContext): LanguageClient {
  const server = { module: context.asAbsolutePath("dist/server.cjs"), transport: TransportKind.ipc };
  return new LanguageClient(
    "portolan",
    "Portolan",
    { run: server, debug: { ...server, options: { execArgv: ["--nolazy", "--inspect=6009"] } } },
    {
      documentSelector: schemes().flatMap((scheme) =>
        [...manifestLanguages, rulesLanguage].map((language) => ({ scheme, language })),
      ),
      initializationOptions: { runsCommands: true } satisfies InitializationOptions,
      diagnosticCollectionName: "portolan",
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      // A failed start is reported once, by whoever called start().
      initializationFailedHandler: () => false,
      middleware: {
        workspace: {
          configuration: ({ items }) =>
            items.map(({ scopeUri }) => chosenSettings(context, scopeUri ? vscode.Uri.parse(scopeUri) : undefined)),
        },
      },
    },
  );
}

/** Where manifests live. An older version of a file, in a comparison say, has a scheme of its own and is not one more. */
function schemes(): readonly string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return [...new Set(["file", "untitled", ...folders.map(({ uri }) => uri.scheme)])];
}
