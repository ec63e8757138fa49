import type { Family } from "../../base/ip.ts";
import type { Message } from "../../base/message.ts";
import type { Endpoint, ServicePort } from "../kube-proxy/proxy-input.ts";
import {
  type BaseChain,
  type KeyPart,
  keyText,
  type NftCause,
  type NftChain,
  type NftEffect,
  type NftElement,
  type NftMatch,
  type NftRule,
  type NftSet,
  type NftTable,
  type NftTarget,
  type NftVerdict,
} from "./table.ts";

/** Collects the sets, chains and rules of the table while the generator runs. */
export interface TableWriter {
  readonly set: (name: string, key: readonly KeyPart[], more?: SetTraits) => void;
  readonly map: (name: string, key: readonly KeyPart[], comment: string) => void;
  /** Adds to a set or map. Of two elements with one key the first stays; kube-proxy leaves that to chance. */
  readonly element: (set: string, key: readonly string[], verdict?: NftVerdict, traits?: ElementTraits) => void;
  /** Declares a chain. Its place among the chains is the place of the first call. */
  readonly chain: (name: string, traits?: ChainTraits) => void;
  /** Appends a rule to a declared chain. */
  readonly rule: (chain: string, matches: readonly NftMatch[], target: NftTarget, traits?: RuleTraits) => void;
  readonly finish: (notes: readonly Message[]) => NftTable;
}

/** What an object is written for. */
export interface Cause {
  readonly port?: ServicePort;
  readonly endpoint?: Endpoint;
}

/** What a set may have besides its key: seconds for which it keeps what rules add to it. */
export type SetTraits = Cause & { readonly comment?: string; readonly timeout?: number };

/** What an element may have besides its key. */
export type ElementTraits = Cause & { readonly comment?: string };

/** What a chain may have besides its rules. */
export type ChainTraits = Cause & { readonly comment?: string; readonly base?: BaseChain };

/** What a rule may have besides matches and target. */
export type RuleTraits = Cause & { readonly comment?: string; readonly effects?: readonly NftEffect[] };

/** What stands behind an object: the YAML of the endpoint counts before that of the port. */
export const causeOf = ({ port, endpoint }: Cause): NftCause => ({
  port,
  endpoint,
  because: endpoint?.because ?? port?.because,
});

/** A table with nothing in it. */
export function writeTable(family: Family): TableWriter {
  const sets = new Map<string, NftSet & { readonly elements: Map<string, NftElement> }>();
  const chains = new Map<string, NftChain & { readonly rules: NftRule[] }>();
  return {
    set: (name, key, { comment, timeout, port } = {}) => {
      sets.set(name, { name, kind: "set", key, comment, timeout, elements: new Map(), port });
    },
    map: (name, key, comment) => {
      sets.set(name, { name, kind: "map", key, comment, timeout: undefined, elements: new Map(), port: undefined });
    },
    element: (set, key, verdict, traits = {}) => {
      const elements = sets.get(set)?.elements;
      const text = keyText(key);
      if (elements?.has(text)) return;
      elements?.set(text, { key, verdict, comment: traits.comment, ...causeOf(traits) });
    },
    chain: (name, { base, comment, port } = {}) => {
      if (!chains.has(name)) chains.set(name, { name, base, comment, rules: [], port });
    },
    rule: (chain, matches, target, traits = {}) => {
      const { effects = [], comment } = traits;
      chains.get(chain)?.rules.push({ chain, matches, effects, target, comment, ...causeOf(traits) });
    },
    finish: (notes) => ({ family, sets, chains, notes }),
  };
}
