import { URI } from "vscode-uri";
import { type DocumentUri, documentUri } from "../core/base/source.ts";
import { folderOf, isWithin, readablePath, wholePath } from "../core/workspace/folders.ts";

/**
 * The one name of a text, however the editor spells its URI: `file:///c:/a b.yaml` and `file:///C%3A/a%20b.yaml` are one.
 * A text without a folder, such as `untitled:Untitled-1`, is alone in a folder of its own.
 */
export function keyOf(uri: string): DocumentUri {
  const spelt = URI.parse(uri).toString();
  return documentUri(spelt.includes("/") ? spelt : `${spelt}/`);
}

/** The URI of a text that nobody has open. */
export const uriOfKey = (key: DocumentUri): string => (/^\w+:[^/]*\/$/.test(key) ? key.slice(0, -1) : key);

/** The name of a folder, without a slash at its end. */
export const folderKeyOf = (uri: string): string => URI.parse(uri).toString().replace(/\/+$/, "");

/**
 * What a reader calls a text or a folder: its path from the folder of the workspace, behind the name of that folder where
 * there are several, as the editor shows it; the whole path outside of them all.
 */
export function nameIn(roots: readonly string[], key: DocumentUri): string {
  const root = roots.find((folder) => isWithin(key, folder));
  return root === undefined ? wholePath(key) : readablePath(key, roots.length > 1 ? folderOf(root) : root);
}

/** Whether files of its scheme can be read, and so what lies beside a text is known. */
export const isOnDisk = (uri: string): boolean => uri.startsWith("file:");

/** Whether a text is an old or foreign version of another one: what it shows is no part of the workspace. */
export const isShadow = (uri: string): boolean =>
  /^(?:git|gitfs|gitlens|hg|svn|review|pr|vscode-local-history)\b/.test(uri);
