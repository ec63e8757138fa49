import type { WorkloadManifest } from "../manifest/model.ts";
import { folderOf } from "../workspace/folders.ts";
import { filesIn, manifestsOf, type Snapshot } from "../workspace/snapshot.ts";
import { compareManifests, namespacesMeet } from "./manifests.ts";

/**
 * A workload with the pod template that its pods are really made from: a Rollout may refer to another workload's. Where
 * that one does not stand beside it, the workload is returned as it is.
 * Source: the Argo Rollouts specification, `workloadRef`.
 */
export function borrowTemplate(snapshot: Snapshot, workload: WorkloadManifest): WorkloadManifest {
  const ref = workload.workloadRef;
  if (ref === undefined) return workload;
  const [lender] = [...manifestsOf(filesIn(snapshot, folderOf(workload.range.uri)))]
    .filter((manifest) => manifest.type === "Workload")
    .filter(({ kind, name }) => kind.value === ref.kind.value && name.value === ref.name.value)
    .filter((manifest) => namespacesMeet(manifest, workload))
    .sort(compareManifests);
  return lender ? { ...workload, template: lender.template, workloadRef: undefined } : workload;
}
