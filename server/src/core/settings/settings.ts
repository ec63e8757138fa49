import { type Message, message, quote } from "../base/message.ts";
import { type DocumentUri, documentUri, type SourceRange } from "../base/source.ts";
import { findNearest } from "../base/text.ts";
import { readTree } from "../manifest/read-tree.ts";
import { type Chunk, hasContent, splitDocuments } from "../manifest/split.ts";
import type { Entry, MapTree, Tree } from "../manifest/tree.ts";
import { describeYamlError } from "../manifest/yaml-error.ts";
import { defaultProfile, type Profile } from "./profile.ts";
import { type ReadingContext, unknownKey } from "./setting-types.ts";
import { type Setting, type SettingKey, type SettingValues, settingsTable, severityType } from "./settings-schema.ts";
import type { Severity } from "./severity.ts";

/** What the reader of a workspace chose, complete. */
export interface Settings {
  readonly cluster: Profile;
  /** Severities that differ from the rules' own. */
  readonly rules: ReadonlyMap<string, Severity | "off">;
  /** Patterns of files that are not read. */
  readonly exclude: readonly string[];
}

/** What one source of settings says; the rest is left to the others. */
export interface SettingsLayer {
  readonly values: Partial<SettingValues>;
  readonly rules: ReadonlyMap<string, Severity | "off">;
}

/** The settings of somebody who chose nothing. */
export const defaultSettings: Settings = { cluster: defaultProfile, rules: new Map(), exclude: [] };

/**
 * Reads the text of a `.portolan.yaml`. Total: what cannot be used is a problem at its place, and all else counts.
 * @param knownRules the ids of the rules
 */
export function parseSettings(
  uri: DocumentUri,
  text: string,
  knownRules: readonly string[],
): { readonly layer: SettingsLayer; readonly problems: readonly SettingsProblem[] } {
  const [first, second] = splitDocuments(text).filter(({ start, end }) => hasContent(text.slice(start, end)));
  const start = first?.start ?? 0;
  const { tree, errors } = readTree(uri, text.slice(start, first?.end ?? 0), (offset) => offset + start);
  const syntax = errors.map((error) => ({ range: error.range, message: describeYamlError(error) }));
  const reading = readLayer(tree, knownRules);
  const more = second ? [{ range: { uri, ...beginningOf(second, first) }, message: onlyTheFirst }] : [];
  return { layer: reading.layer, problems: [...syntax, ...reading.problems, ...more] };
}

/** The marker in front of a document; where it needs none, behind JSON, its first character. */
const beginningOf = ({ start }: Chunk, before: Chunk | undefined): { readonly start: number; readonly end: number } =>
  start === before?.end ? { start, end: start + 1 } : { start: start - 3, end: start };

/** What is wrong in a `.portolan.yaml`, and where. */
export interface SettingsProblem {
  readonly range: SourceRange;
  readonly message: Message;
}

/**
 * Reads settings as VS Code hands them over: the section `portolan`, nested or with dotted keys, holding what the user
 * chose and not the defaults. Other settings of the section are none of ours and pass without a word.
 */
export function readSettings(
  value: unknown,
  knownRules: readonly string[],
): {
  readonly layer: SettingsLayer;
  readonly problems: readonly { readonly key: string; readonly message: Message }[];
} {
  const tree = treeOfValue(value, "");
  if (tree?.kind !== "map") return { layer: { values: {}, rules: new Map() }, problems: [] };
  const ours = tree.entries.filter(({ key }) => /^(?:cluster|rules|exclude)(?:\.|$)/.test(key.text));
  const { layer, problems } = readLayer({ ...tree, entries: ours }, knownRules);
  return { layer, problems: problems.map(({ range, message }) => ({ key: range.uri, message })) };
}

/** Puts layers over settings: of what several of them say, the last one's word counts. Severities are merged by rule. */
export function mergeSettings(base: Settings, ...layers: readonly SettingsLayer[]): Settings {
  let values: Partial<SettingValues> = {};
  for (const layer of layers) values = { ...values, ...layer.values };
  const { cluster } = base;
  return {
    cluster: {
      kubernetesVersion: values["cluster.kubernetesVersion"] ?? cluster.kubernetesVersion,
      domain: values["cluster.domain"] ?? cluster.domain,
      serviceCIDR: values["cluster.serviceCIDR"] ?? cluster.serviceCIDR,
      podCIDR: values["cluster.podCIDR"] ?? cluster.podCIDR,
      nodePortRange: values["cluster.nodePortRange"] ?? cluster.nodePortRange,
      overlay: values["cluster.overlay"] ?? cluster.overlay,
      nodes: values["cluster.nodes"] ?? cluster.nodes,
      proxy: {
        mode: values["cluster.proxy.mode"] ?? cluster.proxy.mode,
        detectLocal: values["cluster.proxy.detectLocal"] ?? cluster.proxy.detectLocal,
        masqueradeAll: values["cluster.proxy.masqueradeAll"] ?? cluster.proxy.masqueradeAll,
        masqueradeBit: values["cluster.proxy.masqueradeBit"] ?? cluster.proxy.masqueradeBit,
        nodePortAddresses: values["cluster.proxy.nodePortAddresses"] ?? cluster.proxy.nodePortAddresses,
        localhostNodePorts: values["cluster.proxy.localhostNodePorts"] ?? cluster.proxy.localhostNodePorts,
        counters: values["cluster.proxy.counters"] ?? cluster.proxy.counters,
        conntrackLiberal: values["cluster.proxy.conntrackLiberal"] ?? cluster.proxy.conntrackLiberal,
        ipvsScheduler: values["cluster.proxy.ipvsScheduler"] ?? cluster.proxy.ipvsScheduler,
      },
    },
    rules: new Map([...base.rules, ...layers.flatMap((layer) => [...layer.rules])]),
    exclude: values.exclude ?? base.exclude,
  };
}

