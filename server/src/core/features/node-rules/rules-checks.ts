import { type Message, message, quote } from "../../base/message.ts";
import type { SourceRange } from "../../base/source.ts";
import { readChainName } from "../../cluster/iptables/chain-names.ts";
import { chainOwner } from "../../cluster/iptables/chain-owner.ts";
import type { Capture } from "../../cluster/iptables/reading/capture.ts";
import type { RulesProblem } from "../../cluster/iptables/reading/problem.ts";
import type { RulesText } from "../../cluster/iptables/reading/read-rules.ts";
import type { Rule, TableName } from "../../cluster/iptables/rule.ts";
import { isOfTheCluster } from "../../cluster/node-rules/comment-name.ts";
import { rulesWithLostConditions } from "../../cluster/node-rules/lost-conditions.ts";
import { type NodeRules, nodeRulesOf } from "../../cluster/node-rules/node-rules.ts";
import type { WorkspacePorts } from "../../cluster/node-rules/workspace-ports.ts";
import type { Severity } from "../../settings/severity.ts";
import { readRuleText } from "./spots.ts";

/** Something that a reader of rules should know of, and where. */
export interface RulesComplaint {
  readonly code: RulesProblem["code"] | "missing-chain" | "lost-condition" | "unknown-service";
  readonly severity: Severity;
  readonly range: SourceRange;
  readonly message: Message;
}

/** What cannot be read, what leads nowhere, and which Services the workspace does not know, in the order of the text. */
export function checkRules(text: RulesText, ports: WorkspacePorts): readonly RulesComplaint[] {
  const unread = text.problems.map((problem): RulesComplaint => ({ ...problem, severity: severities[problem.code] }));
  const found = text.captures.flatMap((capture) => [
    ...findMissingChains(text, capture),
    ...findLostConditions(capture),
    ...(ports.hasServices ? findUnknownServices(capture, ports) : []),
  ]);
  return [...unread, ...found].sort((a, b) => a.range.start - b.range.start);
}

const severities = {
  "unreadable-lines": "information",
  "unreadable-rule": "warning",
  "table-unknown": "warning",
  "table-assumed": "information",
  "cut-off": "information",
  "other-form": "information",
} as const satisfies Record<RulesProblem["code"], Severity>;

/** Jumps that lead nowhere. Of a table that is not all here nobody can tell. */
function findMissingChains(text: RulesText, capture: Capture): readonly RulesComplaint[] {
  const complaints: RulesComplaint[] = [];
  for (const [name, { isWhole }] of capture.tables) {
    const chains = capture.ruleSet.tables.get(name)?.chains;
    if (!isWhole || chains === undefined) continue;
    for (const { rules } of chains.values()) {
      for (const rule of rules) {
        const { target } = rule;
        if ((target.kind !== "jump" && target.kind !== "goto") || chains.has(target.chain)) continue;
        complaints.push(missingChain(text, name, rule, target.chain));
      }
    }
  }
  return complaints;
}

function missingChain(text: RulesText, table: TableName, rule: Rule, chain: string): RulesComplaint {
  const place = readRuleText(text, rule)?.rule.targetName;
  const range = { uri: text.uri, start: place?.start ?? rule.because?.start ?? 0, end: place?.end ?? 0 };
  return {
    code: "missing-chain",
    severity: "warning",
    range: { ...range, end: Math.max(range.start, range.end) },
    message: message`table ${table} has no chain ${quote(chain)}`,
  };
}

/** Told at the first of the rules: it is the same with all of them. */
function findLostConditions({ ruleSet }: Capture): readonly RulesComplaint[] {
  const [first] = rulesWithLostConditions(nodeRulesOf(ruleSet));
  if (first?.because === undefined) return [];
  const said = message`kube-proxy writes one more condition in this rule: an iptables-save that is older than what wrote it leaves it out`;
  return [{ code: "lost-condition", severity: "information", range: first.because, message: said }];
}

/** Service ports that no Service of the workspace has, each once; not those of the cluster itself. */
function findUnknownServices(capture: Capture, ports: WorkspacePorts): readonly RulesComplaint[] {
  const rules = nodeRulesOf(capture.ruleSet);
  const declarations = capture.tables.get("nat")?.declarations ?? new Map<string, SourceRange>();
  const told = new Set<string>();
  const complaints: RulesComplaint[] = [];
  for (const [chain, range] of declarations) {
    const name = chainOwner(chain) === "kube-proxy" ? readChainName(chain) : undefined;
    if (name === undefined || name.kind === "SEP" || told.has(name.hash)) continue;
    told.add(name.hash);
    const said = ports.byHash(name.hash) === undefined ? describeUnknown(rules, chain) : undefined;
    if (said !== undefined) complaints.push({ code: "unknown-service", severity: "hint", range, message: said });
  }
  return complaints;
}

function describeUnknown(rules: NodeRules, chain: string): Message | undefined {
  const found = rules.portOf(chain);
  if (found === undefined) return message`no Service of the workspace has this chain`;
  return isOfTheCluster(found.name)
    ? undefined
    : message`no Service of the workspace has this chain; comments say it is ${quote(found.name.text)}`;
}
