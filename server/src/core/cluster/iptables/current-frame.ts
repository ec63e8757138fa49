import { isFrom, masqueradeMark, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import { addProxyCanary } from "./canaries.ts";
import { addKubeletRules, spoofedLocalhost } from "./kubelet-rules.ts";
import { accept, back, comment, ctstate, drop, jump, mark, not } from "./matches.ts";
import { hasLocalhostNodePorts, nodePortMatches } from "./node-port-matches.ts";
import type { Match } from "./rule.ts";
import type { Tables, TableWriter } from "./rule-set-writer.ts";

/** Opens both tables: the chains that every node has, and the rules that stand before all Services. */
export function addConstantChains(input: ProxyInput, { nat, filter }: Tables): void {
  const filterChains = [
    "KUBE-SERVICES",
    "KUBE-EXTERNAL-SERVICES",
    "KUBE-FORWARD",
    "KUBE-NODEPORTS",
    "KUBE-PROXY-FIREWALL",
  ];
  for (const chain of filterChains) filter.chain(chain);
  if (guardsLocalhost(input)) filter.rule("KUBE-FIREWALL", spoofedLocalhost, drop);

  for (const chain of ["KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"]) nat.chain(chain);
  const bit = masqueradeMark(input);
  nat.rule("KUBE-POSTROUTING", [not(mark(bit))], back);
  // The mark goes before the packet leaves: on a second trip, such as into a tunnel, it must not be translated again.
  nat.rule("KUBE-POSTROUTING", [], { kind: "mark", how: "xor", value: bit, mask: 0 });
  nat.rule("KUBE-POSTROUTING", [comment("kubernetes service traffic requiring SNAT")], {
    kind: "masquerade",
    randomFully: input.config.randomFully,
  });
  nat.rule("KUBE-MARK-MASQ", [], { kind: "mark", how: "or", value: bit, mask: bit });
}

/** Closes both tables with the rules that stand after all Services. */
export function closeTables(input: ProxyInput, { nat, filter }: Tables): void {
  const { config } = input;
  if (!(config.conntrackLiberal && isFrom(config.release, 29))) {
    const counted: readonly Match[] =
      config.counters && isFrom(config.release, 32) ? [{ kind: "nfacct", name: "ct_state_invalid_dropped_pkts" }] : [];
    filter.rule("KUBE-FORWARD", [ctstate("INVALID"), ...counted], drop);
  }
  filter.rule("KUBE-FORWARD", [comment("kubernetes forwarding rules"), mark(masqueradeMark(input))], accept);
  const known = ctstate("RELATED", "ESTABLISHED");
  filter.rule("KUBE-FORWARD", [comment("kubernetes forwarding conntrack rule"), known], accept);

  const last = comment("kubernetes service nodeports; NOTE: this must be the last rule in this chain");
  for (const matches of nodePortMatches(input)) nat.rule("KUBE-SERVICES", [last, ...matches], jump("KUBE-NODEPORTS"));
}

/**
 * Adds the jumps from the built-in chains, in the order in which they stand on an otherwise empty node:
 * kube-proxy puts each at the top, so the last one inserted comes first.
 */
export function addJumps(input: ProxyInput, { nat, filter }: Tables): void {
  const insert = (table: TableWriter, from: string, to: string, matches: readonly Match[]): void =>
    table.foreignRule(from, "kernel", matches, jump(to));
  const isNew = ctstate("NEW");
  const firewall = [isNew, comment("kubernetes load balancer firewall")];
  const portals = [isNew, comment("kubernetes service portals")];
  const visible = [isNew, comment("kubernetes externally-visible service portals")];
  const guard = guardsLocalhost(input);

  if (guard) insert(filter, "INPUT", "KUBE-FIREWALL", []);
  insert(filter, "INPUT", "KUBE-PROXY-FIREWALL", firewall);
  insert(filter, "INPUT", "KUBE-NODEPORTS", [comment("kubernetes health check service ports")]);
  insert(filter, "INPUT", "KUBE-EXTERNAL-SERVICES", visible);

  insert(filter, "FORWARD", "KUBE-PROXY-FIREWALL", firewall);
  insert(filter, "FORWARD", "KUBE-FORWARD", [comment("kubernetes forwarding rules")]);
  insert(filter, "FORWARD", "KUBE-SERVICES", portals);
  insert(filter, "FORWARD", "KUBE-EXTERNAL-SERVICES", visible);

  if (guard) insert(filter, "OUTPUT", "KUBE-FIREWALL", []);
  insert(filter, "OUTPUT", "KUBE-PROXY-FIREWALL", firewall);
  insert(filter, "OUTPUT", "KUBE-SERVICES", portals);

  insert(nat, "PREROUTING", "KUBE-SERVICES", [comment("kubernetes service portals")]);
  insert(nat, "OUTPUT", "KUBE-SERVICES", [comment("kubernetes service portals")]);
  insert(nat, "POSTROUTING", "KUBE-POSTROUTING", [comment("kubernetes postrouting rules")]);
  addProxyCanary(input, { nat, filter });
  addKubeletRules(input, { nat, filter }, guard);
}

/** From 1.26 kube-proxy itself guards 127.0.0.1. */
const guardsLocalhost = (input: ProxyInput): boolean =>
  isFrom(input.config.release, 26) && hasLocalhostNodePorts(input);
