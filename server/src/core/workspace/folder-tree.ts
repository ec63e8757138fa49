import type { DocumentUri } from "../base/source.ts";
import { exchange } from "./bag.ts";
import { folderOf, parentOf } from "./folders.ts";
import type { SharedMap } from "./shared-map.ts";
import type { Folder } from "./snapshot.ts";

/**
 * The folders after some files came and others went: those that hold a file, at whatever depth. A change costs what it
 * brings, not what its folder holds.
 * @param come files that were not there before
 * @param gone files that were
 */
export function updateFolders(
  folders: SharedMap<string, Folder>,
  come: Iterable<DocumentUri>,
  gone: Iterable<DocumentUri>,
): SharedMap<string, Folder> {
  const drafts = new Map<string, Draft>();
  const draftOf = (path: string): Draft => {
    const known = drafts.get(path) ?? draftOn(path, folders.get(path));
    drafts.set(path, known);
    return known;
  };
  // What comes is first, so that no folder is taken away only to be made again.
  for (const uri of come) {
    let draft = draftOf(folderOf(uri));
    draft.comeFiles.push(uri);
    draft.size += 1;
    for (let parent = parentOf(draft.path); draft.size === 1 && parent !== undefined; parent = parentOf(parent)) {
      const above = draftOf(parent);
      above.comeChildren.push(draft.path);
      above.size += 1;
      draft = above;
    }
  }
  for (const uri of gone) {
    let draft = draftOf(folderOf(uri));
    draft.goneFiles.add(uri);
    draft.size -= 1;
    for (let parent = parentOf(draft.path); draft.size === 0 && parent !== undefined; parent = parentOf(parent)) {
      const above = draftOf(parent);
      above.goneChildren.add(draft.path);
      above.size -= 1;
      draft = above;
    }
  }
  return folders.with([...drafts.values()].map((draft) => [draft.path, finish(draft)] as const));
}

/** A folder while it changes. */
interface Draft {
  readonly path: string;
  readonly before: Folder | undefined;
  readonly comeFiles: DocumentUri[];
  readonly goneFiles: Set<DocumentUri>;
  readonly comeChildren: string[];
  readonly goneChildren: Set<string>;
  /** How many files and folders it holds by now. */
  size: number;
}

const draftOn = (path: string, before: Folder | undefined): Draft => ({
  path,
  before,
  comeFiles: [],
  goneFiles: new Set(),
  comeChildren: [],
  goneChildren: new Set(),
  size: before ? before.files.length + before.children.length : 0,
});

/** The folder that a draft came to; `undefined` for one that holds nothing. A list that did not change is the same one. */
function finish({ path, before, size, ...changes }: Draft): Folder | undefined {
  if (size === 0) return undefined;
  const { comeFiles, goneFiles, comeChildren, goneChildren } = changes;
  const { files, children } = before ?? { files: [], children: [] };
  return {
    path,
    files: comeFiles.length + goneFiles.size > 0 ? exchange(files, goneFiles, comeFiles) : files,
    children: comeChildren.length + goneChildren.size > 0 ? exchange(children, goneChildren, comeChildren) : children,
  };
}
