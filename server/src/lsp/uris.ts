import { URI } from "vscode-uri";
import { type DocumentUri, documentUri } from "../core/base/source.ts";

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

/** Whether files of its scheme can be read, and so what lies beside a text is known. */
export const isOnDisk = (uri: string): boolean => uri.startsWith("file:");

/** Whether a text is an old or foreign version of another one: what it shows is no part of the workspace. */
export const isShadow = (uri: string): boolean =>
  /^(?:git|gitfs|gitlens|hg|svn|review|pr|vscode-local-history)\b/.test(uri);
