import { addKubeletRules } from "../iptables/kubelet-rules.ts";
import { matchPodTraffic } from "../iptables/local-traffic.ts";
import {
  accept,
  back,
  comment,
  ctstate,
  destinationIsLocal,
  drop,
  jump,
  mark,
  markForMasquerade,
  not,
  reject,
  source,
  sourceIsLocal,
} from "../iptables/matches.ts";
import type { Match, RuleSet } from "../iptables/rule.ts";
import { openTables, type Tables, type TableWriter } from "../iptables/rule-set-writer.ts";
import { isFrom, masqueradeMark, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import { protocolToken } from "../netfilter/packet.ts";
import type { CollectedSets } from "./collect-sets.ts";
import { knownSets, nameInFamily, type SetName } from "./known-sets.ts";
import { setRules } from "./set-rules.ts";

/**
 * The rules of iptables in IPVS mode: few, and of constant number, since the sets hold what differs. Rules on a set that
 * kube-proxy has nothing for are left out, but for those of the filters.
 */
export function generateIpvsRules(input: ProxyInput, collected: CollectedSets): RuleSet {
  const tables = openTables();
  const sync: Sync = { input, ...tables, collected };
  declareChains(sync);
  if (isFrom(input.config.release, 26)) tables.nat.rule("KUBE-SERVICES", [fromLoopback(input)], back);
  addSetRules(sync);
  addClusterIPs(sync);
  addExternalIPs(sync);
  tables.nat.rule("KUBE-SERVICES", [destinationIsLocal], jump("KUBE-NODE-PORT"));
  tables.nat.rule("KUBE-LOAD-BALANCER", [], markForMasquerade);
  tables.filter.rule("KUBE-SOURCE-RANGES-FIREWALL", [], drop);
  addOutFilter(sync);
  for (const name of ["KUBE-CLUSTER-IP", "KUBE-LOAD-BALANCER"] as const) {
    // Whatever stands behind KUBE-SERVICES, such as ports of the host, must not catch what is meant for IPVS.
    if (collected.wanted.has(name)) tables.nat.rule("KUBE-SERVICES", [inSet(sync, name, "dst,dst")], accept);
  }
  addConstantFilters(sync);
  addMasquerading(sync);
  addJumps(sync);
  return {
    family: input.family,
    tables: new Map([
      ["nat", tables.nat.finish()],
      ["filter", tables.filter.finish()],
    ]),
    sets: collected.sets,
    notes: [],
  };
}

interface Sync extends Tables {
  readonly input: ProxyInput;
  readonly collected: CollectedSets;
}

function declareChains({ input, nat, filter }: Sync): void {
  for (const chain of ["SERVICES", "POSTROUTING", "NODE-PORT", "LOAD-BALANCER", "MARK-MASQ"])
    nat.chain(`KUBE-${chain}`);
  for (const chain of ["FORWARD", "NODE-PORT", "PROXY-FIREWALL", "SOURCE-RANGES-FIREWALL"])
    filter.chain(`KUBE-${chain}`);
  if (hasFilter(input)) filter.chain("KUBE-IPVS-FILTER");
  if (hasOutFilter(input)) filter.chain("KUBE-IPVS-OUT-FILTER");
}

/** From 1.26 the ports of the node do not answer on addresses of Services. */
const hasFilter = ({ config }: ProxyInput): boolean => isFrom(config.release, 26);

/** From 1.29 source ranges keep the node itself out, too. */
const hasOutFilter = ({ config }: ProxyInput): boolean => isFrom(config.release, 29);

/** IPVS cannot serve 127.0.0.1, so nobody need try. */
const fromLoopback = ({ family }: ProxyInput): Match => source(family === "IPv4" ? "127.0.0.0/8" : "::1/128");

function addSetRules(sync: Sync): void {
  const { nat, filter, collected } = sync;
  for (const { set, table, chain, protocol, directions, target } of setRules) {
    if (!collected.wanted.has(set)) continue;
    const ofProtocol: readonly Match[] =
      protocol === undefined ? [] : [{ kind: "protocol-only", protocol, negated: false }];
    const writer = table === "nat" ? nat : filter;
    writer.rule(chain, [...ofProtocol, ...saidSet(sync, set, directions)], target);
  }
}

/** Traffic to cluster IPs that does not come from a pod must find its way back through this node. */
function addClusterIPs(sync: Sync): void {
  const { input, nat, collected } = sync;
  if (!collected.wanted.has("KUBE-CLUSTER-IP")) return;
  const fromPod = matchPodTraffic(input);
  const matches = input.config.masqueradeAll
    ? saidSet(sync, "KUBE-CLUSTER-IP", "dst,dst")
    : fromPod === undefined
      ? // The node itself speaks from the address of the Service, as that is local: this much is always masqueraded.
        saidSet(sync, "KUBE-CLUSTER-IP", "src,dst")
      : [...saidSet(sync, "KUBE-CLUSTER-IP", "dst,dst"), not(fromPod)];
  nat.rule("KUBE-SERVICES", matches, markForMasquerade);
}

function addExternalIPs(sync: Sync): void {
  const { nat, collected } = sync;
  for (const name of ["KUBE-EXTERNAL-IP", "KUBE-EXTERNAL-IP-LOCAL"] as const) {
    if (!collected.wanted.has(name)) continue;
    const toExternalIP = saidSet(sync, name, "dst,dst");
    if (name === "KUBE-EXTERNAL-IP") nat.rule("KUBE-SERVICES", toExternalIP, markForMasquerade);
    const fromOutside: readonly Match[] = [{ kind: "physdev-is-in", negated: true }, not(sourceIsLocal)];
    nat.rule("KUBE-SERVICES", [...toExternalIP, ...fromOutside], accept);
    nat.rule("KUBE-SERVICES", [...toExternalIP, destinationIsLocal], accept);
  }
}

/** What the node sends to a load balancer has its address on both ends, and has been through IPVS by then. */
function addOutFilter({ input, filter, collected }: Sync): void {
  if (!hasOutFilter(input)) return;
  for (const { ip, port } of collected.closedToNode) {
    const protocol = protocolToken(port.protocol);
    const through: Match = { kind: "ipvs", address: ip, protocol, port: port.port };
    filter.rule("KUBE-IPVS-OUT-FILTER", [source(ip), through], drop, { port });
  }
}

function addConstantFilters(sync: Sync): void {
  const { input, filter } = sync;
  const bit = masqueradeMark(input);
  filter.rule("KUBE-FORWARD", [comment("kubernetes forwarding rules"), mark(bit)], accept);
  const known = ctstate("RELATED", "ESTABLISHED");
  filter.rule("KUBE-FORWARD", [comment("kubernetes forwarding conntrack rule"), known], accept);
  filter.rule("KUBE-NODE-PORT", saidSet(sync, "KUBE-HEALTH-CHECK-NODE-PORT", "dst"), accept);
  if (!hasFilter(input)) return;
  for (const name of filteredSets) {
    const directions = knownSets[name].type === "bitmap:port" ? "dst" : "dst,dst";
    filter.rule("KUBE-IPVS-FILTER", [inSet(sync, name, directions)], back);
  }
  filter.rule("KUBE-IPVS-FILTER", [ctstate("NEW"), inSet(sync, "KUBE-IPVS-IPS", "dst")], reject);
}

/** What may be reached at addresses of Services. */
const filteredSets = [
  "KUBE-LOAD-BALANCER",
  "KUBE-CLUSTER-IP",
  "KUBE-EXTERNAL-IP",
  "KUBE-EXTERNAL-IP-LOCAL",
  "KUBE-HEALTH-CHECK-NODE-PORT",
] as const satisfies readonly SetName[];

function addMasquerading({ input, nat }: Sync): void {
  const bit = masqueradeMark(input);
  nat.rule("KUBE-POSTROUTING", [not(mark(bit))], back);
  nat.rule("KUBE-POSTROUTING", [], { kind: "mark", how: "xor", value: bit, mask: 0 });
  nat.rule("KUBE-POSTROUTING", [comment("kubernetes service traffic requiring SNAT")], {
    kind: "masquerade",
    randomFully: input.config.randomFully,
  });
  nat.rule("KUBE-MARK-MASQ", [], { kind: "mark", how: "or", value: bit, mask: bit });
}

/** The jumps from the built-in chains, in the order in which they stand on an otherwise empty node: each is put on top. */
function addJumps({ input, nat, filter }: Sync): void {
  const insert = (table: TableWriter, from: string, to: string, said: string): void =>
    table.foreignRule(from, "kernel", [comment(said)], jump(to));
  if (hasFilter(input)) insert(filter, "INPUT", "KUBE-IPVS-FILTER", "kubernetes ipvs access filter");
  insert(filter, "INPUT", "KUBE-PROXY-FIREWALL", "kube-proxy firewall rules");
  insert(filter, "INPUT", "KUBE-NODE-PORT", "kubernetes health check rules");
  insert(filter, "FORWARD", "KUBE-PROXY-FIREWALL", "kube-proxy firewall rules");
  insert(filter, "FORWARD", "KUBE-FORWARD", "kubernetes forwarding rules");
  if (hasOutFilter(input)) insert(filter, "OUTPUT", "KUBE-IPVS-OUT-FILTER", "kubernetes ipvs access filter");
  insert(nat, "PREROUTING", "KUBE-SERVICES", "kubernetes service portals");
  insert(nat, "OUTPUT", "KUBE-SERVICES", "kubernetes service portals");
  insert(nat, "POSTROUTING", "KUBE-POSTROUTING", "kubernetes postrouting rules");
  addKubeletRules(input, { nat, filter });
}

const inSet = ({ input }: Sync, name: SetName, directions: string): Match => ({
  kind: "set",
  set: nameInFamily(name, input.family),
  directions,
  negated: false,
});

const saidSet = (sync: Sync, name: SetName, directions: string): readonly Match[] => [
  comment(knownSets[name].comment),
  inSet(sync, name, directions),
];
