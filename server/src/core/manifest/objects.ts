import type { SourceRange } from "../base/source.ts";
import { fold } from "../base/text.ts";
import { builtInKinds, groupOf, isBuiltInGroup, mayMakePods } from "./api-groups.ts";
import { readEndpointSlice, readEndpoints, readNode } from "./endpoints.ts";
import { metadata, topLevel } from "./field-names.ts";
import type { Manifest, Miscased, ObjectHeader, OwnerReference } from "./model.ts";
import { readNetworkPolicy } from "./network-policy.ts";
import {
  booleanAt,
  defaulted,
  fieldsOf,
  itemsOf,
  labelsAt,
  type Notes,
  plainFields,
  stringAt,
  treeAt,
} from "./read.ts";
import { readService } from "./service.ts";
import type { MapTree, Tree } from "./tree.ts";
import { readPossibleWorkload, readWorkload } from "./workload.ts";
import { workloadKindOf } from "./workload-kinds.ts";

/**
 * Reads the objects of one YAML document: one, or the items of a list at any depth. A document that is no manifest
 * (no `apiVersion` and `kind`) has none. An aliased item counts where it is met first: it is one text, however often a
 * list names it.
 */
export function readObjects(tree: Tree | undefined, document: number, stale: boolean): readonly Manifest[] {
  const manifests: Manifest[] = [];
  const pending: { readonly tree: Tree | undefined; readonly listKind?: string; readonly listVersion?: string }[] = [
    { tree },
  ];
  const met = new Set<Tree>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.tree?.kind !== "map" || met.has(next.tree)) continue;
    met.add(next.tree);
    const kind = stringAt(treeAt(next.tree, ["kind"]))?.value ?? next.listKind;
    const apiVersion = stringAt(treeAt(next.tree, ["apiVersion"]))?.value ?? next.listVersion;
    if (kind === undefined || apiVersion === undefined) {
      const manifest = readObject(next.tree, document, stale);
      if (manifest) manifests.push(manifest);
      continue;
    }
    const items = listItems(next.tree, kind);
    if (items !== undefined) {
      const typed = kind === "List" ? {} : { listKind: kind.slice(0, -"List".length), listVersion: apiVersion };
      for (const item of [...items].reverse()) pending.push({ tree: item, ...typed });
      continue;
    }
    const manifest = readObject(next.tree, document, stale, kind, apiVersion);
    if (manifest) manifests.push(manifest);
  }
  return manifests;
}

function listItems(tree: MapTree, kind: string): readonly (Tree | undefined)[] | undefined {
  if (kind.endsWith("List") && treeAt(tree, ["items"])?.kind === "list") return itemsOf(treeAt(tree, ["items"]));
  if (kind === "Template" && treeAt(tree, ["objects"])?.kind === "list") return itemsOf(treeAt(tree, ["objects"]));
  return undefined;
}

function readObject(
  tree: MapTree,
  document: number,
  stale: boolean,
  listKind?: string,
  listVersion?: string,
): Manifest | undefined {
  const miscased: Miscased[] = [];
  const notes: Notes = { miscased };
  const object = fieldsOf(tree, topLevel, "", notes);
  if (object === undefined) return undefined;
  const at = (name: string): Tree | undefined => object.get(name) ?? respelt(tree, name);
  const apiVersion = stringAt(at("apiVersion")) ?? (listVersion ? defaulted(listVersion, tree.range) : undefined);
  const kind = stringAt(at("kind")) ?? (listKind ? defaulted(listKind, tree.range) : undefined);
  if (apiVersion === undefined || kind === undefined || apiVersion.value === "" || kind.value === "") return undefined;
  const known = isBuiltInGroup(groupOf(apiVersion.value)) ? ownSpelling(kind.value) : kind.value;
  if (known !== kind.value) miscased.push({ what: "kind", path: "", written: kind, right: known });
  const meta = fieldsOf(at("metadata"), metadata, "metadata", notes);
  const anchor: SourceRange = meta ? object.key("metadata") : kind.range;
  const header: ObjectHeader = {
    apiVersion,
    kind: { ...kind, value: known },
    name: stringAt(meta?.get("name")) ?? defaulted("", anchor),
    namespace: stringAt(meta?.get("namespace")) ?? defaulted("default", anchor),
    labels: labelsAt(meta?.get("labels"), meta?.has("labels") ? meta.key("labels") : anchor),
    owner: readOwner(meta?.get("ownerReferences")),
    uid: stringAt(meta?.get("uid"))?.value,
    range: tree.range,
    document,
    miscased,
    stale,
  };
  return readKind(header, tree, notes);
}

/** Other owners only keep an object from being left behind. */
function readOwner(list: Tree | undefined): OwnerReference | undefined {
  const controller = itemsOf(list).find((item) => booleanAt(treeAt(item, ["controller"]))?.value === true);
  const kind = stringAt(treeAt(controller, ["kind"]));
  const name = stringAt(treeAt(controller, ["name"]));
  if (kind === undefined || name === undefined) return undefined;
  const apiVersion = stringAt(treeAt(controller, ["apiVersion"]))?.value ?? "";
  return { apiVersion, kind, name, uid: stringAt(treeAt(controller, ["uid"]))?.value };
}

/**
 * Reads what is particular to a kind. Every reader spreads the header behind its own fields: V8 takes a hundred times as
 * long to add fields to a copy as to copy into a literal.
 */
function readKind(header: ObjectHeader, tree: MapTree, notes: Notes): Manifest {
  const group = groupOf(header.apiVersion.value);
  const kind = header.kind.value;
  if (group === "" && kind === "Service") return readService(header, plainFields(tree), tree, notes);
  if (group === "" && kind === "Endpoints") return readEndpoints(header, tree, notes);
  if (group === "discovery.k8s.io" && kind === "EndpointSlice") return readEndpointSlice(header, tree, notes);
  if (group === "" && kind === "Node") return readNode(header, tree);
  if (kind === "NetworkPolicy" && (group === "networking.k8s.io" || group === "extensions")) {
    return readNetworkPolicy(header, plainFields(tree), tree, notes);
  }
  const workload = workloadKindOf(header.apiVersion.value, kind);
  if (workload) return readWorkload(header, tree, workload, notes);
  const custom = mayMakePods(group, kind);
  const possible = isBuiltInGroup(group) ? undefined : readPossibleWorkload(header, tree, notes);
  return possible ?? { type: "Other", custom, ...header };
}

/** `kind: service` means Service; the API knows no such kind, so the right spelling is what the object is read as. */
const ownSpelling = (kind: string): string =>
  builtInKinds.includes(kind) ? kind : (builtInKinds.find((known) => fold(known) === fold(kind)) ?? kind);

/** A header field in the wrong case still tells what the author meant. */
function respelt(tree: MapTree, name: string): Tree | undefined {
  return tree.entries.find(({ key }) => fold(key.text) === fold(name))?.value;
}

/** Whether a text looks like a manifest even though YAML cannot read it. */
export const resemblesManifest = (text: string): boolean =>
  /^\s*\{\s*"/.test(text)
    ? /"apiVersion"\s*:/.test(text) && /"kind"\s*:/.test(text)
    : /^[ \t]*["']?apiVersion["']?[ \t]*:/im.test(text) && /^[ \t]*["']?kind["']?[ \t]*:/im.test(text);
