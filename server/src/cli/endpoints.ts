import { message } from "../core/base/message.ts";
import { endpointsPage } from "../core/features/endpoints-page.ts";
import { type Call, type ExitStatus, formatOf, printJson } from "./call.ts";
import { CallError } from "./call-error.ts";
import { findService } from "./find-service.ts";
import { openWorkspace } from "./load.ts";
import { printPageWithPlaces } from "./page-text.ts";
import { servicesDocument } from "./services.ts";

/** `portolan endpoints`: what stands behind a Service, port by port, in each scope that it lives in. */
export async function endpoints(call: Call): Promise<ExitStatus> {
  const format = formatOf(call, ["text", "json"]);
  const [reference, ...paths] = call.operands;
  if (reference === undefined)
    throw new CallError(message`name a Service: ${"portolan endpoints [NAMESPACE/]SERVICE"}`);
  const workspace = await openWorkspace(call, paths);
  const resolutions = findService(call, workspace, reference);
  const { cluster } = workspace;
  if (format === "json") printJson(call, servicesDocument(call, workspace, resolutions, cluster.viewOf));
  else printPageWithPlaces(call, workspace, endpointsPage(cluster, resolutions));
  return 0;
}
