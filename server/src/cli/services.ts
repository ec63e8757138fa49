import { message } from "../core/base/message.ts";
import { originalOf } from "../core/cluster/namespaces.ts";
import type { Resolution } from "../core/cluster/resolution.ts";
import { type View, viewOfAll } from "../core/cluster/view.ts";
import { servicesPage } from "../core/features/services-page.ts";
import { checkFile } from "../core/rules/run.ts";
import type { Profile } from "../core/settings/profile.ts";
import { type Call, type ExitStatus, formatOf, notice, printJson } from "./call.ts";
import { resolutionsIn } from "./find-service.ts";
import { openWorkspace, type Workspace } from "./load.ts";
import { printPage } from "./page-text.ts";
import { serviceDocument } from "./service-json.ts";

/** `portolan services`: one line for each Service, and for each scope that it lives in. */
export async function services(call: Call): Promise<ExitStatus> {
  const format = formatOf(call, ["text", "json"]);
  const workspace = await openWorkspace(call, call.operands);
  const resolutions = resolutionsIn(call, workspace);
  if (format === "json") printJson(call, servicesDocument(call, workspace, resolutions, sharedViews(workspace)));
  else if (resolutions.length === 0) notice(call, message`no Services found`);
  else printPage(call, servicesPage(workspace.cluster, rowsOf(workspace, resolutions)));
  return 0;
}

/**
 * Some Services, as `docs/schemas/services.schema.json` describes them.
 * @param viewOf what is seen around a Service in one of its scopes
 */
export const servicesDocument = (
  call: Call,
  workspace: Workspace,
  resolutions: readonly Resolution[],
  viewOf: (resolution: Resolution) => View,
): object => ({
  version: 1,
  services: rowsOf(workspace, resolutions).map(({ resolution, findings }) => ({
    ...serviceDocument(call, workspace, viewOf(resolution), resolution),
    findings,
  })),
});

/** One view for all Services that are read under the same settings: one for each would take too long. */
function sharedViews({ cluster }: Workspace): (resolution: Resolution) => View {
  const views = new Map<Profile, View>();
  return ({ from: uri }) => {
    const profile = cluster.profileAt(uri);
    const view = views.get(profile) ?? viewOfAll(cluster.snapshot, profile, uri, cluster);
    views.set(profile, view);
    return view;
  };
}

function rowsOf(workspace: Workspace, resolutions: readonly Resolution[]) {
  const counts = new Map<unknown, number>();
  for (const uri of new Set(resolutions.map(({ service }) => service.range.uri))) {
    for (const { object } of checkFile(workspace.cluster, uri).reports)
      counts.set(object, (counts.get(object) ?? 0) + 1);
  }
  return resolutions.map((resolution) => ({
    resolution,
    findings: counts.get(originalOf(resolution.service)) ?? 0,
    file: workspace.pathOf(resolution.service.range.uri),
  }));
}
