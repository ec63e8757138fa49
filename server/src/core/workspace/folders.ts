import type { DocumentUri } from "../base/source.ts";

/** The folder of a text: everything before the last slash; empty for a bare name. */
export const folderOf = (uri: DocumentUri | string): string => uri.slice(0, Math.max(0, uri.lastIndexOf("/")));

/** The folder above; `undefined` at the top. */
export const parentOf = (folder: string): string | undefined => (folder === "" ? undefined : folderOf(folder));

/** Whether a path lies in a folder or below it. The empty folder holds everything. */
export const isWithin = (path: string, folder: string): boolean =>
  folder === "" || path === folder || (path.startsWith(folder) && path[folder.length] === "/");

/** The deepest folder that holds both; empty where they have none in common. */
export function commonFolder(a: string, b: string): string {
  let folder: string | undefined = a;
  while (folder !== undefined && !isWithin(b, folder)) folder = parentOf(folder);
  return folder ?? "";
}

/** A path as seen from a folder: `.` for the folder itself. */
export const relativeTo = (path: string, folder: string): string =>
  path === folder ? "." : isWithin(path, folder) ? path.slice(folder === "" ? 0 : folder.length + 1) : path;

/** The part of a path that lies directly in a folder above it. */
export const childTowards = (folder: string, path: string): string => {
  const rest = relativeTo(path, folder);
  const name = rest.split("/")[0] ?? rest;
  return folder === "" ? name : `${folder}/${name}`;
};
