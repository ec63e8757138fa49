import type { PlatformPath } from "node:path";
import { type DocumentUri, documentUri } from "../core/base/source.ts";

/** Standard input, as a PATH. */
export const STANDARD_INPUT = "-";

/** A path of the system, absolute, as the core has it: with `/` between its parts, and none at its end. */
export const uriOf = (path: PlatformPath, absolute: string): DocumentUri =>
  documentUri((path.sep === "/" ? absolute : absolute.replaceAll(path.sep, "/")).replace(/\/$/, ""));

/** How output names a text: relative to the working directory, with `/`; on another drive by its whole path. */
export function displayPath(path: PlatformPath, cwd: string, uri: DocumentUri): string {
  const relative = path.relative(cwd, path.normalize(uri));
  return path.sep === "/" ? relative : relative.replaceAll(path.sep, "/");
}
