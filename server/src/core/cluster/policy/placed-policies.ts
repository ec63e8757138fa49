import type { NetworkPolicyManifest, WorkloadManifest } from "../../manifest/model.ts";
import { folderOf } from "../../workspace/folders.ts";
import { isOpen } from "../manifests.ts";
import { type Placing, placeIn } from "../namespaces.ts";
import { labelsOfPods, matchLabelSelector } from "./label-query.ts";

/**
 * Fills in the namespaces of NetworkPolicies that name none, as for Services: that of the pods which they select, in
 * their own folder or failing that anywhere in view, if it is one; else that which their folder is applied to.
 * @param workloads with their namespaces filled in
 */
export const placePolicies = (
  placing: Placing,
  policies: readonly NetworkPolicyManifest[],
  workloads: readonly WorkloadManifest[],
): readonly NetworkPolicyManifest[] =>
  policies.map((policy) => {
    if (!isOpen(policy)) return policy;
    const selected = workloads.filter(
      (workload) => matchLabelSelector(policy.podSelector, labelsOfPods(workload)) !== "none",
    );
    const folder = folderOf(policy.range.uri);
    const beside = selected.filter(({ range }) => folderOf(range.uri) === folder);
    const met = beside.length > 0 ? beside : selected;
    const [only, ...others] = new Set(met.map(({ namespace }) => namespace.value));
    return placeIn(policy, only === undefined || others.length > 0 ? placing.namespaceOf(policy) : only);
  });
