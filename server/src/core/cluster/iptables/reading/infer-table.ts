import { readChainName } from "../chain-names.ts";
import type { Match, Policy, TableName, Target } from "../rule.ts";

/**
 * The table of rules that stand without it, as far as one of them tells: by a target that only one table has, or by a
 * chain that only one has. `undefined` where it could be in several.
 */
export function inferTable(chain: string, matches: readonly Match[], target: Target): TableName | undefined {
  const wanted = target.kind === "jump" || target.kind === "goto" ? tableOfChain(target.chain) : undefined;
  return tableOfTarget(target) ?? wanted ?? tableOfChain(chain) ?? tableOfPortal(chain, matches);
}

/** The table of `iptables -S`, which begins with the policies of all built-in chains. */
export function inferFromPolicies(policies: ReadonlyMap<string, Policy>): TableName | undefined {
  if (policies.has("PREROUTING")) {
    if (policies.has("FORWARD")) return "mangle";
    return policies.has("POSTROUTING") ? "nat" : "raw";
  }
  return policies.has("FORWARD") ? "filter" : undefined;
}

function tableOfTarget({ kind }: Target): TableName | undefined {
  switch (kind) {
    case "dnat":
    case "dnat-address":
    case "snat":
    case "masquerade":
    case "redirect":
    case "netmap":
      return "nat";
    case "reject":
    case "reject-with":
      return "filter";
    case "notrack":
      return "raw";
    default:
      return undefined;
  }
}

/** The table that alone has a chain of this name; `undefined` where several have. */
export const tableOfChain = (chain: string): TableName | undefined =>
  readChainName(chain) ? "nat" : chainTables.find(([names]) => names.test(chain))?.[1];

const chainTables: readonly (readonly [names: RegExp, table: TableName])[] = [
  [/^KUBE-(?:MARK-MASQ|MARK-DROP|POSTROUTING|LOAD-BALANCER|NODE-PORT)$/, "nat"],
  [/^KUBE-(?:FIREWALL|FORWARD|EXTERNAL-SERVICES|PROXY-FIREWALL)$/, "filter"],
  [/^(?:INPUT|FORWARD)$/, "filter"],
  [/^(?:PREROUTING|POSTROUTING)$/, "nat"],
  [/^(?:DOCKER-ISOLATION-STAGE-\d|DOCKER-USER|DOCKER-FORWARD|WEAVE-NPC.*|KUBE-ROUTER-.*)$/, "filter"],
  [/^(?:ISTIO_(?:INBOUND|OUTPUT|REDIRECT|IN_REDIRECT)|CNI-(?:HOSTPORT|DN|SN).*|FLANNEL-POSTRTG)$/, "nat"],
];

/** The jumps from OUTPUT to KUBE-SERVICES differ in that only the one in filter asks for new connections. */
function tableOfPortal(chain: string, matches: readonly Match[]): TableName | undefined {
  if (chain !== "OUTPUT" && chain !== "KUBE-SERVICES") return undefined;
  return matches.some((match) => match.kind === "ctstate") ? "filter" : undefined;
}
