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
  const ofFolder = (folder: string): Settings => {
    const known = byFolder.get(folder);
    if (known) return known;
    const file = settingsFileIn(snapshot, folder);
    const above = parentOf(folder);
    const settings = file
      ? mergeSettings(defaultSettings, parseSettings(file.uri, file.text, knownRules).layer, ...over)
      : above !== undefined
        ? ofFolder(above)
        : mergeSettings(defaultSettings, ...over);
    byFolder.set(folder, settings);
    return settings;
  };
  return (uri) => ofFolder(folderOf(uri));
}

function settingsFileIn(snapshot: Snapshot, folder: string): ParsedFile | undefined {
  for (const file of filesIn(snapshot, folder)) if (file.role === "settings") return file;
  return undefined;
}
