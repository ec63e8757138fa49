import type { SourceRange } from "../../base/source.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { RulesText } from "../../cluster/iptables/reading/read-rules.ts";
import { findWorkspacePorts, type WorkspacePorts } from "../../cluster/node-rules/workspace-ports.ts";
import type { Hover } from "../hover.ts";
import type { Lens } from "../lens.ts";
import type { SymbolEntry } from "../symbols.ts";
import { checkRules, type RulesComplaint } from "./rules-checks.ts";
import { findRulesHover } from "./rules-hover.ts";
import { findRulesLenses } from "./rules-lenses.ts";
import { findRulesDefinition, findRulesReferences } from "./rules-links.ts";
import { foldRules, outlineRules } from "./rules-outline.ts";

/** Everything that a shell may ask of a text of rules, seen beside the manifests of a workspace. */
export interface RulesAnalysis {
  readonly hover: (offset: number) => Hover | undefined;
  readonly definition: (offset: number) => readonly SourceRange[];
  readonly references: (offset: number) => readonly SourceRange[];
  readonly outline: () => readonly SymbolEntry[];
  readonly folds: () => readonly SourceRange[];
  readonly lenses: () => readonly Lens[];
  readonly check: () => readonly RulesComplaint[];
}

/** Nothing is computed before it is asked for. */
export function analyzeRules(cluster: Cluster, text: RulesText): RulesAnalysis {
  const ports = (): WorkspacePorts => workspacePorts(cluster, text.uri);
  return {
    hover: (offset) => findRulesHover(text, ports(), offset),
    definition: (offset) => findRulesDefinition(text, ports(), offset),
    references: (offset) => findRulesReferences(text, offset),
    outline: () => outlineRules(text),
    folds: () => foldRules(text),
    lenses: () => findRulesLenses(text),
    check: () => checkRules(text, ports()),
  };
}

const knownPorts = new WeakMap<Cluster, Map<string, WorkspacePorts>>();

function workspacePorts(cluster: Cluster, from: RulesText["uri"]): WorkspacePorts {
  const byText = knownPorts.get(cluster) ?? new Map<string, WorkspacePorts>();
  knownPorts.set(cluster, byText);
  const known = byText.get(from) ?? findWorkspacePorts(cluster, from);
  byText.set(from, known);
  return known;
}
