import type { SourceRange } from "../../../base/source.ts";
import { chainOwner } from "../chain-owner.ts";
import type { Chain, Policy, Rule, Table, TableName } from "../rule.ts";
import { builtInChains, type Draft, finishTable } from "../rule-set-writer.ts";

/** What the text of a table tells besides its rules. */
export interface TableText {
  /** `*nat`; `undefined` where no line says it. */
  readonly header: SourceRange | undefined;
  /** The names of chains where they are declared. */
  readonly declarations: ReadonlyMap<string, SourceRange>;
  /** Whether all of a node's table is there, up to its end: what is missing here is missing on the node. */
  readonly isWhole: boolean;
  /** Whether its end is there: nothing that stood in the text has been cut off. */
  readonly isClosed: boolean;
}

/** Collects a table line by line. Commands take effect in their order, as iptables-restore runs them. */
export interface TableReader {
  readonly name: TableName;
  /** Declares a chain. One that is declared again begins anew. */
  readonly declare: (chain: string, policy: Policy | undefined, place: SourceRange) => void;
  readonly append: (rule: Rule) => void;
  /** Puts a rule before the one at a position, counted from 1. */
  readonly insert: (rule: Rule, position: number) => void;
  /** Takes the rules out of a chain, or of all. */
  readonly flush: (chain: string | undefined) => void;
  /** Takes away a chain, or all that are not built in. */
  readonly remove: (chain: string | undefined) => void;
  /** `COMMIT`, or the end of a listing that has none. */
  readonly close: () => void;
  /** Whether a line has told what becomes of packets at the end of a built-in chain: only what prints a node does. */
  readonly hasPolicies: () => boolean;
  /** Whether rules have come that stand behind the declaration of a chain: what declares it now is another table. */
  readonly isPast: (chain: string) => boolean;
  readonly isClosed: () => boolean;
  readonly finish: () => { readonly table: Table; readonly text: TableText };
}

interface OpenChain {
  readonly policy: Policy | undefined;
  readonly rules: Rule[];
}

/** A table with nothing in it. */
export function readTable(name: TableName, header: SourceRange | undefined): TableReader {
  const chains = new Map<string, OpenChain>();
  const declarations = new Map<string, SourceRange>();
  let hasPolicies = false;
  let isClosed = false;
  let hasRules = false;
  const rulesOf = (chain: string): Rule[] => {
    const known = chains.get(chain);
    if (known !== undefined) return known.rules;
    const added: OpenChain = { policy: undefined, rules: [] };
    chains.set(chain, added);
    return added.rules;
  };
  return {
    name,
    declare(chain, policy, place) {
      chains.set(chain, { policy, rules: [] });
      declarations.set(chain, place);
      hasPolicies ||= policy !== undefined;
      isClosed = false;
    },
    append(rule) {
      rulesOf(rule.chain).push(rule);
      isClosed = false;
      hasRules = true;
    },
    insert(rule, position) {
      rulesOf(rule.chain).splice(position - 1, 0, rule);
      isClosed = false;
    },
    flush(chain) {
      for (const name of chain === undefined ? [...chains.keys()] : [chain]) rulesOf(name).length = 0;
    },
    remove(chain) {
      for (const name of chain === undefined ? [...chains.keys()] : [chain]) {
        if (!isBuiltIn(name)) chains.delete(name);
      }
    },
    close() {
      isClosed = true;
      hasRules = false;
    },
    hasPolicies: () => hasPolicies,
    isPast: (chain) => hasRules && (hasPolicies || declarations.has(chain)),
    isClosed: () => isClosed,
    finish() {
      const drafts = new Map<string, Draft>();
      for (const [chain, { policy, rules }] of chains) {
        drafts.set(chain, { owner: ownerIn(name, chain), policy, rules, declared: declarations.get(chain) });
      }
      const restored = [...chains.values()].flatMap(({ rules }) => rules);
      return {
        table: finishTable(name, drafts, restored.sort(byPlace)),
        text: { header, declarations, isWhole: hasPolicies && isClosed, isClosed },
      };
    },
  };
}

/** Built-in chains belong to the kernel, others to whoever uses such names. */
function ownerIn(table: TableName, chain: string): Chain["owner"] {
  if (builtInChains[table].some((name) => name === chain)) return "kernel";
  const owner = chainOwner(chain);
  return owner === "kube-proxy" || owner === "kubelet" ? owner : "other";
}

const isBuiltIn = (chain: string): boolean =>
  Object.values(builtInChains).some((names) => names.some((name) => name === chain));

/** In the order of the text. */
const byPlace = (a: Rule, b: Rule): number => (a.because?.start ?? 0) - (b.because?.start ?? 0);
