import type { SourceRange } from "../base/source.ts";
import { ipBlock, networkPolicyPeer, networkPolicyPort, networkPolicyRule, networkPolicySpec } from "./field-names.ts";
import { readLabelSelector } from "./label-selector.ts";
import type { NetworkPolicyManifest, ObjectHeader, PolicyPeer, PolicyPort, PolicyRule, PolicyRules } from "./model.ts";
import {
  defaulted,
  type Fields,
  fieldsOf,
  integerAt,
  itemsOf,
  labelsAt,
  type Notes,
  placeholderAt,
  stringAt,
  stringsAt,
  wordAt,
} from "./read.ts";
import { protocols } from "./service.ts";
import type { MapTree, Tree } from "./tree.ts";

/**
 * Reads `networking.k8s.io NetworkPolicy`. Without `policyTypes` it is about ingress, and about egress where it has
 * rules for that.
 */
export function readNetworkPolicy(
  header: ObjectHeader,
  object: Fields,
  tree: MapTree,
  notes: Notes,
): NetworkPolicyManifest {
  const spec = fieldsOf(object.get("spec"), networkPolicySpec, "spec", notes);
  const key = spec?.key("podSelector") ?? header.kind.range;
  const written = spec?.get("policyTypes");
  const mayBeOf = [written, ...itemsOf(written)].find(placeholderAt);
  const types = itemsOf(written).flatMap(
    (item, index) => wordAt(item, policyTypes, `spec.policyTypes[${index}]`, notes)?.value ?? [],
  );
  const rulesFor = (direction: "ingress" | "egress", peers: "from" | "to"): PolicyRules => ({
    rules: readRules(spec?.get(direction), peers, `spec.${direction}`, notes),
    key: spec?.has(direction)
      ? spec.key(direction)
      : spec?.has("policyTypes")
        ? spec.key("policyTypes")
        : object.has("spec")
          ? object.key("spec")
          : tree.range,
  });
  const egress = rulesFor("egress", "to");
  const isAbout = (type: "Ingress" | "Egress"): boolean =>
    types.length > 0 ? types.includes(type) : type === "Ingress" || egress.rules.length > 0;
  // Where the types are filled in later, nobody knows whether it isolates at all.
  const orAnything = (rules: PolicyRules): PolicyRules =>
    mayBeOf ? { ...rules, rules: [...rules.rules, unreadRule(mayBeOf.range)] } : rules;
  return {
    type: "NetworkPolicy",
    podSelector: readLabelSelector(spec?.get("podSelector"), key, "spec.podSelector", notes) ?? {
      matchLabels: labelsAt(spec?.get("podSelector"), key),
      matchExpressions: [],
      key,
    },
    ingress: mayBeOf || isAbout("Ingress") ? orAnything(rulesFor("ingress", "from")) : undefined,
    egress: mayBeOf || isAbout("Egress") ? orAnything(egress) : undefined,
    ...header,
  };
}

const policyTypes = ["Ingress", "Egress"] as const;

/** What cannot be read, such as a placeholder, is a rule of which nobody knows what it admits. */
function readRules(tree: Tree | undefined, side: "from" | "to", path: string, notes: Notes): readonly PolicyRule[] {
  if (tree === undefined) return [];
  if (tree.kind !== "list") return [unreadRule(tree.range)];
  return tree.items.map(
    (item, index) => readRule(item, side, `${path}[${index}]`, notes) ?? unreadRule((item ?? tree).range),
  );
}

const unreadRule = (range: SourceRange): PolicyRule => ({ peers: [], ports: [], partial: true, range });

function readRule(tree: Tree | undefined, side: "from" | "to", path: string, notes: Notes): PolicyRule | undefined {
  const fields = fieldsOf(tree, [...networkPolicyRule, side], path, notes);
  if (fields === undefined) return undefined;
  const peerItems = itemsOf(fields.get(side));
  const portItems = itemsOf(fields.get("ports"));
  const peers = peerItems.flatMap((item, index) => readPeer(item, `${path}.${side}[${index}]`, notes));
  const ports = portItems.flatMap((item, index) => readPort(item, `${path}.ports[${index}]`, notes));
  const isList = (name: string): boolean => (fields.get(name)?.kind ?? "list") === "list";
  const partial =
    peers.length < peerItems.length || ports.length < portItems.length || !isList(side) || !isList("ports");
  return { peers, ports, partial, range: fields.range };
}

function readPeer(tree: Tree | undefined, path: string, notes: Notes): PolicyPeer[] {
  const fields = fieldsOf(tree, networkPolicyPeer, path, notes);
  if (fields === undefined) return [];
  const { range } = fields;
  const block = fieldsOf(fields.get("ipBlock"), ipBlock, `${path}.ipBlock`, notes);
  if (block !== undefined) {
    const cidr = stringAt(block.get("cidr")) ?? defaulted("", block.range);
    return [{ kind: "block", cidr, except: stringsAt(block.get("except")), range }];
  }
  const selector = (name: "podSelector" | "namespaceSelector") =>
    readLabelSelector(fields.get(name), fields.key(name), `${path}.${name}`, notes);
  return [
    { kind: "pods", podSelector: selector("podSelector"), namespaceSelector: selector("namespaceSelector"), range },
  ];
}

function readPort(tree: Tree | undefined, path: string, notes: Notes): PolicyPort[] {
  const fields = fieldsOf(tree, networkPolicyPort, path, notes);
  if (fields === undefined) return [];
  return [
    {
      port: integerAt(fields.get("port")) ?? stringAt(fields.get("port")),
      endPort: integerAt(fields.get("endPort")),
      protocol: wordAt(fields.get("protocol"), protocols, `${path}.protocol`, notes) ?? defaulted("TCP", fields.range),
      range: fields.range,
    },
  ];
}
