import { listCut } from "../../base/cut.ts";
import { hostPort } from "../../base/ip.ts";
import { list, type Message, message, plural, quote } from "../../base/message.ts";
import { assertNever } from "../../base/source.ts";
import type {
  ComparedPort,
  ComparisonNote,
  Difference,
  LeftOut,
  RulesComparison,
  WhyNoEndpoint,
  WhyOnlyOnNode,
} from "../../cluster/node-rules/comparison/comparison.ts";
import type { EndpointPlace } from "../../cluster/node-rules/node-rules.ts";

/** `shop/web:http`, as kube-proxy names a service port. */
export const portName = ({ namespace, service, portName: port }: ComparedPort): string =>
  port === "" ? `${namespace}/${service}` : `${namespace}/${service}:${port}`;

/** How the two sides differ in something. */
export function describeDifference(difference: Difference): Message {
  switch (difference.kind) {
    case "only-on-node":
      return describeOnlyOnNode(difference);
    case "only-in-manifests":
      return message`only in the manifests: the node has no rule for it`;
    case "not-served":
      return message`${endpoints(difference.endpoints)} by the manifests; the node serves it nowhere`;
    case "cluster-ip":
      return message`cluster IP ${list(difference.node)} on the node, ${difference.manifest.ip} in the manifest`;
    case "number":
      return message`port ${difference.node} on the node, ${difference.manifest} in the manifest`;
    case "node-port":
      return describeNodePort(difference);
    case "no-node-port":
      return message`no node port on the node; the manifest asks for one`;
    case "external-addresses":
      return describeExternals(difference);
    case "endpoint-count":
      return describeCount(difference);
    case "target-ports":
      return message`endpoints listen on ${list(difference.node)} on the node, on ${list(difference.manifest)} by the manifests`;
    case "endpoints":
      return describeEndpoints(difference);
    case "affinity":
      return message`${affinity(difference.node)} on the node, ${affinity(difference.manifest)} in the manifest`;
    default:
      return assertNever(difference);
  }
}

function describeCount({ node, manifest, because }: Extract<Difference, { kind: "endpoint-count" }>): Message {
  if (manifest > 0) return message`${endpoints(node)} on the node, ${manifest} by the manifests`;
  return because === undefined
    ? message`${endpoints(node)} on the node, none by the manifests`
    : message`${endpoints(node)} on the node, none by the manifests: ${describeWhyNone(because)}`;
}

function describeWhyNone(because: WhyNoEndpoint): Message {
  switch (because.kind) {
    case "no-pod":
      return message`the selector matches no pod`;
    case "no-such-port":
      return message`targetPort ${quote(because.name)} names no container port`;
    default:
      return assertNever(because);
  }
}

const endpoints = (count: number): Message =>
  count === 0 ? message`no endpoint` : plural(count, message`one endpoint`, message`${count} endpoints`);

function describeOnlyOnNode({ endpoints: count, because }: Extract<Difference, { kind: "only-on-node" }>): Message {
  const why = whyOnlyOnNode[because];
  return count === undefined
    ? message`only on the node: ${why}`
    : message`only on the node, with ${endpoints(count)}: ${why}`;
}

const whyOnlyOnNode = {
  "unknown-service": message`no manifest defines the Service`,
  "unknown-port": message`the Service has no such port in its manifest`,
  headless: message`the Service is headless in its manifest`,
  "external-name": message`the Service is an alias in its manifest`,
  "foreign-proxy": message`the manifest leaves the Service to another proxy`,
  "no-address": message`the manifest gives the Service no address of this family`,
} as const satisfies Record<WhyOnlyOnNode, Message>;

function describeNodePort({ node, manifest }: Extract<Difference, { kind: "node-port" }>): Message {
  if (node === undefined) return message`no node port on the node, ${manifest ?? ""} in the manifest`;
  return manifest === undefined
    ? message`node port ${node} on the node, none in the manifest`
    : message`node port ${node} on the node, ${manifest} in the manifest`;
}

function describeExternals({ node, manifest }: Extract<Difference, { kind: "external-addresses" }>): Message {
  const there = node.length > 0 ? message`${list(node)}` : message`none`;
  const here = manifest.length > 0 ? message`${list(manifest)}` : message`none`;
  return message`external addresses: ${there} on the node, ${here} in the manifest`;
}

function describeEndpoints({ onlyOnNode, onlyInManifests }: Extract<Difference, { kind: "endpoints" }>): Message {
  const there = placesOf(onlyOnNode);
  const here = placesOf(onlyInManifests);
  if (here === undefined) return message`endpoints only on the node: ${there ?? ""}`;
  return there === undefined
    ? message`endpoints only in the manifests: ${here}`
    : message`endpoints only on the node: ${there}; only in the manifests: ${here}`;
}

function placesOf(places: readonly EndpointPlace[]): Message | undefined {
  const said = places.map(({ ip, port }) => hostPort(ip, port));
  return said.length === 0 ? undefined : listCut(said, MOST_PLACES);
}

const MOST_PLACES = 6;

const affinity = (seconds: number | undefined): Message =>
  seconds === undefined ? message`no sessionAffinity` : message`sessionAffinity ClientIP for ${seconds} s`;

/** What cannot be compared, as it stands before the names of the ports concerned. */
export const leftOutWords = {
  "cluster-ip": message`cluster IPs, which no manifest gives`,
  "node-port": message`node ports, which no manifest gives`,
  "endpoint-addresses": message`addresses of endpoints, which only a cluster hands out; counts and ports are compared`,
  "endpoint-count": message`how many endpoints there are, which no manifest tells`,
  "endpoints-by-others": message`endpoints of Services without a selector, which something else looks after`,
  "endpoints-by-placeholder": message`endpoints behind placeholders`,
  "endpoints-of-one-node": message`endpoints of Services for the node alone: nobody knows which node it is`,
  "endpoints-by-hints": message`endpoints with topology hints, which differ from node to node`,
  "endpoints-not-shown": message`endpoints that the text does not show`,
} as const satisfies Record<LeftOut, Message>;

/** Why nothing can be compared. */
export const obstacleWords = {
  ipvs: message`kube-proxy runs in IPVS mode on this node: its Services stand in ${"ipvsadm -L -n"} and in ipsets, not in these rules`,
  userspace: message`kube-proxy runs in userspace mode on this node: the rules do not tell the endpoints`,
  "no-kube-proxy": message`these rules have no chain of kube-proxy's: something else looks after Services on this node, or kube-proxy uses nftables`,
} as const satisfies Record<NonNullable<RulesComparison["obstacle"]>, Message>;

/** What a reader should know besides. */
export function describeComparisonNote(note: ComparisonNote): Message {
  switch (note.kind) {
    case "several-nodes":
      return message`the text has the rules of ${note.count} nodes; the first of them counts`;
    case "only-a-part":
      return message`only a part of the rules is shown, so that what is not there need not be missing`;
    case "of-the-cluster":
      return message`Services of the cluster itself are not compared: ${listCut(note.services, MOST_SERVICES)}`;
    case "other-release":
      return message`the rules look like those of kube-proxy ${releases(note)}, and the settings say ${note.set}; ${quote("cluster.kubernetesVersion")} sets it`;
    default:
      return assertNever(note);
  }
}

const MOST_SERVICES = 6;

function releases({ first, last }: Extract<ComparisonNote, { kind: "other-release" }>): Message {
  if (last === undefined) return message`1.${first ?? 0} or later`;
  return first === undefined ? message`1.${last} or earlier` : message`1.${first} to 1.${last}`;
}
