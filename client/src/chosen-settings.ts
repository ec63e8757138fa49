import * as vscode from "vscode";

/**
 * What the user set in the section `portolan`, by dotted key without the section. Defaults are left out: the settings
 * that the repository keeps in `.portolan.yaml` come before them.
 * @param scope the workspace folder asked about; `undefined` for texts outside of all
 */
export function chosenSettings(
  context: vscode.ExtensionContext,
  scope: vscode.Uri | undefined,
): Readonly<Record<string, unknown>> {
  const configuration = vscode.workspace.getConfiguration(undefined, scope);
  const chosen: Record<string, unknown> = {};
  for (const key of contributedKeys(context)) {
    const found = configuration.inspect(key);
    const value = found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
    if (value !== undefined) chosen[key.slice("portolan.".length)] = value;
  }
  return chosen;
}

/** The settings that the manifest of the extension declares. */
function contributedKeys(context: vscode.ExtensionContext): readonly string[] {
  const manifest = context.extension.packageJSON as {
    readonly contributes?: { readonly configuration?: { readonly properties?: Readonly<Record<string, unknown>> } };
  };
  return Object.keys(manifest.contributes?.configuration?.properties ?? {}).filter((key) =>
    key.startsWith("portolan."),
  );
}
