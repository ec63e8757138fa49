import { isFrom, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import { addKubeletCanary } from "./canaries.ts";
import { comment, ctstate, destination, drop, jump, mark, not, source } from "./matches.ts";
import type { Match } from "./rule.ts";
import type { Tables } from "./rule-set-writer.ts";

/**
 * Adds the kubelet's own rules: up to 1.26 packets that nat has marked are dropped in filter, since nat may not drop;
 * from 1.19 on strangers are kept from 127.0.0.1. The kubelet comes up first, so kube-proxy's jumps stand above its own.
 * @param isGuarded whether kube-proxy itself keeps strangers from 127.0.0.1, in the same chain and words
 * @see https://github.com/kubernetes/kubernetes/blob/release-1.26/pkg/kubelet/kubelet_network_linux.go
 */
export function addKubeletRules(input: ProxyInput, { nat, filter }: Tables, isGuarded = false): void {
  const { family, config } = input;
  const from = (minor: number): boolean => isFrom(config.release, minor);
  if (!from(3)) return;
  addKubeletCanary(input, { nat, filter });
  const guards = family === "IPv4" && from(19) && !isGuarded;
  const guard = (): void => {
    if (guards) filter.foreignRule("KUBE-FIREWALL", "kubelet", spoofedLocalhost, drop);
  };
  if (from(25)) guard();
  if (!from(27)) {
    nat.foreignRule("KUBE-MARK-DROP", "kubelet", [], { kind: "mark", how: "or", value: DROP_MARK, mask: DROP_MARK });
    const marked = [comment("kubernetes firewall for dropping marked packets"), mark(DROP_MARK)];
    filter.foreignRule("KUBE-FIREWALL", "kubelet", marked, drop);
  }
  if (!from(25)) guard();
  // From 1.25 on nothing leads to the chain in IPv6.
  if (isGuarded || (family === "IPv6" && from(25))) return;
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
