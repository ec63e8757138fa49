import type { DocumentUri } from "../../../base/source.ts";
import type { Cluster } from "../../cluster.ts";
import { readChainName } from "../../iptables/chain-names.ts";
import type { Capture } from "../../iptables/reading/capture.ts";
import type { RulesText } from "../../iptables/reading/read-rules.ts";
import type { View } from "../../view.ts";
import { isOfTheCluster } from "../comment-name.ts";
import { proxyModeOf } from "../node-facts.ts";
import { type NodeRules, nodeRulesOf } from "../node-rules.ts";
import { listServiceAddresses } from "../service-addresses.ts";
import { type ActualPort, listActualPorts } from "./actual-ports.ts";
import { comparePort } from "./compare-port.ts";
import type { ComparedPort, ComparisonNote, Difference, RulesComparison, WhyOnlyOnNode } from "./comparison.ts";
import { type ExpectedPort, listExpectedPorts } from "./expected-ports.ts";

/**
 * Compares the rules of a real node with what the manifests come to, for each family that the text has rules of.
 * Addresses and ports that no manifest gives are not compared, because only a cluster hands them out.
 * @param from the text from which manifests are seen
 */
export function compareRules(cluster: Cluster, from: DocumentUri, text: RulesText): readonly RulesComparison[] {
  const view = cluster.viewFrom(from);
  return (["IPv4", "IPv6"] as const).flatMap((family) => {
    const captures = text.captures.filter(({ ruleSet }) => ruleSet.family === family);
    const [first] = captures;
    return first ? [compareCapture(view, first, captures.length)] : [];
  });
}

function compareCapture(view: View, capture: Capture, count: number): RulesComparison {
  const { family } = capture.ruleSet;
  const rules = nodeRulesOf(capture.ruleSet);
  const severalNodes: readonly ComparisonNote[] = count > 1 ? [{ kind: "several-nodes", count }] : [];
  const mode = proxyModeOf(rules) ?? (listServiceAddresses(rules).length > 0 ? "iptables" : undefined);
  if (mode !== "iptables") {
    return { capture, family, obstacle: mode ?? "no-kube-proxy", ports: [], notes: severalNodes };
  }
  const isShown = (name: "nat" | "filter"): boolean => {
    const table = capture.tables.get(name);
    return (capture.form === "restore" ? table?.isClosed : table?.isWhole) ?? false;
  };
  const actual = listActualPorts(rules, isShown("nat"));
  const expected = listExpectedPorts(view, family);
  const services = new Set(view.services.map(({ namespace, name }) => `${namespace.value}/${name.value}`));
  const left = new Set<string>();
  const ports: ComparedPort[] = [];
  for (const [key, port] of actual) {
    const own = expected.get(key);
    if (own?.passedOver === undefined && own !== undefined) {
      ports.push({ ...headOf(port, own), ...comparePort(port, own, isShown("nat")) });
      continue;
    }
    const name = `${port.namespace}/${port.service}`;
    if (own === undefined && !services.has(name) && isOfTheCluster(port)) {
      left.add(name);
      continue;
    }
    const because = own?.passedOver ?? (services.has(name) ? "unknown-port" : "unknown-service");
    ports.push({ ...headOf(port, own), differences: [onlyOnNode(port, because)], left: [] });
  }
  for (const [key, port] of expected) {
    if (actual.has(key) || port.passedOver !== undefined || !isShown("nat")) continue;
    const difference = missing(port, isShown("filter"));
    if (difference !== undefined) ports.push({ ...headOfExpected(port), differences: [difference], left: [] });
  }
  return {
    capture,
    family,
    obstacle: undefined,
    ports: ports.sort(byName),
    notes: [
      ...severalNodes,
      ...(isShown("nat") && isShown("filter") ? [] : [{ kind: "only-a-part" } as const]),
      ...(left.size > 0 ? [{ kind: "of-the-cluster", services: [...left].sort() } as const] : []),
      ...otherRelease(rules, view),
    ],
  };
}

const onlyOnNode = ({ endpoints }: ActualPort, because: WhyOnlyOnNode) =>
  ({ kind: "only-on-node", endpoints: endpoints?.length, because }) as const;

/** The refusals of Services without endpoints stand in table filter. */
function missing({ endpoints, unsure }: ExpectedPort, showsRefusals: boolean): Difference | undefined {
  if (showsRefusals) return { kind: "only-in-manifests" };
  const isServed = endpoints.length > 0 && (unsure === undefined || unsure === "endpoint-addresses");
  return isServed ? { kind: "not-served", endpoints: endpoints.length } : undefined;
}

type Head = Omit<ComparedPort, "differences" | "left">;

function headOf(actual: ActualPort, expected: ExpectedPort | undefined): Head {
  const { namespace, service, portName, protocol, number, rule } = actual;
  return { namespace, service, portName, protocol, number, onNode: rule.because, inManifest: expected?.port.range };
}

function headOfExpected({ service, port }: ExpectedPort): Head {
  return {
    namespace: service.namespace.value,
    service: service.name.value,
    portName: port.name?.value ?? "",
    protocol: port.protocol.value,
    number: port.port.value,
    onNode: undefined,
    inManifest: port.range,
  };
}

function byName(a: ComparedPort, b: ComparedPort): number {
  const [one, other] = [`${a.namespace}/${a.service}`, `${b.namespace}/${b.service}`];
  if (one !== other) return one < other ? -1 : 1;
  return a.number - b.number || (a.portName < b.portName ? -1 : a.portName > b.portName ? 1 : 0);
}

/** Whether the rules are such as the release that is set does not write. */
function otherRelease(rules: NodeRules, { profile }: View): readonly ComparisonNote[] {
  const { first, last } = releasesOf(rules);
  const { major, minor } = profile.kubernetesVersion;
  const isPossible = (first === undefined || minor >= first) && (last === undefined || minor <= last);
  return isPossible ? [] : [{ kind: "other-release", first, last, set: `${major}.${minor}` }];
}

/** The minor versions that write rules like these. */
function releasesOf(rules: NodeRules): { readonly first: number | undefined; readonly last: number | undefined } {
  const kinds = new Set([...(rules.nat?.chains.keys() ?? [])].map((name) => readChainName(name)?.kind));
  if (kinds.has("EXT") || kinds.has("SVL")) return { first: 24, last: undefined };
  const unnamed = listServiceAddresses(rules).filter(({ name }) => name.portName === "");
  // Unnamed ports have had no colon since 1.19.
  if (unnamed.some(({ name }) => name.text.endsWith(":"))) return { first: undefined, last: 18 };
  return { first: unnamed.length > 0 ? 19 : undefined, last: kinds.has("XLB") ? 23 : undefined };
}