function readLayer(
  root: Tree | undefined,
  knownRules: readonly string[],
): { readonly layer: SettingsLayer; readonly problems: readonly SettingsProblem[] } {
  const problems: SettingsProblem[] = [];
  const complain = (range: SourceRange, said: Message): void => {
    problems.push({ range, message: said });
  };
  let values: Partial<SettingValues> = {};
  const rules = new Map<string, Severity | "off">();

  const visit = (path: string, keyRange: SourceRange, tree: Tree | undefined): void => {
    const rule = path.startsWith("rules.") ? path.slice("rules.".length) : undefined;
    if (isSettingKey(path)) {
      if (tree) values = { ...values, ...readSetting(path, tree, complain) };
    } else if (rule !== undefined && knownRules.includes(rule)) {
      const severity = tree && severityType.read(tree, { key: path, complain });
      if (severity !== undefined) rules.set(rule, severity);
    } else if (rule !== undefined) {
      complain(keyRange, unknownRule(rule, findNearest(rule, knownRules)));
    } else if (path === "rules" || settingKeys.some((key) => key.startsWith(`${path}.`))) {
      if (tree?.kind === "map") visitAll(`${path}.`, tree);
      else if (tree) complain(tree.range, message`${quote(path)} must be a map of settings`);
    } else {
      complain(keyRange, unknownKey(path, nearestKey(path)));
    }
  };
  const visitAll = (prefix: string, map: MapTree): void => {
    for (const { key, value } of map.entries) visit(prefix + key.text, key.range, value);
  };

  if (root?.kind === "map") visitAll("", root);
  else if (root)
    complain(root.range, message`settings must be a map, such as ${quote("cluster: { domain: cluster.local }")}`);
  return { layer: { values, rules }, problems };
}

function readSetting<Key extends SettingKey>(
  key: Key,
  tree: Tree,
  complain: ReadingContext["complain"],
): Partial<SettingValues> {
  const { type }: Setting<SettingValues[Key]> = settingsTable[key];
  const value = type.read(tree, { key, complain });
  return value === undefined ? {} : { [key]: value };
}

const settingKeys = Object.keys(settingsTable) as SettingKey[]; // the table has these keys and no others

const isSettingKey = (text: string): text is SettingKey => settingKeys.some((key) => key === text);

/** The setting that a key was meant for: nearly the same, or the same without its groups. */
function nearestKey(path: string): string | undefined {
  const nearest = findNearest(path, [...settingKeys, "rules", "cluster", "cluster.proxy"]);
  if (nearest !== undefined) return nearest;
  const lastOf = (key: string): string => key.slice(key.lastIndexOf(".") + 1);
  const byLast = new Map(settingKeys.map((key) => [lastOf(key), key]));
  const last = findNearest(lastOf(path), byLast.keys());
  return last === undefined ? undefined : byLast.get(last);
}

const unknownRule = (rule: string, nearest: string | undefined): Message =>
  nearest === undefined
    ? message`there is no rule ${quote(rule)}`
    : message`there is no rule ${quote(rule)}; did you mean ${quote(nearest)}?`;

const onlyTheFirst = message`only the first document of a settings file is read`;

/**
 * A value of VS Code's as a tree. It stands in no text: the name of its range's document is its key.
 * @param depth how much deeper a value may be nested; what lies deeper is nothing
 */
function treeOfValue(value: unknown, key: string, depth = 8): Tree | undefined {
  if (depth === 0 || value === null || value === undefined) return undefined;
  const range: SourceRange = { uri: documentUri(key), start: 0, end: 0 };
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return { kind: "list", range, items: items.map((item, index) => treeOfValue(item, `${key}[${index}]`, depth - 1)) };
  }
  if (typeof value === "object") {
    const entries = Object.entries(value).map(([name, inner]): Entry => {
      const path = key === "" ? name : `${key}.${name}`;
      const at: SourceRange = { ...range, uri: documentUri(path) };
      return {
        key: { kind: "scalar", text: name, plain: true, range: at },
        value: treeOfValue(inner, path, depth - 1),
      };
    });
    return { kind: "map", range, entries };
  }
  if (typeof value === "string") return { kind: "scalar", text: value, plain: false, range };
  // A release is no number: of 1.30 only 1.3 would have arrived.
  const isPlain = typeof value === "boolean" || Number.isInteger(value);
  return { kind: "scalar", text: isPlain ? String(value) : "", plain: true, range };
}
