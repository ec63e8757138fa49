import type { SourceRange } from "../base/source.ts";
import { labelSelector } from "./field-names.ts";
import type { LabelExpression, LabelSelector } from "./model.ts";
import { fieldsOf, itemsOf, labelsAt, type Notes, placeholderAt, stringAt, stringsAt, treeAt } from "./read.ts";
import type { Tree } from "./tree.ts";

/**
 * Reads a `LabelSelector`; expressions without key or operator are left out, and a placeholder in the place of one is its
 * key and its operator. `undefined` for what is no map.
 * @param key the word that holds it
 * @param path the field, as a person would name it
 */
export function readLabelSelector(
  tree: Tree | undefined,
  key: SourceRange,
  path: string,
  notes: Notes,
): LabelSelector | undefined {
  const fields = fieldsOf(tree, labelSelector, path, notes);
  if (fields === undefined) return undefined;
  return {
    matchLabels: labelsAt(fields.get("matchLabels"), fields.key("matchLabels")),
    matchExpressions: expressionsAt(fields.get("matchExpressions")),
    key,
  };
}

function expressionsAt(tree: Tree | undefined): readonly LabelExpression[] {
  const items = placeholderAt(tree) ? [tree] : itemsOf(tree);
  return items.flatMap((item) => {
    const placeholder = placeholderAt(item);
    if (placeholder) return [{ key: placeholder, operator: placeholder, values: [] }];
    const name = stringAt(treeAt(item, ["key"]));
    const operator = stringAt(treeAt(item, ["operator"]));
    return name && operator ? [{ key: name, operator, values: stringsAt(treeAt(item, ["values"])) }] : [];
  });
}
