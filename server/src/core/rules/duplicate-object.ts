import { message } from "../base/message.ts";
import { isPlaceholder } from "../base/text.ts";
import { scopeAt, seesAbsence } from "../cluster/scope.ts";
import { groupOf, isBuiltInGroup } from "../manifest/api-groups.ts";
import type { Manifest, ParsedFile } from "../manifest/model.ts";
import { folderOf } from "../workspace/folders.ts";
import type { Rule } from "./rule.ts";
import { describeObject } from "./words.ts";

/**
 * An object that its file defines before already.
 *
 * Mirrors kubectl apply: it takes the documents of a file one after the other, so the last one wins.
 */
export const duplicateObject = {
  id: "duplicate-object",
  on: "Object",
  severity: "warning",
  title: message`Object is defined twice`,
  why: message`kubectl applies one after the other, so the last one wins and the others are lost`,
  remedy: message`Remove one of them, or give it another name or namespace`,
  source: "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/",
  details: `
Two objects are the same if kind, API group, namespace and name are the same. Kubernetes' own API groups count as one, as
objects have moved between them. Only objects of one file are compared: the same object in several files is usually a
variant to choose from (\`dev.yaml\`, \`prod.yaml\`). Objects whose name is a placeholder are left alone, and so is the
territory of kustomizations and charts, where a document may be a patch.
`,

  *check(manifest, { snapshot }) {
    const { uri } = manifest.range;
    const file = snapshot.files.get(uri);
    if (file === undefined || file.manifests.length < 2 || manifest.name.value === "") return;
    const first = firstsOf(file).get(identityOf(manifest));
    if (first === undefined || first === manifest) return;
    if (isPlaceholder(manifest.name.value + manifest.namespace.value)) return;
    if (!seesAbsence(scopeAt(snapshot, uri, folderOf(uri)))) return;
    yield {
      range: manifest.name.range,
      message: message`${describeObject(manifest)} is defined before in this file`,
      related: [{ range: first.name.range, message: message`the first ${describeObject(first)}` }],
      fixes: [],
    };
  },
} as const satisfies Rule<"Object">;

/** The first object of each identity, in the order of a file; found once for all objects of it. */
const firsts = new WeakMap<ParsedFile, ReadonlyMap<string, Manifest>>();

function firstsOf(file: ParsedFile): ReadonlyMap<string, Manifest> {
  const known = firsts.get(file) ?? new Map(file.manifests.map((item) => [identityOf(item), item] as const).reverse());
  firsts.set(file, known);
  return known;
}

function identityOf({ apiVersion, kind, namespace, name }: Manifest): string {
  const group = groupOf(apiVersion.value);
  return [isBuiltInGroup(group) ? "" : group, kind.value, namespace.value, name.value].join("/");
}
