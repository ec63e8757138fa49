import { oncePer } from "../../base/once.ts";
import { readChainName } from "../iptables/chain-names.ts";
import type { Match, Rule } from "../iptables/rule.ts";
import type { NodeRules } from "./node-rules.ts";
import { rulesOf } from "./port-names.ts";

/**
 * Rules of kube-proxy's without a condition that it always writes: the port of a Service, or the mark. From 1.8.8 on
 * iptables-nft writes these as expressions of nftables, and an older iptables-save prints such a rule without them.
 */
export const rulesWithLostConditions: (rules: NodeRules) => readonly Rule[] = oncePer(({ nat, filter }) => [
  ...[...rulesOf(nat, "KUBE-SERVICES"), ...rulesOf(nat, "KUBE-NODEPORTS")].filter(
    (rule) => !rule.matches.some(isPort) && leadsToPort(rule),
  ),
  ...rulesOf(nat, "KUBE-POSTROUTING").filter(
    ({ target, matches }) => target.kind === "return" && !matches.some(isMark),
  ),
  ...rulesOf(filter, "KUBE-FORWARD").filter((rule) => isMarkedTraffic(rule) && !rule.matches.some(isMark)),
  ...rulesOf(filter, "KUBE-FIREWALL").filter(({ target, matches }) => target.kind === "drop" && matches.every(isWord)),
]);

const leadsToPort = ({ target }: Rule): boolean => target.kind === "jump" && readChainName(target.chain) !== undefined;

const isPort = ({ kind }: Match): boolean => kind === "dport" || kind === "port-range" || kind === "multiport";

const isMark = ({ kind }: Match): boolean => kind === "mark";

const isWord = ({ kind }: Match): boolean => kind === "comment";

/** Behind it stands a rule for known connections, with a comment of its own. */
const isMarkedTraffic = ({ target, matches }: Rule): boolean =>
  target.kind === "accept" &&
  matches.some((match) => match.kind === "comment" && match.text === "kubernetes forwarding rules");
