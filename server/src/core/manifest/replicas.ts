import type { Field } from "../base/source.ts";
import type { ObjectHeader } from "./model.ts";
import { booleanAt, defaulted, integerAt, placeholderAt, stringAt, treeAt, written } from "./read.ts";
import type { MapTree, Tree } from "./tree.ts";
import type { WorkloadKind } from "./workload-kinds.ts";

/**
 * How many pods a workload has at a time, with the range of what says so; `undefined` where the manifest cannot tell.
 * Source: the defaults of each group's API types.
 */
export function readReplicas(tree: MapTree, kind: WorkloadKind, header: ObjectHeader): Field<number> | undefined {
  if (kind.kind === "Pod") return defaulted(1, header.kind.range);
  if (kind.replicas === undefined) return undefined;
  const suspended =
    booleanAt(treeAt(tree, ["spec", "suspend"])) ?? booleanAt(treeAt(tree, ["spec", "jobTemplate", "spec", "suspend"]));
  if (suspended?.value === true) return written(0, suspended.range);
  const machine = machineSpecs[kind.kind];
  if (machine) {
    const spec = treeAt(tree, machine);
    const halted = haltedBy(spec);
    if (halted) return written(0, halted.range);
    if (stringAt(treeAt(spec, ["runStrategy"]))?.value === "Manual") return undefined;
  }
  const counted = treeAt(tree, kind.replicas.path);
  const count = integerAt(counted);
  if (placeholderAt(counted)) return undefined;
  const atATime = count ?? defaulted(kind.replicas.default, header.kind.range);
  const inAll = isJob(kind) ? integerAt(treeAt(tree, [...kind.replicas.path.slice(0, -1), "completions"])) : undefined;
  return inAll && inAll.value < atATime.value ? inAll : atATime;
}

/**
 * How many pods an Indexed Job makes in all, `undefined` for every other workload. The API wants `completions` there;
 * without it the pods at a time are all there are.
 */
export function readCompletions(
  tree: MapTree,
  kind: WorkloadKind,
  replicas: Field<number> | undefined,
): number | undefined {
  if (!isJob(kind) || kind.replicas === undefined) return undefined;
  const spec = kind.replicas.path.slice(0, -1);
  if (stringAt(treeAt(tree, [...spec, "completionMode"]))?.value !== "Indexed") return undefined;
  return integerAt(treeAt(tree, [...spec, "completions"]))?.value ?? replicas?.value ?? 1;
}

const isJob = ({ kind }: WorkloadKind): boolean => kind === "Job" || kind === "CronJob";

/** Where it stands whether virtual machines are switched on. */
const machineSpecs: Readonly<Record<string, readonly string[]>> = {
  VirtualMachine: ["spec"],
  VirtualMachinePool: ["spec", "virtualMachineTemplate", "spec"],
};

/** What keeps a virtual machine off. Source: the KubeVirt user guide, run strategies. */
function haltedBy(spec: Tree | undefined): Field<unknown> | undefined {
  const running = booleanAt(treeAt(spec, ["running"]));
  if (running?.value === false) return running;
  const strategy = stringAt(treeAt(spec, ["runStrategy"]));
  return strategy?.value === "Halted" ? strategy : undefined;
}
