import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

/** What lies in a folder and below it. */
export interface Walk {
  /** Texts that may hold manifests, or bear on them; absolute paths, in order. */
  readonly files: readonly string[];
  /** Folders that could not be read, and links that lead back to where they stand. */
  readonly problems: readonly WalkProblem[];
}

export interface WalkProblem {
  readonly path: string;
  readonly kind: "denied" | "loop" | "broken";
}

/**
 * Walks through a folder. Links are followed, but no folder is entered twice. Nothing throws: what cannot be read is a
 * problem, and everything beside it still counts.
 */
export function walk(start: string): Walk {
  const files: string[] = [];
  const problems: WalkProblem[] = [];
  const entered = new Set<string>();
  const links: string[] = [];

  const enter = (folder: string, real: string): void => {
    entered.add(real);
    let entries: readonly Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      problems.push({ path: folder, kind: "denied" });
      return;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink()) links.push(path);
      else if (entry.isDirectory() && !skipped.includes(entry.name)) enter(path, join(real, entry.name));
      else if (entry.isFile() && mayHoldManifests(entry.name)) files.push(path);
    }
  };
  enter(start, realpathSync(start));
  // Links come last, so that a folder is read where it really is.
  for (let link = links.shift(); link !== undefined; link = links.shift()) {
    const target = resolveLink(link);
    if (target === undefined) problems.push({ path: link, kind: "broken" });
    else if (target.isFile && mayHoldManifests(link)) files.push(link);
    else if (target.isFolder && link.startsWith(join(target.real, "/"))) problems.push({ path: link, kind: "loop" });
    else if (target.isFolder && !entered.has(target.real)) enter(link, target.real);
  }
  return { files: files.sort(), problems };
}

/** Whether a name is that of a text worth reading. */
export const mayHoldManifests = (name: string): boolean =>
  /\.(?:ya?ml|json)$/i.test(name) || /(?:^|[/\\])Kustomization$/.test(name);

/** Folders that hold other people's files, or none of anybody's. */
const skipped = [".git", ".hg", ".svn", "node_modules"];

function resolveLink(
  link: string,
): { readonly real: string; readonly isFile: boolean; readonly isFolder: boolean } | undefined {
  try {
    const stats = statSync(link);
    return { real: realpathSync(link), isFile: stats.isFile(), isFolder: stats.isDirectory() };
  } catch {
    return undefined;
  }
}
