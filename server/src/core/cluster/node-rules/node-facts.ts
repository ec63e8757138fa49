import { type Cidr, contains, familyOf, parseCidr } from "../../base/ip.ts";
import { oncePer } from "../../base/once.ts";
import type { Chain, Match, Rule } from "../iptables/rule.ts";
import { bareAddress, isNetwork } from "../netfilter/addresses.ts";
import type { NodeRules } from "./node-rules.ts";
import { rulesOf } from "./port-names.ts";

/** How kube-proxy runs on a node, as its chains tell; `undefined` where it has left none. */
export function proxyModeOf({ nat, filter }: NodeRules): "iptables" | "ipvs" | "userspace" | undefined {
  const has = (chain: string): boolean => nat?.chains.has(chain) ?? false;
  if (has("KUBE-LOAD-BALANCER") || has("KUBE-NODE-PORT")) return "ipvs";
  if (has("KUBE-PORTALS-CONTAINER") || has("KUBE-PORTALS-HOST")) return "userspace";
  const filters = ["KUBE-FORWARD", "KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES"].some((name) => filter?.chains.has(name));
  return has("KUBE-SERVICES") || has("KUBE-NODEPORTS") || filters ? "iptables" : undefined;
}

/** What leaves chains of its own where it stands in for kube-proxy, or takes the connections of a pod before it. */
export type OtherProxy = "istio" | "linkerd" | "cilium" | "ovn-kubernetes" | "kube-router";

/** Whose chains there are besides; of several the first that takes a packet. */
export const otherProxyOf: (rules: NodeRules) => OtherProxy | undefined = oncePer(({ ruleSet }) => {
  const names = [...ruleSet.tables.values()].flatMap(({ others }) => others.map(({ name }) => name));
  return othersByChain.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
});

const othersByChain: readonly (readonly [chain: RegExp, proxy: OtherProxy])[] = [
  [/^ISTIO_(?:INBOUND|OUTPUT|REDIRECT|PRERT)$/, "istio"],
  [/^PROXY_INIT_(?:REDIRECT|OUTPUT)$/, "linkerd"],
  [/^CILIUM_(?:PRE|OUTPUT|POST|FORWARD|INPUT)/, "cilium"],
  [/^OVN-KUBE-(?:NODEPORT|EXTERNALIP|ITP|ETP)$/, "ovn-kubernetes"],
  [/^KUBE-ROUTER-(?:SERVICES|HAIRPIN)$/, "kube-router"],
];

/**
 * The interfaces of the pods on a node, as Calico's chains name each of them; packets of pods come by no other. Empty
 * where Calico is not there.
 */
export const podInterfacesOf: (rules: NodeRules) => readonly string[] = oncePer(({ filter }) => {
  const names = new Set<string>();
  for (const [chain, { rules }] of filter?.chains ?? []) {
    if (!/^cali-(?:from|to)-wl-dispatch/.test(chain)) continue;
    for (const { matches } of rules) {
      for (const match of matches) {
        const isOne = (match.kind === "in-interface" || match.kind === "out-interface") && !match.negated;
        if (isOne && !match.name.endsWith("+")) names.add(match.name);
      }
    }
  }
  return [...names];
});

type PodTraffic = Extract<Match, { kind: "source" | "in-interface" }>;

/** How the rules tell traffic of pods: the match of those that keep the addresses of pods. */
export const podTrafficOf: (rules: NodeRules) => PodTraffic | undefined = oncePer((rules) => {
  const all = rules.nat?.chains ?? new Map<string, Chain>();
  // Usually the first Service has the answer, and nothing else needs to be looked at.
  return (
    firstOf(clusterIPRules(rules), negatedDetector) ??
    firstOf(rulesOfPorts(all), negatedDetector) ??
    firstOf(rulesOfPorts(all), podShortCircuit)
  );
});

/** The rules for cluster IPs, where the detector stood up to 1.21, each with those of the chain that it leads to. */
function* clusterIPRules({ nat }: NodeRules): Generator<Rule> {
  for (const rule of rulesOf(nat, "KUBE-SERVICES")) {
    yield rule;
    const { target } = rule;
    if (target.kind === "jump") yield* rulesOf(nat, target.chain);
  }
}

/** The rules of all chains but those of endpoints, which are most and have nothing to tell of pods in general. */
function* rulesOfPorts(chains: ReadonlyMap<string, Chain>): Generator<Rule> {
  for (const { name, rules } of chains.values()) if (!name.startsWith("KUBE-SEP-")) yield* rules;
}

function firstOf(rules: Iterable<Rule>, read: (rule: Rule) => PodTraffic | undefined): PodTraffic | undefined {
  for (const rule of rules) {
    const found = read(rule);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What does not come from a pod is masqueraded on its way to a cluster IP. */
function negatedDetector(rule: Rule): PodTraffic | undefined {
  const { matches, target } = rule;
  if ((target.kind !== "jump" && target.kind !== "goto") || target.chain !== "KUBE-MARK-MASQ") return undefined;
  const match = matches.find(isDetector);
  return match !== undefined && isAboutClusterIPs(rule) ? { ...match, negated: false } : undefined;
}

/** What comes from a pod needs no endpoint on the node. */
function podShortCircuit({ matches }: Rule): PodTraffic | undefined {
  if (!matches.some((match) => match.kind === "comment" && match.text.startsWith("pod traffic for "))) return undefined;
  for (const match of matches) if (isPodMatch(match) && !match.negated) return match;
  return undefined;
}

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
        for (const match of matches) if (match.kind === "source" && isNetwork(match.block)) names.add(match.block);
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

/** The addresses of all endpoints, those of host ports included. */
export const endpointAddressesOf = ({ nat }: NodeRules): ReadonlySet<string> => nat?.endpoints ?? noAddresses;

const noAddresses: ReadonlySet<string> = new Set();

const isAboutClusterIPs = ({ matches }: Rule): boolean =>
  matches.some((match) => match.kind === "comment" && match.text.endsWith(" cluster IP")) ||
  matches.some((match) => match.kind === "destination" && !match.negated);

const isPodMatch = (match: Match): match is PodTraffic => match.kind === "source" || match.kind === "in-interface";

const isDetector = (match: Match): match is PodTraffic => isPodMatch(match) && match.negated;

/** The addresses of the node that its rules name: those on which node ports answer, where that is not all of them. */
export const ownAddressesOf: (rules: NodeRules) => readonly string[] = oncePer(({ nat }) => {
  const addresses: string[] = [];
  for (const { matches, target } of rulesOf(nat, "KUBE-SERVICES")) {
    if (target.kind !== "jump" || target.chain !== "KUBE-NODEPORTS") continue;
    for (const match of matches) {
      if (match.kind === "destination" && !match.negated) addresses.push(bareAddress(match.block));
    }
  }
  return addresses;
});
