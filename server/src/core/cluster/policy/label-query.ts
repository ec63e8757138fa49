import { isPlaceholder } from "../../base/text.ts";
import type { LabelExpression, LabelSelector, Labels, WorkloadManifest } from "../../manifest/model.ts";
import { atLeast, type Profile } from "../../settings/profile.ts";
import { type LabelMatch, matchEntry, matchEntryOfOrdinal, podLabel } from "../labels.ts";

/** Something that carries labels, as far as manifests tell. */
export interface Labelled {
  /** Whether a label has a value. */
  readonly equals: (key: string, value: string) => LabelMatch;
  /** Whether there is a label of a key at all. */
  readonly has: (key: string) => LabelMatch;
}

/**
 * Matches a `LabelSelector`: every entry and every expression must hold. Without any it matches everything, and nobody
 * knows what one with a placeholder for its key asks for.
 */
export function matchLabelSelector({ matchLabels, matchExpressions }: LabelSelector, labelled: Labelled): LabelMatch {
  return allOf([
    ...matchLabels.entries.map(({ key, value }) =>
      isPlaceholder(key.value) ? "possible" : labelled.equals(key.value, value.value),
    ),
    ...matchExpressions.map((expression) =>
      isPlaceholder(expression.key.value) ? "possible" : matchExpression(expression, labelled),
    ),
  ]);
}

/** The pods of a workload, or the one of them that has a number. */
export const labelsOfPods = (workload: WorkloadManifest, ordinal?: number): Labelled => ({
  equals: (key, value) =>
    ordinal === undefined ? matchEntry(key, value, workload) : matchEntryOfOrdinal(key, value, workload, ordinal),
  has(key) {
    const runtime = workload.runtimeLabels.some((label) => label.key === key);
    if (runtime || podLabel(workload, key) !== undefined) return "certain";
    return matchEntry(key, "", workload);
  },
});

/**
 * A namespace. The label `kubernetes.io/metadata.name` is on every one of them since 1.21; the others are unknown without
 * a manifest.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#automatic-labelling
 */
export const labelsOfNamespace = (profile: Profile, name: string, written: Labels | undefined): Labelled => {
  const find = (key: string): string | undefined =>
    key === "kubernetes.io/metadata.name" && atLeast(profile, 1, 21)
      ? name
      : written?.entries.findLast((entry) => entry.key.value === key)?.value.value;
  const absent: LabelMatch = written === undefined ? "possible" : "none";
  return {
    equals(key, value) {
      const label = find(key);
      if (label === value) return "certain";
      if (label === undefined) return absent;
      return isPlaceholder(label) || isPlaceholder(value) ? "possible" : "none";
    },
    has: (key) => (find(key) === undefined ? absent : "certain"),
  };
};

/** What holds where all of some things must. */
export const allOf = (matches: readonly LabelMatch[]): LabelMatch =>
  matches.includes("none") ? "none" : matches.includes("possible") ? "possible" : "certain";

/** What holds where one of some things will do. */
export const anyOf = (matches: readonly LabelMatch[]): LabelMatch =>
  matches.includes("certain") ? "certain" : matches.includes("possible") ? "possible" : "none";

function matchExpression({ key, operator, values }: LabelExpression, labelled: Labelled): LabelMatch {
  const isListed = (): LabelMatch => anyOf(values.map(({ value }) => labelled.equals(key.value, value)));
  switch (operator.value) {
    case "In":
      return isListed();
    case "NotIn":
      return opposite(isListed());
    case "Exists":
      return labelled.has(key.value);
    case "DoesNotExist":
      return opposite(labelled.has(key.value));
    default:
      return "possible";
  }
}

const opposites = { certain: "none", possible: "possible", none: "certain" } as const satisfies Record<
  LabelMatch,
  LabelMatch
>;

/** What holds where something does not. */
export const opposite = (match: LabelMatch): LabelMatch => opposites[match];
