import type { DocumentUri } from "../base/source.ts";
import type { Manifest, ServiceManifest } from "../manifest/model.ts";
import { commonFolder, folderOf, isWithin } from "../workspace/folders.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { heldByCopies } from "./copies.ts";
import { type Scope, scopeAt } from "./scope.ts";
import { splitVariants } from "./variants.ts";

/** Where one scope of a Service lies, and what the Service meets there. */
export interface Site<M extends Manifest = Manifest> {
  readonly members: readonly M[];
  readonly scope: Scope;
  /** A text to look around from: the Service's own, or where there are variants one that no other variant has. */
  readonly from: DocumentUri;
  /** Whether a text lies there, and is neither another variant's nor that of a copy of the Service. */
  readonly holds: (uri: string) => boolean;
}

/**
 * One site for each variant of what a Service meets.
 * @param folder where it was found: in this folder or below
 */
export function sitesOf<M extends Manifest>(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  found: readonly M[],
): readonly Site<M>[] {
  const { uri } = service.range;
  return splitVariants(found).map(({ members, tree, isElsewhere }) => {
    let scope: Scope | undefined;
    let isHeld: ReturnType<typeof heldByCopies> | undefined;
    return {
      members,
      from: members.find(({ range }) => tree !== undefined && isWithin(range.uri, tree))?.range.uri ?? uri,
      // Of most Services nobody asks for these, so they are found when somebody does.
      get scope() {
        scope ??= scopeAt(snapshot, uri, tree ?? commonHome(folder, service, members));
        return scope;
      },
      holds(text) {
        isHeld ??= heldByCopies(snapshot, service);
        return isWithin(text, folder) && !isElsewhere(text) && !isHeld(text);
      },
    };
  });
}

/** The deepest folder that holds a Service and what it meets, as far as that was looked through. */
function commonHome(folder: string, service: ServiceManifest, members: readonly Manifest[]): string {
  const shared = members.reduce(
    (common, { range }) => commonFolder(common, folderOf(range.uri)),
    folderOf(service.range.uri),
  );
  return members.length > 0 && isWithin(shared, folder) ? shared : folder;
}
