import { hostPort } from "../../base/ip.ts";
import { list, type Message, message, plural, quote } from "../../base/message.ts";
import { readChainName } from "../../cluster/iptables/chain-names.ts";
import type { RulesText } from "../../cluster/iptables/reading/read-rules.ts";
import { formatFraction } from "../../cluster/netfilter/fraction.ts";
import { type BalancedEndpoint, type NodeRules, nodeRulesOf } from "../../cluster/node-rules/node-rules.ts";
import type { WorkspacePorts } from "../../cluster/node-rules/workspace-ports.ts";
import type { Hover } from "../hover.ts";
import type { Block, LinkedWords, Prose } from "../markdown.ts";
import { describeChainRole } from "./chain-words.ts";
import { describeMatch } from "./match-words.ts";
import { describePort } from "./port-words.ts";
import { findSpot, type Spot } from "./spots.ts";
import { describeTarget } from "./target-words.ts";
import { whyRule } from "./why-rule.ts";

/** Explains what stands at an offset of a text of rules; `undefined` where there is nothing to explain. */
export function findRulesHover(text: RulesText, ports: WorkspacePorts, offset: number): Hover | undefined {
  const spot = findSpot(text, offset);
  if (spot === undefined) return undefined;
  switch (spot.kind) {
    case "chain":
      return { range: spot.range, prose: describeChain(ports, spot) };
    case "rule":
      return { range: spot.range, prose: describeRule(ports, spot) };
    case "listed": {
      const role = describeChainRole("nat", spot.chain.name);
      const heading: Block = { kind: "heading", words: message`chain ${quote(spot.chain.name)}` };
      return { range: spot.range, prose: role ? [heading, paragraph(role)] : [heading] };
    }
  }
}

const paragraph = (words: Message | LinkedWords): Block => ({ kind: "paragraph", words });

function describeChain(ports: WorkspacePorts, spot: Extract<Spot, { kind: "chain" }>): Prose {
  const { capture, table, chain } = spot;
  const rules = nodeRulesOf(spot.capture.ruleSet);
  const found = capture.ruleSet.tables.get(table)?.chains.get(chain);
  const role = describeChainRole(table, chain);
  const isHere = found !== undefined;
  return [
    { kind: "heading", words: message`chain ${quote(chain)} of table ${table}` },
    ...(role ? [paragraph(role)] : []),
    ...describePort(rules, ports, chain).map(paragraph),
    ...describeEndpoint(rules, chain),
    ...listEndpoints(rules, chain),
    ...(isHere ? [paragraph(countRules(found.rules.length, found.references))] : []),
    ...(isHere && found.policy !== undefined
      ? [paragraph(message`what no rule decides is met by the policy ${found.policy}`)]
      : []),
    ...(isHere ? [] : [paragraph(missing(capture.tables.get(table)?.isWhole ?? false))]),
  ];
}

function countRules(rules: number, references: number): Message {
  const own = plural(rules, message`one rule`, message`${rules} rules`);
  return plural(references, message`${own}; one rule leads here`, message`${own}; ${references} rules lead here`);
}

const missing = (isWhole: boolean): Message =>
  isWhole ? message`there is no such chain in this table` : message`the text does not show this chain`;

function describeEndpoint(rules: NodeRules, chain: string): Prose {
  const place = readChainName(chain)?.kind === "SEP" ? rules.endpointOf(chain) : undefined;
  return place ? [paragraph(message`endpoint ${quote(hostPort(place.ip, place.port))}`)] : [];
}

/** The endpoints of a chain, as far as a hover has room for them. */
function listEndpoints(rules: NodeRules, chain: string): Prose {
  const kind = readChainName(chain)?.kind;
  if (kind === undefined || kind === "SEP") return [];
  const endpoints = rules.endpointsBehind(chain);
  if (endpoints.length === 0) return [];
  const shown = endpoints.slice(0, MOST_ENDPOINTS).map(endpointItem);
  const more = endpoints.length - shown.length;
  return [{ kind: "list", items: more > 0 ? [...shown, message`and ${more} more`] : shown }];
}

const MOST_ENDPOINTS = 12;

const endpointItem = ({ odds, place, chain }: BalancedEndpoint): Message =>
  place === undefined
    ? message`${formatFraction(odds)}  ${quote(chain)}, whose endpoint is not shown`
    : message`${formatFraction(odds)}  ${quote(hostPort(place.ip, place.port))}`;

function describeRule(ports: WorkspacePorts, spot: Extract<Spot, { kind: "rule" }>): Prose {
  const { table, rule, position, line } = spot;
  const rules = nodeRulesOf(spot.capture.ruleSet);
  const asked = rule.matches.flatMap((match) => describeMatch(match) ?? []);
  const done = describeTarget(rule.target, table);
  const why = whyRule(rules, table, rule);
  const { counters } = line.rule;
  return [
    { kind: "heading", words: message`rule ${position + 1} of ${quote(rule.chain)} in table ${table}` },
    paragraph(asked.length === 0 ? message`every packet: ${done}` : message`packets ${list(asked, "comma")}: ${done}`),
    ...(why ? [paragraph(why)] : []),
    ...portsOfRule(ports, rules, spot).map(paragraph),
    ...oddsOfRule(rules, spot),
    ...(counters
      ? [
          paragraph(
            plural(
              counters.packets,
              message`has matched one packet of ${counters.bytes} bytes`,
              message`has matched ${counters.packets} packets of ${counters.bytes} bytes`,
            ),
          ),
        ]
      : []),
  ];
}

/** The service port that a rule is about: that of its chain, else of the one that it leads to. */
function portsOfRule(
  ports: WorkspacePorts,
  rules: NodeRules,
  { rule }: Extract<Spot, { kind: "rule" }>,
): readonly (Message | LinkedWords)[] {
  const own = describePort(rules, ports, rule.chain);
  if (own.length > 0) return own;
  return rule.target.kind === "jump" ? describePort(rules, ports, rule.target.chain) : [];
}

/** The chance of an endpoint among all of its chain, which the rule alone does not show. */
function oddsOfRule(rules: NodeRules, { rule }: Extract<Spot, { kind: "rule" }>): Prose {
  const chosen = rules.endpointsBehind(rule.chain).find((choice) => choice.rule === rule);
  if (chosen === undefined) return [];
  const odds = formatFraction(chosen.odds);
  return [
    paragraph(
      chosen.place === undefined
        ? message`${odds} of what reaches ${quote(rule.chain)} goes this way`
        : message`${odds} of what reaches ${quote(rule.chain)} goes to ${quote(hostPort(chosen.place.ip, chosen.place.port))}`,
    ),
  ];
}
