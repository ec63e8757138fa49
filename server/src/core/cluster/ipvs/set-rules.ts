import { back, jump, markForMasquerade } from "../iptables/matches.ts";
import type { Target } from "../iptables/rule.ts";
import type { ProtocolToken } from "../netfilter/packet.ts";
import type { SetName } from "./known-sets.ts";

/**
 * The rules on one set each, in kube-proxy's order; local node ports must come before all node ports.
 * @see https://github.com/kubernetes/kubernetes/blob/release-1.34/pkg/proxy/ipvs/proxier.go `ipsetWithIptablesChain`
 */
export const setRules: readonly SetRule[] = [
  {
    set: "KUBE-LOOP-BACK",
    table: "nat",
    chain: "KUBE-POSTROUTING",
    directions: "dst,dst,src",
    target: { kind: "masquerade", randomFully: false },
  },
  {
    set: "KUBE-LOAD-BALANCER",
    table: "nat",
    chain: "KUBE-SERVICES",
    directions: "dst,dst",
    target: jump("KUBE-LOAD-BALANCER"),
  },
  {
    set: "KUBE-LOAD-BALANCER-LOCAL",
    table: "nat",
    chain: "KUBE-LOAD-BALANCER",
    directions: "dst,dst",
    target: back,
  },
  {
    set: "KUBE-LOAD-BALANCER-FW",
    table: "filter",
    chain: "KUBE-PROXY-FIREWALL",
    directions: "dst,dst",
    target: jump("KUBE-SOURCE-RANGES-FIREWALL"),
  },
  {
    set: "KUBE-LOAD-BALANCER-SOURCE-CIDR",
    table: "filter",
    chain: "KUBE-SOURCE-RANGES-FIREWALL",
    directions: "dst,dst,src",
    target: back,
  },
  {
    set: "KUBE-LOAD-BALANCER-SOURCE-IP",
    table: "filter",
    chain: "KUBE-SOURCE-RANGES-FIREWALL",
    directions: "dst,dst,src",
    target: back,
  },
  ...nodePortRules("tcp", "KUBE-NODE-PORT-LOCAL-TCP", "KUBE-NODE-PORT-TCP", "dst"),
  ...nodePortRules("udp", "KUBE-NODE-PORT-LOCAL-UDP", "KUBE-NODE-PORT-UDP", "dst"),
  ...nodePortRules("sctp", "KUBE-NODE-PORT-LOCAL-SCTP-HASH", "KUBE-NODE-PORT-SCTP-HASH", "dst,dst"),
];

/** A rule that looks packets up in a set. */
interface SetRule {
  readonly set: SetName;
  readonly table: "nat" | "filter";
  readonly chain: string;
  readonly protocol?: ProtocolToken;
  readonly directions: string;
  readonly target: Target;
}

function nodePortRules(protocol: ProtocolToken, local: SetName, all: SetName, directions: string): readonly SetRule[] {
  const shared = { table: "nat", chain: "KUBE-NODE-PORT", protocol, directions } as const;
  return [
    { ...shared, set: local, target: back },
    { ...shared, set: all, target: markForMasquerade },
  ];
}
