import { message } from "../core/base/message.ts";
import { environmentOf, envPage } from "../core/features/env-page.ts";
import type { WorkloadManifest } from "../core/manifest/model.ts";
import { type Call, type ExitStatus, formatOf, printJson } from "./call.ts";
import { CallError } from "./call-error.ts";
import { findWorkloads } from "./find-workload.ts";
import { openWorkspace, type Workspace } from "./load.ts";
import { printPages } from "./page-text.ts";
import { placeOf, sourceOf } from "./service-json.ts";

/** `portolan env`: the variables about Services that the containers of a workload get. */
export async function env(call: Call): Promise<ExitStatus> {
  const format = formatOf(call, ["text", "json"]);
  const [reference, ...paths] = call.operands;
  if (reference === undefined) throw new CallError(message`name a workload: ${"portolan env KIND/[NAMESPACE/]NAME"}`);
  const workspace = await openWorkspace(call, paths);
  const workloads = findWorkloads(call, workspace, reference);
  if (format === "json") {
    const documents = workloads.map((workload) => environmentDocument(workspace, workload));
    printJson(call, { version: 1, workloads: documents });
  } else {
    printPages(
      call,
      workloads.map((workload) => envPage(workspace.cluster, workload)),
    );
  }
  return 0;
}

const environmentDocument = (workspace: Workspace, workload: WorkloadManifest): object => ({
  kind: workload.kind.value,
  namespace: workload.namespace.value,
  name: workload.name.value,
  ...placeOf(workspace, workload.name.range),
  containers: workload.template.containers.map((container) => ({
    name: container.name.value,
    variables: environmentOf(workspace.cluster, workload, container).map((variable) => ({
      name: variable.name,
      value: variable.value,
      origin: variable.origin,
      service: variable.service ? `${variable.service.namespace.value}/${variable.service.name.value}` : null,
      shadowed: variable.shadowedBy !== undefined,
      contested: variable.contested,
      source: sourceOf(workspace, variable.because),
    })),
  })),
});
