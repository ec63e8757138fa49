import { oncePer } from "../../base/once.ts";
import { rulesTo } from "../iptables/chain-index.ts";
import { readChainName } from "../iptables/chain-names.ts";
import type { Chain, Rule, Table } from "../iptables/rule.ts";
import type { Protocol } from "../kube-proxy/proxy-input.ts";
import { bareAddress } from "../netfilter/addresses.ts";
import type { PortName } from "./comment-name.ts";
import type { NodeRules } from "./node-rules.ts";
import { commentOf, nameIn, protocols } from "./port-names.ts";

/** An address or node port under which a node serves, or refuses, a Service port. */
export interface ServiceAddress {
  readonly name: PortName;
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
export const listServiceAddresses: (rules: NodeRules) => readonly ServiceAddress[] = oncePer((rules) =>
  readAddresses(rules, (chain) => chain.rules),
);

/** Those of one Service. Of the rules of all others only the comments are looked at. */
export const addressesOfService = (rules: NodeRules, namespace: string, service: string): readonly ServiceAddress[] =>
  readAddresses(rules, (chain) => chain.rules.filter((rule) => mayName(rule, namespace, service))).filter(
    ({ name }) => name.namespace === namespace && name.service === service,
  );

/** Those with one IP address. No rules of others are looked at. */
export const addressesAt = (rules: NodeRules, ip: string): readonly ServiceAddress[] =>
  readAddresses(rules, (chain) => rulesTo(chain, ip));

/** @param choose the rules of a chain that matter */
function readAddresses(rules: NodeRules, choose: (chain: Chain) => readonly Rule[]): readonly ServiceAddress[] {
  const chosen = (table: Table | undefined, name: string): readonly Rule[] => {
    const chain = table?.chains.get(name);
    return chain === undefined ? [] : choose(chain);
  };
  const refused = (name: "KUBE-SERVICES" | "KUBE-EXTERNAL-SERVICES"): readonly ServiceAddress[] =>
    chosen(rules.filter, name).flatMap((rule) => refusedBy(rule, name) ?? []);
  return [
    ...["KUBE-SERVICES", "KUBE-NODEPORTS"].flatMap((name) =>
      chosen(rules.nat, name).flatMap((rule) => servedAt(rules, rule) ?? []),
    ),
    ...refused("KUBE-SERVICES"),
    ...refused("KUBE-EXTERNAL-SERVICES"),
  ];
}

/** Whether a rule may be one of a Service's, by the slash in its comment. One without any may be known by its chain. */
export function mayName(rule: Rule, namespace: string, service: string): boolean {
  const said = commentOf(rule);
  const slash = said.indexOf("/");
  return slash < 0 || (said.startsWith(service, slash + 1) && said.slice(0, slash).endsWith(namespace));
}

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

/** What a rule of filter refuses. */
function refusedBy(rule: Rule, chain: "KUBE-SERVICES" | "KUBE-EXTERNAL-SERVICES"): ServiceAddress | undefined {
  // Cut off, perhaps within the port.
  if (rule.target.kind === "none") return undefined;
  const place = placeIn(rule);
  const name = nameIn(rule);
  const refusal = refusals.find(([words]) => commentOf(rule).endsWith(words))?.[1];
  if (place === undefined || name === undefined || refusal === undefined) return undefined;
  const as = place.ip === undefined ? "node-port" : chain === "KUBE-SERVICES" ? "cluster-ip" : "external-ip";
  return { ...place, name, as, chain: undefined, refusal, rule };
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

/** The address, port and protocol that a rule asks for. */
function placeIn({ matches }: Rule): Pick<ServiceAddress, "ip" | "port" | "protocol"> | undefined {
  let ip: string | undefined;
  let port: number | undefined;
  let protocol: Protocol | undefined;
  for (const match of matches) {
    if (match.kind === "destination" && !match.negated) ip = bareAddress(match.block);
    else if (match.kind === "dport") port = match.port;
    else if (match.kind === "protocol") protocol = protocols.find((one) => one.toLowerCase() === match.protocol);
  }
  return port === undefined || protocol === undefined ? undefined : { ip, port, protocol };
}
