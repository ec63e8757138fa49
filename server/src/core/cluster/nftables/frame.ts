import { contains, familyOf } from "../../base/ip.ts";
import { familyAddresses, nodePortBlocks, primaryByDefault } from "../kube-proxy/node-addresses.ts";
import { masqueradeMark, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import { isLoopback } from "../netfilter/packet.ts";
import type { Hook } from "../netfilter/walk.ts";
import { matchPodTraffic } from "./pod-traffic.ts";
import { checksAfterDnat, isInlined, knowsServiceCIDRs } from "./releases.ts";
import {
  address,
  addressIn,
  ctNew,
  drop,
  flipMark,
  inSet,
  isLocal,
  jump,
  lookUp,
  masquerade,
  noTarget,
  not,
  reject,
  setMark,
} from "./statements.ts";
import type { BaseChain, Field, NftMatch } from "./table.ts";
import type { TableWriter } from "./table-writer.ts";

/** What every node has: base chains, the chains that they lead to, and the sets and maps that these look into. */
export function addFrame(input: ProxyInput, table: TableWriter): void {
  const { release } = input.config;
  for (const [name, base] of baseChains(checksAfterDnat(release))) table.chain(name, { base });
  for (const [from, to, matches] of jumps(checksAfterDnat(release))) {
    table.chain(to);
    table.rule(from, matches, jump(to));
  }
  if (!isInlined(release)) table.chain("mark-for-masquerade");
  table.chain("reject-chain", { comment: "helper for @no-endpoint-services / @no-endpoint-nodeports" });
  table.rule("reject-chain", [], reject);
  addMasquerading(input, table);
  addClusterIPs(input, table);
  addMaps(input, table);
}

const base = (type: BaseChain["type"], hook: Hook, priority: number): BaseChain => ({ type, hook, priority });

/** In the order in which kube-proxy creates them. */
function baseChains(afterDnat: boolean): readonly (readonly [string, BaseChain])[] {
  const filters = afterDnat
    ? ([
        ["filter-prerouting-pre-dnat", base("filter", "PREROUTING", -110)],
        ["filter-output-pre-dnat", base("filter", "OUTPUT", -110)],
        ["filter-input", base("filter", "INPUT", 0)],
        ["filter-forward", base("filter", "FORWARD", 0)],
        ["filter-output", base("filter", "OUTPUT", 0)],
      ] as const)
    : ([
        ["filter-prerouting", base("filter", "PREROUTING", -110)],
        ["filter-input", base("filter", "INPUT", -110)],
        ["filter-forward", base("filter", "FORWARD", -110)],
        ["filter-output", base("filter", "OUTPUT", -110)],
        ["filter-output-post-dnat", base("filter", "OUTPUT", -90)],
      ] as const);
  return [
    ...filters,
    ["nat-prerouting", base("nat", "PREROUTING", -100)],
    ["nat-output", base("nat", "OUTPUT", -100)],
    ["nat-postrouting", base("nat", "POSTROUTING", 100)],
  ];
}

/** From base chains to the others, in the order in which kube-proxy writes them. */
function jumps(afterDnat: boolean): readonly (readonly [string, string, readonly NftMatch[]])[] {
  return [
    ["filter-input", "nodeport-endpoints-check", [ctNew]],
    ["filter-input", "service-endpoints-check", [ctNew]],
    ["filter-forward", "service-endpoints-check", [ctNew]],
    ["filter-output", "service-endpoints-check", [ctNew]],
    [afterDnat ? "filter-prerouting-pre-dnat" : "filter-prerouting", "firewall-check", [ctNew]],
    [afterDnat ? "filter-output-pre-dnat" : "filter-output", "firewall-check", [ctNew]],
    ["nat-output", "services", []],
    ["nat-prerouting", "services", []],
    ["nat-postrouting", "masquerading", []],
    ["filter-forward", "cluster-ips-check", [ctNew]],
    [afterDnat ? "filter-output" : "filter-output-post-dnat", "cluster-ips-check", [ctNew]],
  ];
}

function addMasquerading(input: ProxyInput, table: TableWriter): void {
  const mask = masqueradeMark(input);
  if (isInlined(input.config.release)) {
    table.set("hairpin-connections", ["address", "address", "protocol", "port"], {
      comment: "service hairpin connections",
    });
    table.rule("masquerading", [{ kind: "marked", mask, negated: true }], masquerade, { effects: [flipMark(mask)] });
    const hairpin = inSet("hairpin-connections", "source", "destination", "protocol", "dport");
    table.rule("masquerading", [{ kind: "ct-dnat" }, hairpin], masquerade);
    return;
  }
  table.rule("mark-for-masquerade", [], noTarget, { effects: [setMark(mask)] });
  table.rule("masquerading", [{ kind: "marked", mask, negated: false }], { kind: "return" });
  // The mark goes before the packet leaves: on a second trip, such as into a tunnel, it must not be translated again.
  table.rule("masquerading", [], noTarget, { effects: [flipMark(mask)] });
  table.rule("masquerading", [], masquerade);
}

/** What is left to say of packets for cluster IPs that nothing has translated. */
function addClusterIPs({ family, config }: ProxyInput, table: TableWriter): void {
  table.set("cluster-ips", ["address"], { comment: "Active ClusterIPs" });
  table.rule("cluster-ips-check", [inSet("cluster-ips", "destination")], reject, {
    comment: "Reject traffic to invalid ports of ClusterIPs",
  });
  const blocks = config.serviceCIDRs.filter((block) => familyOf(block) === family);
  if (blocks.length === 0 || !knowsServiceCIDRs(config.release)) return;
  table.rule("cluster-ips-check", [addressIn("destination", blocks)], drop, {
    comment: "Drop traffic to unallocated ClusterIPs",
  });
}

function addMaps(input: ProxyInput, table: TableWriter): void {
  const service: readonly Field[] = ["destination", "protocol", "dport"];
  const nodePort: readonly Field[] = ["protocol", "dport"];
  const addresses = nodePortIPs(input);
  const toNode = not(address("destination", loopbackBlock[input.family]));
  const accepts = inSet("nodeport-ips", "destination");
  if (addresses !== undefined) {
    table.set("nodeport-ips", ["address"], { comment: "IPs that accept NodePort traffic" });
    for (const ip of addresses) table.element("nodeport-ips", [ip]);
  }
  const refusal = "vmap to drop or reject packets to";
  table.map("no-endpoint-services", serviceKey, `${refusal} services with no endpoints`);
  table.map("no-endpoint-nodeports", nodePortKey, `${refusal} service nodeports with no endpoints`);
  table.rule("service-endpoints-check", [], lookUp("no-endpoint-services", ...service));
  const check = lookUp("no-endpoint-nodeports", ...nodePort);
  table.rule("nodeport-endpoints-check", [addresses === undefined ? toNode : accepts], check);
  table.map("firewall-ips", serviceKey, "destinations that are subject to LoadBalancerSourceRanges");
  table.rule("firewall-check", [], lookUp("firewall-ips", ...service));
  table.map("service-ips", serviceKey, "ClusterIP, ExternalIP and LoadBalancer IP traffic");
  table.map("service-nodeports", nodePortKey, "NodePort traffic");
  addClusterIPMasquerade(input, table);
  table.rule("services", [], lookUp("service-ips", ...service));
  const onNode = addresses === undefined ? [isLocal("destination"), toNode] : [accepts];
  table.rule("services", onNode, lookUp("service-nodeports", ...nodePort));
}

const serviceKey = ["address", "protocol", "port"] as const;
const nodePortKey = ["protocol", "port"] as const;
const loopbackBlock = { IPv4: "127.0.0.0/8", IPv6: "::1" } as const;

/** From 1.36 one rule for all Services: traffic to a cluster IP that is no pod's must find its way back. */
function addClusterIPMasquerade(input: ProxyInput, table: TableWriter): void {
  const { masqueradeAll, release } = input.config;
  if (!isInlined(release)) return;
  const fromPod = matchPodTraffic(input);
  const toCluster = inSet("cluster-ips", "destination");
  const effects = [setMark(masqueradeMark(input))];
  if (masqueradeAll) {
    table.rule("services", [toCluster], noTarget, { effects, comment: "masquerade all clusterIP traffic" });
  } else if (fromPod !== undefined) {
    const comment = "masquerade clusterIP traffic from outside cluster";
    table.rule("services", [toCluster, not(fromPod)], noTarget, { effects, comment });
  }
}

/** The addresses that node ports answer on, never loopback: only the primary one unless configured; `undefined`: all. */
function nodePortIPs(input: ProxyInput): readonly string[] | undefined {
  const addresses = familyAddresses(input);
  const blocks = nodePortBlocks(primaryByDefault(input));
  if (blocks === "primary") return addresses.slice(0, 1);
  if (blocks.some(({ prefix }) => prefix === 0)) return undefined;
  return addresses.filter((ip) => !isLoopback(ip) && blocks.some((block) => contains(block, ip)));
}
