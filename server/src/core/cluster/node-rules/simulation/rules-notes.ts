import type { Capture } from "../../iptables/reading/capture.ts";
import type { Walk } from "../../netfilter/walk.ts";
import { bridgesOf } from "../bridges.ts";
import { rulesWithLostConditions } from "../lost-conditions.ts";
import { endpointAddressesOf, otherProxyOf, podBlockOf, podInterfacesOf, proxyModeOf } from "../node-facts.ts";
import type { NodeRules } from "../node-rules.ts";
import { addressesAt } from "../service-addresses.ts";
import type { RulesClient, RulesDestination, RulesNote } from "./rules-trace.ts";

/** What a text lacks, and what it shows of who looks after Services. */
export function notesOnText({ form, tables, ruleSet }: Capture, rules: NodeRules): readonly RulesNote[] {
  const notes: RulesNote[] = [];
  if (rules.ruleSet !== ruleSet) notes.push({ kind: "jumps-added" });
  if (rulesWithLostConditions(rules).length > 0) notes.push({ kind: "lost-conditions" });
  const missing = (["nat", "filter"] as const).filter((name) => !tables.has(name));
  if (missing.length > 0) notes.push({ kind: "missing-tables", tables: missing });
  const partial = form === "restore" ? [] : [...tables].flatMap(([name, { isWhole }]) => (isWhole ? [] : [name]));
  if (partial.length > 0) notes.push({ kind: "partial-tables", tables: partial });
  const mode = proxyModeOf(rules);
  if (mode === undefined) notes.push({ kind: "no-kube-proxy", other: otherProxyOf(rules) });
  else if (mode !== "iptables") notes.push({ kind: "proxy-mode", mode });
  return notes;
}

/** What is taken to be so on the way of a packet, and what else its destination has. */
export function notesOnWalk(
  rules: NodeRules,
  client: RulesClient,
  destination: RulesDestination,
  walk: Walk | undefined,
): readonly RulesNote[] {
  const bridges = bridgesOf(rules);
  return [
    ...notesOnInterface(rules, client),
    ...(bridges.length === 0 ? [] : [{ kind: "bridges", bridges } as const]),
    ...notesOnDestination(rules, client, destination, walk),
  ];
}

function notesOnInterface(rules: NodeRules, client: RulesClient): readonly RulesNote[] {
  const all = podInterfacesOf(rules);
  const [name] = all;
  return client.kind === "pod" && name !== undefined ? [{ kind: "pod-interface", name, count: all.length }] : [];
}

function notesOnDestination(
  rules: NodeRules,
  client: RulesClient,
  { ip, port, by }: RulesDestination,
  walk: Walk | undefined,
): readonly RulesNote[] {
  const isNamed = by.kind === "rules" || by.kind === "manifest";
  const isServed = (): boolean =>
    walk?.branches.some(({ verdict: end }) => end.kind === "delivered" && endpointAddressesOf(rules).has(end.ip)) ??
    false;
  const isTaken = walk?.branches.some(({ verdict }) => verdict.kind !== "unchanged") ?? false;
  const others = isTaken ? [] : addressesAt(rules, ip).filter((address) => address.port !== port);
  return [
    ...(isNamed && client.kind !== "pod" ? [{ kind: "name-of-the-cluster" } as const] : []),
    ...(podBlockOf(rules) === undefined && isServed() ? [{ kind: "endpoints-elsewhere" } as const] : []),
    ...(others.length > 0
      ? [
          {
            kind: "other-ports",
            ip,
            ports: [...new Set(others.map((address) => `${address.port}/${address.protocol}`))],
          } as const,
        ]
      : []),
  ];
}
