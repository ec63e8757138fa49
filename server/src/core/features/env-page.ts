import { message, quote } from "../base/message.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { containerEnvironment } from "../cluster/container-environment.ts";
import type { ServiceVariable } from "../cluster/env.ts";
import { placedIn } from "../cluster/view.ts";
import type { Container, WorkloadManifest } from "../manifest/model.ts";
import { blank, indented, linked, title, withLegend } from "./layout.ts";
import { nameOf } from "./naming.ts";
import type { Line, Page, Piece } from "./page.ts";
import { variableText } from "./variable-words.ts";

/** The variables about Services that the kubelet sets in each container of a workload's pods, as `env` prints them. */
export function envPage(cluster: Cluster, written: WorkloadManifest): Page {
  const workload = placedIn(cluster.viewFrom(written.range.uri), written);
  const { template, namespace } = workload;
  const containers = template.containers.map((container) => ({
    container,
    variables: environmentOf(cluster, workload, container),
  }));
  const none: Line = indented(1, { text: message`its manifest has no containers` });
  return {
    lines: withLegend([
      [linked(message`${nameOf(workload)} in namespace ${quote(namespace.value)}`, workload.name.range, "title")],
      ...(template.enableServiceLinks
        ? []
        : [indented(1, { text: message`enableServiceLinks is false: only the variables of the API server are set` })]),
      ...(containers.length === 0 ? [none] : []),
      ...containers.flatMap(({ container, variables }): Line[] => [
        blank,
        [title(message`Container ${quote(container.name.value)}`)],
        ...variables.map(variableLine),
      ]),
      blank,
      [{ text: message`A container sees the Services that were there when it started`, role: "faint" }],
    ]),
  };
}

/** The variables about Services that one container of a workload's pods gets. */
export function environmentOf(
  cluster: Cluster,
  workload: WorkloadManifest,
  container: Container,
): readonly ServiceVariable[] {
  const view = cluster.viewFrom(workload.range.uri);
  const { namespace, template } = placedIn(view, workload);
  return containerEnvironment(view, namespace.value, template, container);
}

function variableLine(made: ServiceVariable): Line {
  const { because, shadowedBy, contested } = made;
  const variable: Piece = linked(variableText(made), because);
  if (shadowedBy) {
    const words = message`the container sets ${quote(shadowedBy.value)} itself, which wins`;
    return indented(1, { ...variable, role: "faint" }, { text: "   " }, linked(words, shadowedBy.range));
  }
  if (!contested) return indented(1, variable);
  return indented(
    1,
    variable,
    { text: "   " },
    { text: message`another Service sets it too; which of the two wins is not defined`, role: "bad" },
  );
}
