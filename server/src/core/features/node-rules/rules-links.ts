import type { SourceRange } from "../../base/source.ts";
import type { RulesText } from "../../cluster/iptables/reading/read-rules.ts";
import { nodeRulesOf } from "../../cluster/node-rules/node-rules.ts";
import { nameIn } from "../../cluster/node-rules/port-names.ts";
import type { WorkspacePorts } from "../../cluster/node-rules/workspace-ports.ts";
import { workspacePortOf } from "./port-words.ts";
import { findListedMentions, findMentions, findSpot, type Spot } from "./spots.ts";

/**
 * Where the words at an offset lead: the name of a chain to its declaration, or else to its first rule; from there, and
 * from a comment, to the Service of the workspace that it is about.
 */
export function findRulesDefinition(text: RulesText, ports: WorkspacePorts, offset: number): readonly SourceRange[] {
  const spot = findSpot(text, offset);
  switch (spot?.kind) {
    case "chain":
      return chainDefinition(text, ports, spot);
    case "rule":
      return serviceOfRule(ports, spot);
    case "listed":
      return [spot.chain.range];
    case undefined:
      return [];
  }
}

/** Every place where the chain at an offset is named, in its own table. */
export function findRulesReferences(text: RulesText, offset: number): readonly SourceRange[] {
  const spot = findSpot(text, offset);
  switch (spot?.kind) {
    case "chain":
      return findMentions(text, spot.capture, spot.table, spot.chain);
    case "listed":
      return findListedMentions(text, spot.chain.name);
    default:
      return [];
  }
}

function chainDefinition(
  text: RulesText,
  ports: WorkspacePorts,
  { capture, table, chain, isDeclaration }: Extract<Spot, { kind: "chain" }>,
): readonly SourceRange[] {
  const declared = capture.tables.get(table)?.declarations.get(chain);
  if (declared !== undefined && !isDeclaration) return [declared];
  const known = table === "nat" ? workspacePortOf(nodeRulesOf(capture.ruleSet), ports, chain) : undefined;
  if (known !== undefined) return [known.port.range];
  const [first] = findMentions(text, capture, table, chain);
  return first === undefined ? [] : [first];
}

function serviceOfRule(
  ports: WorkspacePorts,
  { rule, range }: Extract<Spot, { kind: "rule" }>,
): readonly SourceRange[] {
  const name = nameIn(rule);
  const service = name && ports.byName(name.namespace, name.service);
  if (service === undefined || range.start === rule.because?.start) return [];
  const port = service.ports.find((candidate) => (candidate.name?.value ?? "") === name?.portName);
  return [port?.range ?? service.name.range];
}
