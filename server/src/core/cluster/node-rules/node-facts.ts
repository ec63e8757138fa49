import { type Cidr, contains, familyOf, parseCidr } from "../../base/ip.ts";
import { oncePer } from "../../base/once.ts";
import type { Match, Rule } from "../iptables/rule.ts";
import { readChainName } from "./chain-name.ts";
import type { NodeRules } from "./node-rules.ts";
import { rulesOf } from "./port-names.ts";

/** How kube-proxy runs on a node, as its chains tell; `undefined` where it has left none. */
export function proxyModeOf({ nat, filter }: NodeRules): "iptables" | "ipvs" | "userspace" | undefined {
  const has = (chain: string): boolean => nat?.chains.has(chain) ?? false;
  if (has("KUBE-LOAD-BALANCER") || has("KUBE-NODE-PORT")) return "ipvs";
  if (has("KUBE-PORTALS-CONTAINER") || has("KUBE-PORTALS-HOST")) return "userspace";
  return has("KUBE-SERVICES") || has("KUBE-NODEPORTS") || filter?.chains.has("KUBE-FORWARD") ? "iptables" : undefined;
}

/** What leaves chains of its own where it stands in for kube-proxy, or takes the connections of a pod before it. */
export type OtherProxy = "istio" | "linkerd" | "cilium" | "ovn-kubernetes" | "kube-router";

/** Whose chains there are besides; of several the first that takes a packet. */
export function otherProxyOf({ ruleSet }: NodeRules): OtherProxy | undefined {
  const names = [...ruleSet.tables.values()].flatMap(({ chains }) => [...chains.keys()]);
  return othersByChain.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
}

const othersByChain: readonly (readonly [chain: RegExp, proxy: OtherProxy])[] = [
  [/^ISTIO_(?:INBOUND|OUTPUT|REDIRECT|PRERT)$/, "istio"],
  [/^PROXY_INIT_(?:REDIRECT|OUTPUT)$/, "linkerd"],
  [/^CILIUM_(?:PRE|OUTPUT|POST|FORWARD|INPUT)/, "cilium"],
  [/^OVN-KUBE-(?:NODEPORT|EXTERNALIP|ITP|ETP)$/, "ovn-kubernetes"],
  [/^KUBE-ROUTER-(?:SERVICES|HAIRPIN)$/, "kube-router"],
];

type PodTraffic = Extract<Match, { kind: "source" | "in-interface" }>;

/** How the rules tell traffic of pods: the match of those that keep the addresses of pods. */
export const podTrafficOf: (rules: NodeRules) => PodTraffic | undefined = oncePer((rules) => {
  for (const rule of rules.referrersOf("nat", "KUBE-MARK-MASQ")) {
    const match = rule.matches.find(isDetector);
    if (match !== undefined && isAboutClusterIPs(rule)) return { ...match, negated: false };
  }
  for (const { rules: own } of rules.nat?.chains.values() ?? []) {
    for (const rule of own) {
      if (!rule.matches.some((match) => match.kind === "comment" && match.text.startsWith("pod traffic for ")))
        continue;
      for (const match of rule.matches) if (isPodMatch(match) && !match.negated) return match;
    }
  }
  return undefined;
});

/**
 * The network of the pods: the one by which kube-proxy tells them, else the smallest that any rule names of those that
 * hold most endpoints.
 */
export const podBlockOf: (rules: NodeRules) => Cidr | undefined = oncePer((rules) => {
  const traffic = podTrafficOf(rules);
  if (traffic?.kind === "source") return parseCidr(traffic.block);
  const endpoints = [...endpointAddressesOf(rules)];
  const names = new Set<string>();
  for (const { chains } of rules.ruleSet.tables.values()) {
    for (const chain of chains.values()) {
      for (const { matches } of chain.rules) {
        for (const match of matches) if (match.kind === "source" && !isHost(match.block)) names.add(match.block);
      }
    }
  }
  let best: { readonly block: Cidr; readonly held: number } | undefined;
  for (const block of [...names].flatMap((name) => parseCidr(name) ?? [])) {
    const held = endpoints.filter((ip) => familyOf(ip) === block.family && contains(block, ip)).length;
    if (held * 2 <= endpoints.length || held < (best?.held ?? 0)) continue;
    if (best === undefined || held > best.held || block.prefix > best.block.prefix) best = { block, held };
  }
  return best?.block;
});

const isHost = (block: string): boolean => /\/(?:0|32|128)$/.test(block) || !block.includes("/");

/** The addresses of all endpoints, those of host ports included. */
export const endpointAddressesOf: (rules: NodeRules) => ReadonlySet<string> = oncePer(({ nat }) => {
  const addresses = new Set<string>();
  for (const [name, { rules }] of nat?.chains ?? []) {
    if (readChainName(name)?.kind !== "SEP" && !name.startsWith("CNI-DN-")) continue;
    for (const { target } of rules) if (target.kind === "dnat") addresses.add(target.ip);
  }
  return addresses;
});

const isAboutClusterIPs = ({ matches }: Rule): boolean =>
  matches.some((match) => match.kind === "comment" && match.text.endsWith(" cluster IP")) ||
  matches.some((match) => match.kind === "destination" && !match.negated);

const isPodMatch = (match: Match): match is PodTraffic => match.kind === "source" || match.kind === "in-interface";

const isDetector = (match: Match): match is PodTraffic => isPodMatch(match) && match.negated;

/** The addresses of the node that its rules name: those on which node ports answer, where that is not all of them. */
export const ownAddressesOf: (rules: NodeRules) => readonly string[] = oncePer(({ nat }) =>
  rulesOf(nat, "KUBE-SERVICES").flatMap(({ matches, target }) =>
    target.kind === "jump" && target.chain === "KUBE-NODEPORTS"
      ? matches.flatMap((match) =>
          match.kind === "destination" && !match.negated ? [match.block.replace(/\/(?:32|128)$/, "")] : [],
        )
      : [],
  ),
);
