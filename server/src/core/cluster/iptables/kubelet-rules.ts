import { isFrom, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import { comment, ctstate, destination, drop, jump, mark, not, source } from "./matches.ts";
import type { Match } from "./rule.ts";
import type { TableWriter } from "./rule-set-writer.ts";

/** The two tables that Kubernetes writes Services to. */
export interface Tables {
  readonly nat: TableWriter;
  readonly filter: TableWriter;
}

/**
 * Adds the chains that the kubelet kept until kube-proxy needed them no more: packets marked in nat are dropped in
 * filter, where nat may not drop. Modelled up to 1.25; the kubelet comes up first, so kube-proxy's jumps stand above.
 * @see https://github.com/kubernetes/kubernetes/blob/release-1.25/pkg/kubelet/kubelet_network_linux.go
 */
export function addKubeletRules({ family, config }: ProxyInput, { nat, filter }: Tables): void {
  const { release } = config;
  if (!isFrom(release, 3) || isFrom(release, 26)) return;
  nat.foreignRule("KUBE-MARK-DROP", "kubelet", [], { kind: "mark", how: "or", value: DROP_MARK, mask: DROP_MARK });
  const marked = [comment("kubernetes firewall for dropping marked packets"), mark(DROP_MARK)];
  filter.foreignRule("KUBE-FIREWALL", "kubelet", marked, drop);
  if (family === "IPv4" && isFrom(release, 19)) filter.foreignRule("KUBE-FIREWALL", "kubelet", spoofedLocalhost, drop);
  filter.foreignRule("INPUT", "kernel", [], jump("KUBE-FIREWALL"));
  filter.foreignRule("OUTPUT", "kernel", [], jump("KUBE-FIREWALL"));
}

/** Node ports on localhost need `route_localnet`, which lets strangers address 127.0.0.1; this stops them. */
export const spoofedLocalhost: readonly Match[] = [
  comment("block incoming localnet connections"),
  destination("127.0.0.0/8"),
  not(source("127.0.0.0/8")),
  not(ctstate("RELATED", "ESTABLISHED", "DNAT")),
];

/** Bit 15, the kubelet's `iptablesDropBit`. */
const DROP_MARK = 0x8000;
