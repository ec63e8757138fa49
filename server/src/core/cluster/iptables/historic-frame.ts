import { familyOf } from "../../base/ip.ts";
import { isFrom, masqueradeMark, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import { addProxyCanary } from "./canaries.ts";
import { addKubeletRules } from "./kubelet-rules.ts";
import { accept, back, comment, ctstate, destination, drop, jump, mark, not, source } from "./matches.ts";
import { nodePortMatches } from "./node-port-matches.ts";
import type { Match } from "./rule.ts";
import type { Tables, TableWriter } from "./rule-set-writer.ts";

/** Opens both tables as kube-proxy 1.2 to 1.24 did. */
export function addConstantChains(input: ProxyInput, { nat, filter }: Tables): void {
  const { release } = input.config;
  filter.chain("KUBE-SERVICES");
  if (isFrom(release, 10)) filter.chain("KUBE-EXTERNAL-SERVICES");
  if (isFrom(release, 9)) filter.chain("KUBE-FORWARD");
  if (isFrom(release, 20)) filter.chain("KUBE-NODEPORTS");

  for (const chain of ["KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"]) nat.chain(chain);
  const bit = masqueradeMark(input);
  const why = comment("kubernetes service traffic requiring SNAT");
  const masquerade = { kind: "masquerade", randomFully: isFrom(release, 16) && input.config.randomFully } as const;
  if (isFrom(release, 19)) {
    nat.rule("KUBE-POSTROUTING", [not(mark(bit))], back);
    nat.rule("KUBE-POSTROUTING", [], { kind: "mark", how: "xor", value: bit, mask: 0 });
    nat.rule("KUBE-POSTROUTING", [why], masquerade);
  } else {
    nat.rule("KUBE-POSTROUTING", [why, mark(bit)], masquerade);
  }
  const how = isFrom(release, 19) ? "or" : "set";
  nat.rule("KUBE-MARK-MASQ", [], { kind: "mark", how, value: bit, mask: bit });
}

/** Closes both tables. KUBE-FORWARD lets what was once accepted pass under a policy of DROP; from 1.9. */
export function closeTables(input: ProxyInput, { nat, filter }: Tables): void {
  const { release } = input.config;
  if (isFrom(release, 15)) filter.rule("KUBE-FORWARD", [ctstate("INVALID")], drop);
  if (isFrom(release, 9)) {
    filter.rule("KUBE-FORWARD", [comment("kubernetes forwarding rules"), mark(masqueradeMark(input))], accept);
    for (const matches of acceptedReplies(input)) filter.rule("KUBE-FORWARD", matches, accept);
  }
  const last = comment("kubernetes service nodeports; NOTE: this must be the last rule in this chain");
  for (const matches of nodePortMatches(input)) nat.rule("KUBE-SERVICES", [last, ...matches], jump("KUBE-NODEPORTS"));
}

/** Packets of known connections: of pods only up to 1.17, two rules that say the same up to 1.22, one after. */
function acceptedReplies({ config, family }: ProxyInput): readonly (readonly Match[])[] {
  const known = ctstate("RELATED", "ESTABLISHED");
  if (isFrom(config.release, 23)) return [[comment("kubernetes forwarding conntrack rule"), known]];
  const fromPod = comment("kubernetes forwarding conntrack pod source rule");
  const toPod = comment("kubernetes forwarding conntrack pod destination rule");
  if (isFrom(config.release, 18)) {
    return [
      [fromPod, known],
      [toPod, known],
    ];
  }
  const { detectLocal } = config;
  const blocks = detectLocal.mode === "ClusterCIDR" ? detectLocal.cidrs : [];
  const block = blocks.find((candidate) => familyOf(candidate) === family);
  if (block === undefined) return [];
  return [
    [source(block), fromPod, known],
    [toPod, destination(block), known],
  ];
}

/** Adds the jumps from the built-in chains, in the order in which they stand on an otherwise empty node. */
export function addJumps(input: ProxyInput, tables: Tables): void {
  const { nat, filter } = tables;
  const from = (minor: number): boolean => isFrom(input.config.release, minor);
  const insert = (table: TableWriter, chain: string, to: string, matches: readonly Match[]): void =>
    table.foreignRule(chain, "kernel", matches, jump(to));
  // Up to 1.9 each packet runs through all Services in the filter; later only the first of a connection.
  const onlyNew = from(10) ? [ctstate("NEW")] : [];
  const portals = comment("kubernetes service portals");
  const visible = [...onlyNew, comment("kubernetes externally-visible service portals")];

  if (from(20)) insert(filter, "INPUT", "KUBE-NODEPORTS", [comment("kubernetes health check service ports")]);
  if ((from(6) && !from(10)) || (from(13) && !from(20))) {
    insert(filter, "INPUT", "KUBE-SERVICES", [...onlyNew, portals]);
  }
  if (from(10)) insert(filter, "INPUT", "KUBE-EXTERNAL-SERVICES", visible);

  const forwarding = comment(from(10) ? "kubernetes forwarding rules" : "kubernetes forward rules");
  if (from(9)) insert(filter, "FORWARD", "KUBE-FORWARD", [forwarding]);
  // 1.13.6; until then pods waited in vain for a Service without endpoints.
  if (from(13)) insert(filter, "FORWARD", "KUBE-SERVICES", [...onlyNew, portals]);
  if (from(20)) insert(filter, "FORWARD", "KUBE-EXTERNAL-SERVICES", visible);

  insert(filter, "OUTPUT", "KUBE-SERVICES", [...onlyNew, portals]);

  insert(nat, "PREROUTING", "KUBE-SERVICES", [portals]);
  insert(nat, "OUTPUT", "KUBE-SERVICES", [portals]);
  insert(nat, "POSTROUTING", "KUBE-POSTROUTING", [comment("kubernetes postrouting rules")]);
  addProxyCanary(input, tables);
  addKubeletRules(input, tables);
}
