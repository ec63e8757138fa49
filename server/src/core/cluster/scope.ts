import type { DocumentUri } from "../base/source.ts";
import { folderOf, relativeTo } from "../workspace/folders.ts";
import { filesIn, foldersUpwards, rootOf, type Snapshot } from "../workspace/snapshot.ts";

/** Documents that are applied together. Only within one scope does a Service meet pods. */
export interface Scope {
  readonly kind: "plain" | "kustomize" | "helm";
  /** The folder that holds it, relative to the workspace; `.` for the whole of it. */
  readonly folder: string;
  /**
   * Why something that is not seen here may be there all the same; `undefined` for a closed scope, where an absence
   * can be reported.
   */
  readonly open: OpenReason | undefined;
}

/** What keeps a scope from being complete. */
export type OpenReason = "kustomization" | "chart" | "template" | "unreadable" | "custom-resource";

/** Whether everything that is applied together can be seen here, so that an absence means something. */
export const isClosed = ({ open }: Scope): boolean => open === undefined;

/** The name by which settings, the command line and JSON know a scope: `plain:shop`. */
export const scopeName = (scope: Scope): string => `${scope.kind}:${scope.folder}`;

/** The scope that a text belongs to, looking from a folder that holds what it needs. */
export function scopeAt(snapshot: Snapshot, uri: DocumentUri, folder: string): Scope {
  const root = rootOf(snapshot, uri);
  const territory = findTerritory(snapshot, uri);
  if (territory) return { ...territory, folder: relativeTo(territory.folder, root) };
  return { kind: "plain", folder: relativeTo(folder, root), open: findOpening(snapshot, uri) };
}

/** The kustomization or chart that a text belongs to: the nearest one upwards. */
function findTerritory(snapshot: Snapshot, uri: DocumentUri): Scope | undefined {
  for (const folder of foldersUpwards(snapshot, uri)) {
    for (const { role } of filesIn(snapshot, folder)) {
      if (role === "kustomization") return { kind: "kustomize", folder, open: "kustomization" };
      if (role === "chart") return { kind: "helm", folder, open: "chart" };
    }
  }
  return undefined;
}

/** What in a Service's own folder keeps it from being complete. */
function findOpening(snapshot: Snapshot, uri: DocumentUri): OpenReason | undefined {
  let opening: OpenReason | undefined;
  for (const file of filesIn(snapshot, folderOf(uri))) {
    const opaque = file.parts.find((part) => part.opaque)?.opaque;
    if (opaque) return opaque;
    const custom = file.manifests.some((manifest) => manifest.type === "Other" && manifest.custom);
    if (custom) opening = "custom-resource";
  }
  return opening;
}
