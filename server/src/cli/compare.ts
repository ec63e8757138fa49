import { message } from "../core/base/message.ts";
import { compareRules } from "../core/cluster/node-rules/comparison/compare-rules.ts";
import type { ComparedPort, RulesComparison } from "../core/cluster/node-rules/comparison/comparison.ts";
import { comparisonPage, differAtAll, isCompared } from "../core/features/node-rules/comparison-page.ts";
import {
  describeComparisonNote,
  describeDifference,
  leftOutWords,
  obstacleWords,
} from "../core/features/node-rules/comparison-words.ts";
import { type Call, type ExitStatus, formatOf, printJson, say } from "./call.ts";
import { CallError } from "./call-error.ts";
import type { Workspace } from "./load.ts";
import { printPageWithPlaces } from "./page-text.ts";
import { openRules } from "./rules-file.ts";
import { tellHidden, tellScopes, viewpoint } from "./scopes.ts";
import { sourceOf } from "./service-json.ts";

/** `portolan compare`: what the rules of a real node and the manifests differ in. */
export async function compare(call: Call): Promise<ExitStatus> {
  const format = formatOf(call, ["text", "json"]);
  const [file, ...paths] = call.operands;
  if (file === undefined) {
    throw new CallError(message`name a file with the rules of a node, as ${"iptables-save"} prints them`);
  }
  const { rules, workspace } = await openRules(call, file, paths);
  const from = viewpoint(call, workspace);
  const comparisons = compareRules(workspace.cluster, from, rules);
  tellHidden(call, workspace, from);
  tellScopes(call, workspace, from);
  if (format === "json") printJson(call, comparisonDocument(call, workspace, comparisons));
  else printPageWithPlaces(call, workspace, comparisonPage(comparisons));
  return differAtAll(comparisons) || !isCompared(comparisons) ? 1 : 0;
}

/** Comparisons as `docs/schemas/compare.schema.json` describes them. */
const comparisonDocument = (call: Call, workspace: Workspace, comparisons: readonly RulesComparison[]): object => ({
  version: 1,
  comparisons: comparisons.map(({ capture, family, obstacle, ports, notes }) => ({
    family,
    by: capture.by ?? null,
    obstacle: obstacle === undefined ? null : say(call, obstacleWords[obstacle]),
    ports: ports.map((port) => portDocument(call, workspace, port)),
    notes: notes.map((note) => say(call, describeComparisonNote(note))),
  })),
});

function portDocument(call: Call, workspace: Workspace, port: ComparedPort): object {
  const { namespace, service, portName, protocol, number, onNode, inManifest, differences, left } = port;
  return {
    namespace,
    service,
    port: portName === "" ? null : portName,
    protocol,
    number,
    onNode: sourceOf(workspace, onNode),
    inManifest: sourceOf(workspace, inManifest),
    differences: differences.map((difference) => ({
      kind: difference.kind,
      text: say(call, describeDifference(difference)),
    })),
    notCompared: left.map((what) => ({ kind: what, text: say(call, leftOutWords[what]) })),
  };
}
