import type { DocumentUri, SourceRange } from "../base/source.ts";
import { type Cluster, createCluster } from "../cluster/cluster.ts";
import { checkFile, type FileReport } from "../rules/run.ts";
import type { Settings } from "../settings/settings.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { type Action, findActions } from "./actions.ts";
import { findHover, type Hover } from "./hover.ts";
import { findLenses, type Lens } from "./lens.ts";
import { findSymbols, outline, type SymbolEntry } from "./symbols.ts";

/** Everything that a shell may ask of a snapshot. Of a text that is not in it there is nothing to say. */
export interface Analysis {
  readonly cluster: Cluster;
  readonly check: (uri: DocumentUri) => FileReport;
  readonly hover: (uri: DocumentUri, offset: number) => Hover | undefined;
  readonly lenses: (uri: DocumentUri) => readonly Lens[];
  readonly outline: (uri: DocumentUri) => readonly SymbolEntry[];
  readonly symbols: (query: string) => readonly SymbolEntry[];
  readonly actions: (uri: DocumentUri, range: SourceRange) => readonly Action[];
}

/** Answers are kept for as long as the analysis, and nothing is computed before it is asked for. */
export function analyze(snapshot: Snapshot, settingsAt: (uri: DocumentUri) => Settings): Analysis {
  const cluster = createCluster(snapshot, settingsAt);
  return {
    cluster,
    check: (uri) => checkFile(cluster, uri),
    hover: (uri, offset) => {
      const file = snapshot.files.get(uri);
      return file && findHover(cluster, file, offset);
    },
    lenses: (uri) => {
      const file = snapshot.files.get(uri);
      return file ? findLenses(cluster, file) : [];
    },
    outline: (uri) => {
      const file = snapshot.files.get(uri);
      return file ? outline(file) : [];
    },
    symbols: (query) => findSymbols(snapshot, query),
    actions: (uri, range) => findActions(cluster, uri, range),
  };
}
