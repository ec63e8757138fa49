import { type DocumentUri, documentUri } from "../../src/core/base/source.ts";
import { type Cluster, createCluster } from "../../src/core/cluster/cluster.ts";
import { rules } from "../../src/core/rules/index.ts";
import { defaultSettings, mergeSettings, parseSettings, type Settings } from "../../src/core/settings/settings.ts";
import { foldersUpwards, type Snapshot } from "../../src/core/workspace/snapshot.ts";
import { WorkspaceStore } from "../../src/core/workspace/store.ts";

/** The folder that holds every file of a fixture. */
export const ROOT = "file://";

/** The name of a fixture's file in the core: `/shop/service.yaml`. */
export const uriOf = (path: string): DocumentUri => documentUri(ROOT + path);

/** The path of a text as fixtures write it. */
export const pathOf = (uri: DocumentUri): string => uri.slice(ROOT.length);

/** A store that took some texts one after the other; of a path that comes again the last text counts. */
export function storeOf(files: Iterable<{ readonly path: string; readonly text: string }>): WorkspaceStore {
  const store = new WorkspaceStore([ROOT]);
  const seen = new Set<string>();
  let batch: (readonly [DocumentUri, string])[] = [];
  for (const { path, text } of files) {
    if (seen.has(path)) {
      store.apply(batch);
      batch = [];
      seen.clear();
    }
    seen.add(path);
    batch.push([uriOf(path), text]);
  }
  store.apply(batch);
  return store;
}

/** The cluster of a snapshot under the defaults, and under the `.portolan.yaml` nearest above each file. */
export const clusterOf = (snapshot: Snapshot): Cluster => createCluster(snapshot, (uri) => settingsAt(snapshot, uri));

function settingsAt(snapshot: Snapshot, uri: DocumentUri): Settings {
  for (const folder of foldersUpwards(snapshot, uri)) {
    const file = snapshot.files.get(documentUri(`${folder}/.portolan.yaml`));
    if (file === undefined) continue;
    const { layer } = parseSettings(
      file.uri,
      file.text,
      rules.map(({ id }) => id),
    );
    return mergeSettings(defaultSettings, layer);
  }
  return defaultSettings;
}

/** Every file of a snapshot, in order of path. */
export const urisOf = (snapshot: Snapshot): readonly DocumentUri[] =>
  [...snapshot.files.entries()].map(([uri]) => uri).sort();
