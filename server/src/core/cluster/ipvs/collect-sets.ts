import { addressesForNodePorts, coversNode } from "../kube-proxy/node-addresses.ts";
import type { Protocol, ProxyInput, ServicePort } from "../kube-proxy/proxy-input.ts";
import type { NamedPort } from "../kube-proxy/service-order.ts";
import { distinctEndpoints } from "../kube-proxy/used-endpoints.ts";
import { bareAddress } from "../netfilter/addresses.ts";
import { entryText, type IpSet, type SetCause, type SetEntry } from "../netfilter/ip-set.ts";
import { protocolToken } from "../netfilter/packet.ts";
import type { BoundAddress } from "./ipvs-state.ts";
import { knownSets, nameInFamily, type SetName, setNames } from "./known-sets.ts";
import { sortEntries } from "./set-order.ts";

/** What kube-proxy puts into its sets. */
export interface CollectedSets {
  /** By the name that they have in the family. */
  readonly sets: ReadonlyMap<string, IpSet>;
  /** The sets that kube-proxy has something for, whether or not the kernel took it. */
  readonly wanted: ReadonlySet<SetName>;
  /** Service ports with a source range that no set can hold: `0.0.0.0/0` or `::/0`. */
  readonly unheld: readonly ServicePort[];
  /** Addresses of load balancers whose source ranges leave the node itself out. */
  readonly closedToNode: readonly { readonly ip: string; readonly port: ServicePort }[];
}

/** Fills the sets of one node for all its service ports, in the order of their names. */
export function collectSets(
  input: ProxyInput,
  ports: readonly NamedPort[],
  bound: readonly BoundAddress[],
): CollectedSets {
  const draft: Draft = { entries: new Map(), wanted: new Set() };
  const unheld: ServicePort[] = [];
  const closedToNode: { readonly ip: string; readonly port: ServicePort }[] = [];
  for (const { port } of ports) {
    addLoopback(input, draft, port);
    addAddresses(draft, port);
    if (addSourceRanges(input, draft, port) === "some unheld") unheld.push(port);
    if (port.sourceRanges.length > 0 && !coversNode(input, port.sourceRanges)) {
      closedToNode.push(...port.loadBalancerVIPs.map((ip) => ({ ip, port })));
    }
    addNodePort(input, draft, port);
  }
  for (const { ip, port } of bound) add(draft, "KUBE-IPVS-IPS", { ip, cause: causeOf(port) });
  return { sets: finish(input, draft), wanted: draft.wanted, unheld, closedToNode };
}

interface Draft {
  /** By set, then by text. */
  readonly entries: Map<SetName, Map<string, SetEntry>>;
  readonly wanted: Set<SetName>;
}

/** A pod that reaches itself must not see its own address; endpoints in whatever state are looked after. */
function addLoopback({ node }: ProxyInput, draft: Draft, port: ServicePort): void {
  for (const endpoint of distinctEndpoints(node, port.endpoints)) {
    if (endpoint.nodeName !== node.name) continue;
    const { ip, port: number } = endpoint;
    const cause: SetCause = { port, endpoint, because: endpoint.because ?? port.because };
    add(draft, "KUBE-LOOP-BACK", { ip, protocol: protocolToken(port.protocol), port: number, other: ip, cause });
  }
}

function addAddresses(draft: Draft, port: ServicePort): void {
  const isLocal = port.externalTrafficPolicy === "Local";
  add(draft, "KUBE-CLUSTER-IP", at(port, port.clusterIP));
  for (const ip of port.externalIPs) {
    add(draft, isLocal ? "KUBE-EXTERNAL-IP-LOCAL" : "KUBE-EXTERNAL-IP", at(port, ip));
  }
  for (const ip of port.loadBalancerVIPs) {
    add(draft, "KUBE-LOAD-BALANCER", at(port, ip));
    if (isLocal) add(draft, "KUBE-LOAD-BALANCER-LOCAL", at(port, ip));
    if (port.sourceRanges.length > 0) add(draft, "KUBE-LOAD-BALANCER-FW", at(port, ip));
  }
}

function addSourceRanges(input: ProxyInput, draft: Draft, port: ServicePort): "all held" | "some unheld" {
  let held: "all held" | "some unheld" = "all held";
  for (const ip of port.loadBalancerVIPs) {
    for (const range of port.sourceRanges) {
      if (range.endsWith("/0")) {
        draft.wanted.add("KUBE-LOAD-BALANCER-SOURCE-CIDR");
        held = "some unheld";
      } else {
        add(draft, "KUBE-LOAD-BALANCER-SOURCE-CIDR", { ...at(port, ip), other: bareAddress(range) });
      }
    }
    // A node that owns the load balancer's address reaches it with that address as its source.
    if (coversNode(input, port.sourceRanges)) {
      add(draft, "KUBE-LOAD-BALANCER-SOURCE-IP", { ...at(port, ip), other: ip });
    }
  }
  return held;
}

function addNodePort(input: ProxyInput, draft: Draft, port: ServicePort): void {
  const { nodePort, protocol } = port;
  const cause = causeOf(port);
  if (nodePort !== undefined) {
    const addresses = addressesForNodePorts(input);
    // Here kube-proxy goes on to the next port, and never comes to the health checks of this one.
    if (addresses.length === 0) return;
    const [all, local] = nodePortSets[protocol];
    const entries: readonly SetEntry[] =
      protocol === "SCTP"
        ? addresses.map((ip) => ({ ip, protocol: protocolToken(protocol), port: nodePort, cause }))
        : [{ port: nodePort, cause }];
    for (const entry of entries) {
      add(draft, all, entry);
      if (port.externalTrafficPolicy === "Local") add(draft, local, entry);
    }
  }
  if (port.healthCheckNodePort !== undefined) {
    add(draft, "KUBE-HEALTH-CHECK-NODE-PORT", { port: port.healthCheckNodePort, cause });
  }
}

const nodePortSets = {
  TCP: ["KUBE-NODE-PORT-TCP", "KUBE-NODE-PORT-LOCAL-TCP"],
  UDP: ["KUBE-NODE-PORT-UDP", "KUBE-NODE-PORT-LOCAL-UDP"],
  SCTP: ["KUBE-NODE-PORT-SCTP-HASH", "KUBE-NODE-PORT-LOCAL-SCTP-HASH"],
} as const satisfies Record<Protocol, readonly [SetName, SetName]>;

const at = (port: ServicePort, ip: string): SetEntry => ({
  ip,
  protocol: protocolToken(port.protocol),
  port: port.port,
  cause: causeOf(port),
});

const causeOf = (port: ServicePort): SetCause => ({ port, because: port.because });

function add({ entries, wanted }: Draft, name: SetName, entry: SetEntry): void {
  wanted.add(name);
  const known = entries.get(name) ?? new Map<string, SetEntry>();
  entries.set(name, known);
  const text = entryText(entry);
  if (!known.has(text)) known.set(text, entry);
}

function finish({ family }: ProxyInput, draft: Draft): ReadonlyMap<string, IpSet> {
  return new Map(
    setNames.map((known) => {
      const name = nameInFamily(known, family);
      const entries = sortEntries([...(draft.entries.get(known)?.values() ?? [])]);
      return [name, { name, ...knownSets[known], family, entries }];
    }),
  );
}
