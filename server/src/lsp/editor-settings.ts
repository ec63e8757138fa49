import type { Connection } from "vscode-languageserver";
import type { Message } from "../core/base/message.ts";
import type { DocumentUri } from "../core/base/source.ts";
import { rules } from "../core/rules/index.ts";
import { effectiveSettings } from "../core/settings/effective-settings.ts";
import { readSettings, type Settings, type SettingsLayer } from "../core/settings/settings.ts";
import { isWithin } from "../core/workspace/folders.ts";
import type { Snapshot } from "../core/workspace/snapshot.ts";
import { folderKeyOf } from "./uris.ts";

/** What the user set in the editor, and what of it cannot be used. */
export interface EditorSettings {
  /** For texts of each workspace folder, the innermost folder first; the empty folder stands for all other texts. */
  readonly layers: readonly { readonly folder: string; readonly layer: SettingsLayer }[];
  readonly problems: readonly { readonly key: string; readonly message: Message }[];
}

/** The ids of all rules. */
export const ruleIds: readonly string[] = rules.map(({ id }) => id);

/** An editor where the user set nothing. */
export const noEditorSettings: EditorSettings = { layers: [], problems: [] };

/**
 * Asks the editor for the section `portolan`, as a whole and for each workspace folder. An editor should answer with
 * what the user set and leave defaults out: they would win over the settings of the repository.
 */
export async function pullSettings(connection: Connection, folders: readonly string[]): Promise<EditorSettings> {
  const section = "portolan";
  const answers: readonly unknown[] = await connection.workspace.getConfiguration([
    { section },
    ...folders.map((scopeUri) => ({ scopeUri, section })),
  ]);
  const readings = answers.map((answer) => readSettings(answer, ruleIds));
  const layers = readings.map(({ layer }, index) => {
    const folder = folders[index - 1];
    return { folder: folder === undefined ? "" : folderKeyOf(folder), layer };
  });
  const problems = new Map(
    readings.flatMap((reading) => reading.problems).map((problem) => [JSON.stringify(problem), problem]),
  );
  return { layers: layers.sort((a, b) => b.folder.length - a.folder.length), problems: [...problems.values()] };
}

/** What an editor sends that cannot be asked: all its settings, of which one section is ours. */
export function pushedSettings(settings: unknown): EditorSettings {
  const section = typeof settings === "object" && settings !== null && "portolan" in settings ? settings.portolan : {};
  const { layer, problems } = readSettings(section, ruleIds);
  return { layers: [{ folder: "", layer }], problems };
}

/** The settings that hold for each text: those of `.portolan.yaml` upwards from it, and over them the editor's. */
export function settingsIn(snapshot: Snapshot, editor: EditorSettings): (uri: DocumentUri) => Settings {
  const byRepository = effectiveSettings(snapshot, ruleIds);
  const answers = editor.layers.map(({ folder, layer }) => ({
    folder,
    settingsAt: effectiveSettings(snapshot, ruleIds, layer),
  }));
  return (uri) => (answers.find(({ folder }) => isWithin(uri, folder))?.settingsAt ?? byRepository)(uri);
}
