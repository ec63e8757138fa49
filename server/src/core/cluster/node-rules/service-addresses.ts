import { oncePer } from "../../base/once.ts";
import type { Rule, Table } from "../iptables/rule.ts";
import type { Protocol } from "../kube-proxy/proxy-input.ts";
import { readChainName } from "./chain-name.ts";
import type { NamedPort } from "./comment-name.ts";
import type { NodeRules } from "./node-rules.ts";
import { nameIn, protocols, rulesOf } from "./port-names.ts";

/** An address or node port under which a node serves, or refuses, a Service port. */
export interface ServiceAddress {
  readonly name: NamedPort;
  readonly protocol: Protocol;
  readonly as: "cluster-ip" | "external-ip" | "load-balancer" | "node-port";
  /** `undefined` for a node port: it is on every address of the node. */
  readonly ip: string | undefined;
  readonly port: number;
  /** `undefined` where it leads to no chain of the port: then it is refused, because there are no endpoints. */
  readonly chain: string | undefined;
  readonly refusal: "no-endpoints" | "no-local-endpoints" | undefined;
  readonly rule: Rule;
}

/** Every address of every Service in the rules of a node, in their order: those that are served, then those refused. */
export const listServiceAddresses: (rules: NodeRules) => readonly ServiceAddress[] = oncePer((rules) => [
  ...rulesOf(rules.nat, "KUBE-SERVICES").flatMap((rule) => servedAt(rules, rule) ?? []),
  ...rulesOf(rules.nat, "KUBE-NODEPORTS").flatMap((rule) => servedAt(rules, rule) ?? []),
  ...refusedIn(rules.filter, "KUBE-SERVICES"),
  ...refusedIn(rules.filter, "KUBE-EXTERNAL-SERVICES"),
]);

/** What a rule of nat leads to the chain of a port. */
function servedAt(rules: NodeRules, rule: Rule): ServiceAddress | undefined {
  const { target } = rule;
  if (target.kind !== "jump" || readChainName(target.chain) === undefined) return undefined;
  // Counted separately, and served by the next rule.
  if (rule.matches.some(({ kind }) => kind === "nfacct")) return undefined;
  const place = placeIn(rule);
  const name = nameIn(rule) ?? rules.portOf(target.chain)?.name;
  if (place === undefined || name === undefined) return undefined;
  const as = place.ip === undefined ? "node-port" : kindOf(rule);
  return { ...place, name, as, chain: target.chain, refusal: undefined, rule };
}

function refusedIn(filter: Table | undefined, chain: string): readonly ServiceAddress[] {
  return rulesOf(filter, chain).flatMap((rule): ServiceAddress[] => {
    const place = placeIn(rule);
    const name = nameIn(rule);
    const refusal = refusals.find(([words]) => commentOf(rule).endsWith(words))?.[1];
    if (place === undefined || name === undefined || refusal === undefined) return [];
    const as = place.ip === undefined ? "node-port" : chain === "KUBE-SERVICES" ? "cluster-ip" : "external-ip";
    return [{ ...place, name, as, chain: undefined, refusal, rule }];
  });
}

const refusals = [
  [" has no endpoints", "no-endpoints"],
  [" has no local endpoints", "no-local-endpoints"],
] as const;

/** The comment tells which kind of address it is; a rule without one is the plainest. */
function kindOf(rule: Rule): ServiceAddress["as"] {
  const said = commentOf(rule);
  if (said.endsWith(" external IP")) return "external-ip";
  return said.endsWith(" loadbalancer IP") ? "load-balancer" : "cluster-ip";
}

function commentOf({ matches }: Rule): string {
  for (const match of matches) if (match.kind === "comment") return match.text;
  return "";
}

/** The address, port and protocol that a rule asks for. */
function placeIn({ matches }: Rule): Pick<ServiceAddress, "ip" | "port" | "protocol"> | undefined {
  let ip: string | undefined;
  let port: number | undefined;
  let protocol: Protocol | undefined;
  for (const match of matches) {
    if (match.kind === "destination" && !match.negated) ip = match.block.replace(/\/(?:32|128)$/, "");
    else if (match.kind === "dport") port = match.port;
    else if (match.kind === "protocol") protocol = protocols.find((one) => one.toLowerCase() === match.protocol);
  }
  return port === undefined || protocol === undefined ? undefined : { ip, port, protocol };
}
