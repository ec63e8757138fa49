import { list, type Message, message, quote } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";
import { podLabel, selectsOwnTemplate } from "../cluster/labels.ts";
import { scopeAt, seesAbsence } from "../cluster/scope.ts";
import type { Label, LabelSelector, WorkloadManifest } from "../manifest/model.ts";
import { folderOf } from "../workspace/folders.ts";
import { labelKey, type Snapshot } from "../workspace/snapshot.ts";
import { addLabel, isWithinRange, removeLabel, replaceScalar } from "./edits.ts";
import type { Fix, Related, Rule, TextEdit } from "./rule.ts";
import { describeLabel, listLabels } from "./words.ts";

/**
 * A workload whose selector does not match the labels of its own pod template.
 *
 * Mirrors the validation of the apps API group: `selector` does not match template `labels`.
 */
export const selectorTemplateMismatch = {
  id: "selector-template-mismatch",
  on: "Workload",
  severity: "error",
  title: message`Workload does not select its own pods`,
  why: message`The API server rejects a workload whose selector does not match the labels of its pod template`,
  remedy: message`Give the pod template every label that the selector asks for`,
  source: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
  details: `
Both \`matchLabels\` and \`matchExpressions\` are compared with \`spec.template.metadata.labels\`. A ReplicationController's
selector is a plain map and is compared in the same way. The selector of a workload in \`apps/v1\` cannot be changed once
the workload exists, so the labels of the template are usually the side to correct; the fix that agrees with the Services of
the workspace comes first.

In the territory of a kustomization or a chart only labels that stand on both sides with different values are reported:
what is missing may be added there. Placeholders fit everything.
`,

  *check(workload, { snapshot }) {
    const { selector, template, workloadRef } = workload;
    if (selector === undefined || workloadRef !== undefined || selectsOwnTemplate(workload, selector) !== false) return;
    const uri = workload.range.uri;
    const isComplete = seesAbsence(scopeAt(snapshot, uri, folderOf(uri)));
    const wrong = selector.matchLabels.entries.filter(
      ({ key, value }) =>
        podLabel(workload, key.value) !== value.value && (isComplete || hasLabel(workload, key.value)),
    );
    const [first] = wrong;
    if (first === undefined && !isComplete) return;
    const isOnly = wrong.length === 1;
    const near = isOnly && first ? labelOf(workload, first.key.value) : undefined;
    yield {
      range: placeOf(workload, selector, isOnly ? first : undefined),
      message: describe(workload, selector, wrong),
      related: relatedTo(workload, near?.value.range ?? template.labels.key),
      fixes: first && isOnly ? fixesFor(snapshot, workload, selector, first) : [],
    };
  },
} as const satisfies Rule<"Workload">;

const labelOf = ({ template }: WorkloadManifest, key: string): Label | undefined =>
  template.labels.entries.findLast((label) => label.key.value === key);

const hasLabel = (workload: WorkloadManifest, key: string): boolean => labelOf(workload, key) !== undefined;

function describe(workload: WorkloadManifest, selector: LabelSelector, wrong: readonly Label[]): Message {
  if (wrong.length === 0) {
    const keys = list(selector.matchExpressions.map(({ key, operator }) => quote(`${key.value} ${operator.value}`)));
    return message`the labels of the pod template do not meet the selector's ${keys}`;
  }
  const present = wrong.flatMap(({ key }) => labelOf(workload, key.value) ?? []);
  return present.length > 0
    ? message`the selector asks for ${listLabels(wrong)}, and the pod template has ${listLabels(present)}`
    : message`the selector asks for ${listLabels(wrong)}, and the pod template has no such label`;
}

function placeOf({ range }: WorkloadManifest, selector: LabelSelector, wrong: Label | undefined): SourceRange {
  const place = wrong?.value.range;
  return place && isWithinRange(place, range) ? place : selector.key;
}

const relatedTo = (workload: WorkloadManifest, range: SourceRange): readonly Related[] =>
  isWithinRange(range, workload.range) ? [{ range, message: message`the labels of the pod template` }] : [];

/** Changes the template or the selector; the side that the workspace's Services do not depend on first. */
function fixesFor(
  snapshot: Snapshot,
  workload: WorkloadManifest,
  selector: LabelSelector,
  wrong: Label,
): readonly Fix[] {
  const label = labelOf(workload, wrong.key.value);
  const ofTemplate = fix(
    workload,
    message`Label the pod template with ${describeLabel(wrong)}`,
    label
      ? replaceScalar(snapshot, label.value.range, wrong.value.value)
      : addLabel(snapshot, workload.template.labels, wrong.key.value, wrong.value.value),
  );
  const ofSelector = label
    ? fix(
        workload,
        message`Select ${describeLabel(label)}`,
        replaceScalar(snapshot, wrong.value.range, label.value.value),
      )
    : fix(
        workload,
        message`Do not select by ${describeLabel(wrong)}`,
        removeLabel(snapshot, selector.matchLabels, wrong),
      );
  const isUsed =
    label && (snapshot.index.servicesBySelector.get(labelKey(label.key.value, label.value.value)) ?? []).length > 0;
  return (isUsed ? [ofSelector, ofTemplate] : [ofTemplate, ofSelector]).flatMap((candidate) => candidate ?? []);
}

const fix = ({ range }: WorkloadManifest, title: Message, edit: TextEdit | undefined): Fix | undefined =>
  edit && edit.range.uri === range.uri && edit.range.start >= range.start && edit.range.start <= range.end
    ? { title, edits: [edit] }
    : undefined;
