import type { PlatformPath } from "node:path";
import { type DocumentUri, documentUri } from "../core/base/source.ts";

/** Standard input, as a PATH. */
export const STANDARD_INPUT = "-";

/** The text of a path of the system, absolute: with `/`, also where the system has `\`. */
export const uriOf = (path: PlatformPath, absolute: string): DocumentUri =>
  documentUri(path.sep === "/" ? absolute : absolute.replaceAll(path.sep, "/"));

/** How output names a text: relative to the working directory, with `/`; on another drive by its whole path. */
export function displayPath(path: PlatformPath, cwd: string, uri: DocumentUri): string {
  const relative = path.relative(cwd, path.normalize(uri));
  return path.sep === "/" ? relative : relative.replaceAll(path.sep, "/");
}
