import type { Manifest } from "../manifest/model.ts";

/** Namespaces within one scope: one that is not written fits any. */
export const namespacesMeet = (a: Manifest, b: Manifest): boolean =>
  a.namespace.origin === "default" || b.namespace.origin === "default" || a.namespace.value === b.namespace.value;

/** By file, then by place in it: the order in which a reader would meet them. */
export function compareManifests(a: Manifest, b: Manifest): number {
  if (a.range.uri !== b.range.uri) return a.range.uri < b.range.uri ? -1 : 1;
  return a.range.start - b.range.start;
}
