import type { DocumentUri } from "../base/source.ts";
import type { ParsedFile } from "../manifest/model.ts";
import { folderOf, parentOf } from "../workspace/folders.ts";
import { filesIn, type Snapshot } from "../workspace/snapshot.ts";
import { defaultSettings, mergeSettings, parseSettings, type Settings, type SettingsLayer } from "./settings.ts";

/**
 * The settings that hold for each text: those of the nearest `.portolan.yaml` upwards from it, even above the
 * workspace, and over them those of the editor or the command line.
 * @param over what the user set elsewhere; the later layer wins
 */
export function effectiveSettings(
  snapshot: Snapshot,
  knownRules: readonly string[],
  ...over: readonly SettingsLayer[]
): (uri: DocumentUri) => Settings {
  const byFolder = new Map<string, Settings>();
  const inFolder = (folder: string): Settings | undefined => {
    const file = settingsFileIn(snapshot, folder);
    return file && mergeSettings(defaultSettings, parseSettings(file.uri, file.text, knownRules).layer, ...over);
  };
  return (uri) => {
    const passed: string[] = [];
    let settings: Settings | undefined;
    for (let folder: string | undefined = folderOf(uri); folder !== undefined && !settings; folder = parentOf(folder)) {
      settings = byFolder.get(folder) ?? inFolder(folder);
      passed.push(folder);
    }
    settings ??= mergeSettings(defaultSettings, ...over);
    for (const folder of passed) byFolder.set(folder, settings);
    return settings;
  };
}

function settingsFileIn(snapshot: Snapshot, folder: string): ParsedFile | undefined {
  for (const file of filesIn(snapshot, folder)) if (file.role === "settings") return file;
  return undefined;
}
