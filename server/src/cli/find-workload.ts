import { type Message, message, quote } from "../core/base/message.ts";
import { findNearest } from "../core/base/text.ts";
import { isOpen } from "../core/cluster/manifests.ts";
import { parseSource } from "../core/cluster/simulation/parse-request.ts";
import type { RequestSource } from "../core/cluster/simulation/request.ts";
import { copiesIn } from "../core/cluster/view.ts";
import type { WorkloadManifest } from "../core/manifest/model.ts";
import { isWithin } from "../core/workspace/folders.ts";
import type { Call } from "./call.ts";
import { CallError } from "./call-error.ts";
import type { Workspace } from "./load.ts";
import { scopeFolder } from "./scopes.ts";

/** A workload by kind and name, as {@link parseSource} reads it. */
export type WorkloadReference = Extract<RequestSource, { readonly kind: "workload" }>;

/**
 * The workloads of a name: one, or the same one in several places; at least one.
 * @param reference `KIND/[NAMESPACE/]NAME`
 */
export function findWorkloads(call: Call, workspace: Workspace, reference: string): readonly WorkloadManifest[] {
  const source = parseSource(reference);
  if ("error" in source || source.kind !== "workload") {
    throw new CallError(
      message`${quote(reference)} names no workload; write ${"KIND/[NAMESPACE/]NAME"}, such as ${"deployment/web"}`,
    );
  }
  const found = workloadsNamed(call, workspace, source);
  if (found.length === 0) throw new CallError(unknown(reference, workloadsIn(workspace)));
  return found;
}

/** The workloads of a kind and name, in the scope that the call keeps to and in each of their namespaces; or none. */
export function workloadsNamed(
  call: Call,
  workspace: Workspace,
  { workloadKind, namespace, name }: WorkloadReference,
): readonly WorkloadManifest[] {
  const folder = scopeFolder(call, workspace);
  return workloadsIn(workspace)
    .filter(
      (workload) =>
        workload.kind.value.toLowerCase() === workloadKind.toLowerCase() &&
        workload.name.value === name &&
        (folder === undefined || isWithin(workload.range.uri, folder)),
    )
    .flatMap((workload) => copiesIn(workspace.cluster.viewFrom(workload.range.uri), workload))
    .filter((workload) => namespace === undefined || workload.namespace.value === namespace);
}

const workloadsIn = ({ cluster, subjects }: Workspace): readonly WorkloadManifest[] =>
  subjects.flatMap((uri) => {
    const manifests = cluster.snapshot.files.get(uri)?.manifests ?? [];
    return manifests.filter((manifest) => manifest.type === "Workload");
  });

function unknown(reference: string, workloads: readonly WorkloadManifest[]): Message {
  const names = workloads.flatMap((workload) => {
    const { kind, namespace, name } = workload;
    const short = `${kind.value}/${name.value}`;
    return isOpen(workload) ? [short] : [short, `${kind.value}/${namespace.value}/${name.value}`];
  });
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  const meant =
    findNearest(reference, names) ?? names.find((known) => known.slice(known.lastIndexOf("/") + 1) === name);
  return meant === undefined
    ? message`there is no workload ${quote(reference)} here`
    : message`there is no workload ${quote(reference)}; did you mean ${quote(meant)}?`;
}
