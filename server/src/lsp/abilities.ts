import type { InitializeParams } from "vscode-languageserver";
import type { InitializationOptions } from "./protocol.ts";

/** What the editor told about itself, as far as it matters here. */
export interface ClientAbilities {
  readonly relatedInformation: boolean;
  readonly codeDescription: boolean;
  /** Published diagnostics may carry the version of the text that they are about. */
  readonly versions: boolean;
  /** Hovers may be Markdown. */
  readonly markdown: boolean;
  /** It answers what the user set. */
  readonly configuration: boolean;
  /** It wants to be asked to tell of new settings. */
  readonly registersConfiguration: boolean;
  /** It watches files for us. */
  readonly watching: boolean;
  /** It watches them outside of the workspace as well. */
  readonly watchesAnywhere: boolean;
  readonly progress: boolean;
  readonly lensRefresh: boolean;
  readonly folderChanges: boolean;
  /** It runs the commands of lenses itself. */
  readonly runsCommands: boolean;
  /** It opens a document when it is asked to. */
  readonly showsDocuments: boolean;
}

/** An editor that says nothing can nothing. */
export function abilitiesOf({ capabilities, initializationOptions }: InitializeParams): ClientAbilities {
  const about: InitializationOptions | null | undefined = initializationOptions; // whatever the editor sent
  const { textDocument, workspace, window } = capabilities;
  const watching = workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false;
  const diagnostics = textDocument?.publishDiagnostics;
  return {
    relatedInformation: diagnostics?.relatedInformation ?? false,
    codeDescription: diagnostics?.codeDescriptionSupport ?? false,
    versions: diagnostics?.versionSupport ?? false,
    markdown: textDocument?.hover?.contentFormat?.includes("markdown") ?? false,
    configuration: workspace?.configuration ?? false,
    registersConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration ?? false,
    watching,
    watchesAnywhere: watching && (workspace?.didChangeWatchedFiles?.relativePatternSupport ?? false),
    progress: window?.workDoneProgress ?? false,
    lensRefresh: workspace?.codeLens?.refreshSupport ?? false,
    folderChanges: workspace?.workspaceFolders ?? false,
    runsCommands: about?.runsCommands === true,
    showsDocuments: window?.showDocument?.support ?? false,
  };
}
