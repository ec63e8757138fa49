import { type Cidr, formatCidr, parseCidr, parseIP } from "../base/ip.ts";
import { list, type Message, message, quote } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";
import { findNearest } from "../base/text.ts";
import type { Tree } from "../manifest/tree.ts";
import type { ClusterNode, KubernetesVersion, PortRange } from "./profile.ts";

/** A type of setting: how its values are read, written, and described to an editor. */
export interface SettingType<Value> {
  /** JSON Schema of a value, without default and description. */
  readonly schema: JsonSchema;
  /** What each word means, for a type that is one of a few words; in the order of the schema's `enum`. */
  readonly words?: readonly Message[];
  /**
   * Reads a value. What is wrong is complained of; the rest of it still counts.
   * @returns `undefined` where nothing of it can be used
   */
  readonly read: (tree: Tree, context: ReadingContext) => Value | undefined;
  /** The value as JSON has it, and YAML: what `read` reads. */
  readonly write: (value: Value) => Json;
}

export interface ReadingContext {
  /** The setting's full key, for messages. */
  readonly key: string;
  readonly complain: (range: SourceRange, said: Message) => void;
}

export type Json = string | boolean | number | readonly Json[] | { readonly [key: string]: Json };
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One of a few words, each with what it means. */
export function oneOf<Word extends string>(words: Readonly<Record<Word, Message>>): SettingType<Word> {
  const names = Object.keys(words) as Word[]; // the keys of a record of words are words
  return {
    schema: { type: "string", enum: names },
    words: names.map((name) => words[name]),
    read: (tree, { key, complain }) => {
      const word = tree.kind === "scalar" ? names.find((name) => name === tree.text) : undefined;
      if (word === undefined) complain(tree.range, message`${quote(key)} must be ${list(names.map(quote), "or")}`);
      return word;
    },
    write: (word) => word,
  };
}

/** `true` or `false`. */
export const flag: SettingType<boolean> = {
  schema: { type: "boolean" },
  read: (tree, { key, complain }) => {
    const text = tree.kind === "scalar" && tree.plain ? tree.text.toLowerCase() : "";
    if (text === "true" || text === "false") return text === "true";
    complain(tree.range, message`${quote(key)} must be ${"true"} or ${"false"}`);
    return undefined;
  },
  write: (value) => value,
};

/** The number of a bit of a packet's mark. */
export const markBit: SettingType<number> = {
  schema: { type: "integer", minimum: 0, maximum: 31 },
  read: (tree, { key, complain }) => {
    const bit = tree.kind === "scalar" && /^\d{1,2}$/.test(tree.text) ? Number(tree.text) : 32;
    if (bit <= 31) return bit;
    complain(tree.range, message`${quote(key)} must be a number from ${"0"} to ${"31"}`);
    return undefined;
  },
  write: (bit) => bit,
};

/** A Kubernetes release such as `1.34`; a patch number is of no interest. */
export const release: SettingType<KubernetesVersion> = {
  schema: { type: "string", pattern: "^v?\\d{1,3}\\.\\d{1,3}(\\.\\d.*)?$" },
  read: (tree, { key, complain }) => {
    const parts = tree.kind === "scalar" ? /^v?(\d{1,3})\.(\d{1,3})(?:\.\d.*)?$/.exec(tree.text.trim()) : null;
    if (parts) return { major: Number(parts[1]), minor: Number(parts[2]) };
    complain(tree.range, message`${quote(key)} must be a release such as ${quote("1.34")}`);
    return undefined;
  },
  write: ({ major, minor }) => `${major}.${minor}`,
};

/** A DNS domain, kept in lower case and without its final dot. */
export const domainName: SettingType<string> = {
  schema: {
    type: "string",
    pattern: "^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*\\.?$",
  },
  read: (tree, { key, complain }) => {
    const text = tree.kind === "scalar" ? tree.text.toLowerCase().replace(/\.$/, "") : "";
    const isDomain = text.split(".").every((label) => label.length <= 63 && LABEL.test(label));
    // What has no letter was meant for something else.
    if (text.length <= 253 && isDomain && /[a-z]/.test(text)) return text;
    complain(tree.range, message`${quote(key)} must be a DNS domain such as ${quote("cluster.local")}`);
    return undefined;
  },
  write: (domain) => domain,
};

/** Address blocks, at most one for each family, in the order of the cluster's preference. */
export const addressBlocks: SettingType<readonly Cidr[]> = {
  schema: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 2 },
  read: (tree, context) => {
    const { key, complain } = context;
    const blocks: Cidr[] = [];
    for (const item of itemsOf(tree, context, message`a list of address blocks such as ${quote("10.96.0.0/12")}`)) {
      const block = item.kind === "scalar" ? parseCidr(item.text) : undefined;
      if (block === undefined) {
        complain(
          item.range,
          message`${quote(key)} must list address blocks such as ${quote("10.96.0.0/12")} or ${quote("fd00:10:96::/112")}`,
        );
      } else if (blocks.some(({ family }) => family === block.family)) {
        complain(
          item.range,
          message`${quote(key)} takes one block for each address family, and has an ${block.family} one already`,
        );
      } else {
        blocks.push(block);
      }
    }
    return blocks.length > 0 ? blocks : undefined;
  },
  write: (blocks) => blocks.map(formatCidr),
};

