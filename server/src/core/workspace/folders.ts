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

/** The innermost of some folders and files that holds a path, or is it. */
export function holderOf(places: { readonly has: (path: string) => boolean }, path: string): string | undefined {
  for (let place: string | undefined = path; place !== undefined; place = parentOf(place)) {
    if (places.has(place)) return place;
  }
  return undefined;
}

/** A path as seen from a folder: `.` for the folder itself. */
export const relativeTo = (path: string, folder: string): string =>
  path === folder ? "." : isWithin(path, folder) ? path.slice(folder === "" ? 0 : folder.length + 1) : path;

/** The same, as people write it: the names in a URI have other characters escaped, those of a terminal have none. */
export const readablePath = (path: string, folder: string): string => unescaped(path, relativeTo(path, folder));

/** A text's whole path as people write it, its drive in lower case. */
export const wholePath = (uri: DocumentUri): string =>
  unescaped(uri, uri.replace(/^file:\/\//, "")).replace(/^\/?[A-Za-z]:\//, (drive) => drive.slice(-3).toLowerCase());

function unescaped(uri: string, part: string): string {
  // A single letter is a drive.
  const isUri = /^[a-z][a-z\d+.-]+:/i.test(uri);
  try {
    return isUri ? decodeURIComponent(part) : part;
  } catch {
    return part;
  }
}

/** The part of a path that lies directly in a folder above it. */
export const childTowards = (folder: string, path: string): string => {
  const rest = relativeTo(path, folder);
  const name = rest.split("/")[0] ?? rest;
  return folder === "" ? name : `${folder}/${name}`;
};
