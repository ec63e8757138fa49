import { type Family, hostPort } from "../../base/ip.ts";
import { bareAddress } from "../netfilter/addresses.ts";
import { bang, hex, listChains, protocolNumbers, rejectWith, wholeMask } from "./listing.ts";
import { foreignMatchText, foreignTargetText } from "./print-foreign.ts";
import { headerLine, type RulesLine, ruleLine } from "./printed-line.ts";
import { echoedProbability } from "./probability.ts";
import { type Chain, type Match, PROXY_PORT, type Rule, type RuleSet, type TableName, type Target } from "./rule.ts";

/**
 * How `iptables -L` looks. `classic`: protocols by name (`all`, `tcp`), as iptables up to 1.8.8 and most pages show it.
 * `numeric`: by number (`0`, `6`), as 1.8.9 and 1.8.10 print it.
 */
export type ListStyle = "classic" | "numeric";

/**
 * What `iptables -t TABLE -L -n -v` (or ip6tables) prints. Counters are zero. Exact for what Kubernetes writes; foreign
 * matches and targets are shown by their options.
 */
export function printList(ruleSet: RuleSet, table: TableName, style: ListStyle = "classic"): readonly RulesLine[] {
  const chains = listChains(ruleSet.tables.get(table) ?? { name: table, chains: new Map() });
  return chains.flatMap((chain, position) => [
    ...(position === 0 ? [] : [headerLine("", table)]),
    headerLine(chainTitle(chain), table, chain.name),
    headerLine(COLUMNS, table, chain.name),
    ...chain.rules.map((rule) => ruleLine(listRule(ruleSet.family, rule, style), table, rule)),
  ]);
}

/** One rule as a line of `iptables -L -n -v`. */
export function listRule(family: Family, { matches, target }: Rule, style: ListStyle = "classic"): string {
  const columns = [
    "0".padStart(5),
    "0".padStart(5),
    targetName(target).padEnd(9),
    ` ${protocolName(matches, style).padEnd(4)}`,
    // ip6tables left the column of fragment options blank as long as protocols had names.
    family === "IPv6" && style === "classic" ? "   " : "-- ",
    interfaceName(matches, "in-interface").padEnd(6),
    interfaceName(matches, "out-interface").padEnd(6),
    addressColumn(family, matches, "source"),
    addressColumn(family, matches, "destination"),
  ];
  const details = [
    ...matches.flatMap((match) => matchDetails(family, match, matches)),
    ...targetDetails(family, target),
  ];
  return `${columns.join(" ")} ${details.map((detail) => ` ${detail}`).join("")}`;
}

const chainTitle = ({ name, policy, references }: Chain): string =>
  `Chain ${name} (${policy === undefined ? `${references} references` : `policy ${policy} 0 packets, 0 bytes`})`;

const COLUMNS = " pkts bytes target     prot opt in     out     source               destination         ";

function targetName(target: Target): string {
  if (target.kind === "none") return "";
  if (target.kind === "to-proxy") return target.ip === undefined ? "REDIRECT" : "DNAT";
  return target.kind === "jump" ? target.chain : target.kind.toUpperCase();
}

function protocolName(matches: readonly Match[], style: ListStyle): string {
  const match = matches.find(({ kind }) => kind === "protocol" || kind === "protocol-only");
  const name = match !== undefined && "protocol" in match ? match.protocol : "all";
  return style === "classic" ? name : (new Map(Object.entries(protocolNumbers)).get(name) ?? name);
}

function interfaceName(matches: readonly Match[], kind: "in-interface" | "out-interface"): string {
  const match = matches.find((candidate) => candidate.kind === kind);
  if (match?.kind !== kind) return "*";
  return match.negated ? `!${match.name}` : match.name;
}

/** A sign for "not", then the block; a block of one address is shown as the address. */
function addressColumn(family: Family, matches: readonly Match[], kind: "source" | "destination"): string {
  const match = matches.find((candidate) => candidate.kind === kind);
  if (match?.kind !== kind) return ` ${anywhere[family].padEnd(19)}`;
  return `${match.negated ? "!" : " "}${bareAddress(match.block).padEnd(19)}`;
}

const anywhere = { IPv4: "0.0.0.0/0", IPv6: "::/0" } as const satisfies Record<Family, string>;

/** What a match adds behind the columns. */
function matchDetails(family: Family, match: Match, all: readonly Match[]): readonly string[] {
  switch (match.kind) {
    case "source":
    case "destination":
    case "in-interface":
    case "dport":
    case "out-interface":
    case "protocol-only":
    case "proxy-port":
      return [];
    case "protocol": {
      const own = all.some((candidate) => candidate.kind === "proxy-port") ? PROXY_PORT : undefined;
      const port = own ?? all.find((candidate) => candidate.kind === "dport")?.port;
      return [port === undefined ? match.protocol : `${match.protocol} dpt:${port}`];
    }
    case "comment":
      return [`/* ${match.text} */`];
    case "mark":
      return [`mark match ${bang(match)}${hex(match.value)}/${hex(match.mask)}`];
    case "ctstate":
      return [`${bang(match)}ctstate ${match.states.join(",")}`];
    case "addrtype-local":
      return [`ADDRTYPE match ${match.side}-type ${match.negated ? "!" : ""}LOCAL`];
    case "statistic":
      return [`statistic mode random probability ${echoedProbability(match.chance, match.decimals)}`];
    case "recent-set":
      return [`recent: SET name: ${match.list} side: source mask: ${wholeMask[family]}`];
    case "recent-check":
      return [
        `recent: CHECK seconds: ${match.seconds} reap name: ${match.list} side: source mask: ${wholeMask[family]}`,
      ];
    case "nfacct":
      return [`nfacct-name  ${match.name}`];
    case "physdev-is-in":
      return [`PHYSDEV match ${bang(match)}--physdev-is-in`];
    case "state":
      return [`${bang(match)}state ${match.states.join(",")}`];
    case "set":
      return [`${bang(match)}match-set ${match.set} ${match.directions}`];
    case "ipvs":
      return [`vproto ${protocolNumbers[match.protocol]} vaddr ${match.address} vport ${match.port}`];
    default:
      return [foreignMatchText(match)];
  }
}

/** What a target adds behind the matches. */
function targetDetails(family: Family, target: Target): readonly string[] {
  switch (target.kind) {
    case "none":
    case "jump":
    case "return":
    case "accept":
    case "drop":
      return [];
    case "reject":
      return [`reject-with ${rejectWith[family]}`];
    case "mark":
      return [`MARK ${target.how === "set" && target.value === target.mask ? "or" : target.how} ${hex(target.value)}`];
    case "masquerade":
      return target.randomFully ? ["random-fully"] : [];
    case "dnat":
      return [`to:${hostPort(target.ip, target.port)}`];
    case "to-proxy":
      return [target.ip === undefined ? `redir ports ${PROXY_PORT}` : `to:${target.ip}:${PROXY_PORT}`];
    case "goto":
      return ["[goto] "];
    default:
      return [foreignTargetText(target).replace(/^-j \S+ ?/, "")].filter((text) => text !== "");
  }
}
