import type { Resolution } from "../cluster/resolution.ts";
import type { Manifest, WorkloadManifest } from "../manifest/model.ts";
import { folderOf } from "../workspace/folders.ts";
import { filesIn, manifestsOf, type Snapshot } from "../workspace/snapshot.ts";

/**
 * Whether something around some pods speaks of a number, so that a process may well listen there: arguments,
 * environment, probes, annotations or comments in their own manifests, or a ConfigMap beside them. The port of the
 * node (`hostPort`) says nothing about the container's.
 */
export function mentionsNumber(
  snapshot: Snapshot,
  { service }: Resolution,
  workloads: readonly WorkloadManifest[],
  number: number,
): boolean {
  const pattern = new RegExp(`(?<![\\d.]|hostPort['"]?:\\s*)${number}(?![\\w]|\\.\\d)`);
  const mentions = (manifest: Manifest): boolean => pattern.test(textOf(snapshot, manifest));
  if (workloads.some(mentions)) return true;
  const folders = new Set([service, ...workloads].map(({ range }) => folderOf(range.uri)));
  for (const folder of folders) {
    for (const manifest of manifestsOf(filesIn(snapshot, folder))) {
      if (manifest.kind.value === "ConfigMap" && mentions(manifest)) return true;
    }
  }
  return false;
}

const textOf = (snapshot: Snapshot, { range }: Manifest): string =>
  snapshot.files.get(range.uri)?.text.slice(range.start, range.end) ?? "";