/** Blocks of nodes' addresses in canonical text, any number of them, or the one word `primary`. */
export const nodePortBlocks: SettingType<readonly string[]> = {
  schema: { type: "array", items: { type: "string" } },
  read: (tree, context) => {
    const { key, complain } = context;
    if (tree.kind === "list" && tree.items.length === 0) return [];
    const blocks: string[] = [];
    const expected = message`a list of address blocks such as ${quote("192.168.0.0/16")}, or of the word ${quote("primary")} alone`;
    const items = itemsOf(tree, context, expected);
    for (const item of items) {
      const text = item.kind === "scalar" ? item.text : "";
      const block = parseCidr(text);
      if (block !== undefined) blocks.push(formatCidr(block));
      else if (text === "primary" && items.length === 1) blocks.push(text);
      else complain(item.range, message`${quote(key)} must be ${expected}`);
    }
    return blocks.length > 0 ? blocks : undefined;
  },
  write: (blocks) => blocks,
};

/** `30000-32767`, both ends included. */
export const portRange: SettingType<PortRange> = {
  schema: { type: "string", pattern: "^\\d{1,5}-\\d{1,5}$" },
  read: (tree, { key, complain }) => {
    const parts = tree.kind === "scalar" ? /^(\d{1,5})\s*-\s*(\d{1,5})$/.exec(tree.text.trim()) : null;
    const range = { first: Number(parts?.[1]), last: Number(parts?.[2]) };
    if (range.first >= 1 && range.first <= range.last && range.last <= 65535) return range;
    complain(tree.range, message`${quote(key)} must be a range of ports such as ${quote("30000-32767")}`);
    return undefined;
  },
  write: ({ first, last }) => `${first}-${last}`,
};

/** Nodes with distinct names and addresses. */
export const nodeList: SettingType<readonly ClusterNode[]> = {
  schema: {
    type: "array",
    minItems: 1,
    items: {
      type: "object",
      required: ["name", "address"],
      additionalProperties: false,
      properties: { name: { type: "string" }, address: { type: "string" }, zone: { type: "string" } },
    },
  },
  read: (tree, context) => {
    const nodes: ClusterNode[] = [];
    for (const item of itemsOf(tree, context, message`a list of nodes, each with a name and an address`)) {
      const node = readNode(item, context);
      const twin = node && nodes.find(({ name, address }) => name === node.name || address === node.address);
      if (twin) context.complain(item.range, message`${quote(twin.name)} has the same name or address`);
      else if (node) nodes.push(node);
    }
    return nodes.length > 0 ? nodes : undefined;
  },
  write: (nodes) =>
    nodes.map(({ name, address, zone }) => ({ name, address, ...(zone === undefined ? {} : { zone }) })),
};

/** Patterns of file names; none at all is a value, too. */
export const filePatterns: SettingType<readonly string[]> = {
  schema: { type: "array", items: { type: "string" } },
  read: (tree, context) => {
    if (tree.kind === "list" && tree.items.length === 0) return [];
    const patterns: string[] = [];
    for (const item of itemsOf(tree, context, message`a list of patterns such as ${quote("**/testdata/**")}`)) {
      if (item.kind === "scalar" && item.text !== "") patterns.push(item.text);
      else
        context.complain(
          item.range,
          message`${quote(context.key)} must list patterns such as ${quote("**/testdata/**")}`,
        );
    }
    return patterns.length > 0 ? patterns : undefined;
  },
  write: (patterns) => patterns,
};

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const LABEL_VALUE = /^(?!.{64})[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** The items of a list that has any; anything else is complained of. */
function itemsOf(tree: Tree, { key, complain }: ReadingContext, expected: Message): readonly Tree[] {
  const items = tree.kind === "list" ? tree.items.flatMap((item) => item ?? []) : [];
  if (items.length === 0) complain(tree.range, message`${quote(key)} must be ${expected}`);
  return items;
}

function readNode(tree: Tree, { key, complain }: ReadingContext): ClusterNode | undefined {
  if (tree.kind !== "map") {
    complain(tree.range, message`a node in ${quote(key)} needs a name and an address`);
    return undefined;
  }
  const texts = new Map<string, string>();
  for (const { key: field, value } of tree.entries) {
    if (!NODE_FIELDS.includes(field.text)) {
      complain(field.range, unknownKey(field.text, findNearest(field.text, NODE_FIELDS)));
    } else if (value?.kind === "scalar") {
      texts.set(field.text, value.text);
    }
  }
  const name = texts.get("name") ?? "";
  const address = parseIP(texts.get("address") ?? "");
  if (name.length <= 253 && name.split(".").every((label) => LABEL.test(label)) && address !== undefined) {
    const zone = texts.get("zone");
    if (zone === undefined || LABEL_VALUE.test(zone)) {
      return { name, address, origin: "simulated", podCIDR: [], zone };
    }
    complain(
      tree.range,
      message`the zone of a node in ${quote(key)} is the value of a label, such as ${quote("eu-west-1a")}`,
    );
    return undefined;
  }
  complain(tree.range, message`a node in ${quote(key)} needs a name such as ${quote("node-1")} and an IP address`);
  return undefined;
}

/** What is said of a key that nobody knows. */
export const unknownKey = (key: string, nearest: string | undefined): Message =>
  nearest === undefined
    ? message`there is no setting ${quote(key)}`
    : message`there is no setting ${quote(key)}; did you mean ${quote(nearest)}?`;

const NODE_FIELDS: readonly string[] = ["name", "address", "zone"];
