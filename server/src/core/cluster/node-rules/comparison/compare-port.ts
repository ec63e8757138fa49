import { hostPort } from "../../../base/ip.ts";
import type { Endpoint } from "../../resolution.ts";
import type { EndpointPlace } from "../node-rules.ts";
import type { ActualPort } from "./actual-ports.ts";
import type { Difference, LeftOut } from "./comparison.ts";
import type { ExpectedPort } from "./expected-ports.ts";

/** What differs in a port, and what cannot be compared. */
export interface PortComparison {
  readonly differences: readonly Difference[];
  readonly left: readonly LeftOut[];
}

/**
 * Compares a service port that both sides have.
 * @param isWhole whether all of table nat is shown, so that what is not there is missing
 */
export function comparePort(actual: ActualPort, expected: ExpectedPort, isWhole: boolean): PortComparison {
  const parts: readonly PortComparison[] = [
    compareClusterIP(actual, expected),
    compareNumber(actual, expected),
    compareNodePort(actual, expected, isWhole),
    isWhole ? compareExternals(actual, expected) : nothing,
    isWhole ? compareAffinity(actual, expected) : nothing,
    compareEndpoints(actual, expected),
  ];
  return {
    differences: parts.flatMap(({ differences }) => differences),
    left: parts.flatMap(({ left }) => left),
  };
}

const nothing: PortComparison = { differences: [], left: [] };
const differs = (difference: Difference): PortComparison => ({ differences: [difference], left: [] });
const leaves = (left: LeftOut): PortComparison => ({ differences: [], left: [left] });

function compareClusterIP({ addresses }: ActualPort, { clusterIP }: ExpectedPort): PortComparison {
  const node = addresses.flatMap(({ as, ip }) => (as === "cluster-ip" && ip !== undefined ? [ip] : []));
  if (clusterIP === undefined || node.length === 0 || node.includes(clusterIP.ip)) return nothing;
  if (clusterIP.origin === "simulated") return leaves("cluster-ip");
  return differs({ kind: "cluster-ip", node: [...new Set(node)], manifest: clusterIP });
}

function compareNumber({ addresses, number }: ActualPort, { port }: ExpectedPort): PortComparison {
  const isShown = addresses.some(({ as }) => as === "cluster-ip");
  return isShown && number !== port.port.value
    ? differs({ kind: "number", node: number, manifest: port.port.value })
    : nothing;
}

function compareNodePort(
  { addresses, endpoints = [] }: ActualPort,
  { nodePort, service }: ExpectedPort,
  isWhole: boolean,
): PortComparison {
  const node = addresses.find(({ as }) => as === "node-port")?.port;
  if (node === nodePort?.port) return nothing;
  if (node === undefined) {
    // A node without endpoints of its own need not have it, and where there are none at all, old releases wrote none.
    const isCertain = isWhole && endpoints.length > 0 && service.externalTrafficPolicy.value === "Cluster";
    if (!isCertain) return nothing;
    return differs(
      nodePort?.origin === "written" ? { kind: "node-port", node, manifest: nodePort.port } : { kind: "no-node-port" },
    );
  }
  if (nodePort?.origin === "simulated") return leaves("node-port");
  return differs({ kind: "node-port", node, manifest: nodePort?.port });
}

/** Addresses that a load balancer is given stand in no manifest, unless it was dumped. */
function compareExternals({ addresses, endpoints = [] }: ActualPort, { externals }: ExpectedPort): PortComparison {
  if (externals === undefined || endpoints.length === 0) return nothing;
  const node = addresses.flatMap(({ as, ip }) =>
    (as === "external-ip" || as === "load-balancer") && ip !== undefined ? [ip] : [],
  );
  const found = [...new Set(node)].sort();
  return found.join() === externals.join()
    ? nothing
    : differs({ kind: "external-addresses", node: found, manifest: externals });
}

function compareAffinity({ affinitySeconds: node, endpoints }: ActualPort, expected: ExpectedPort): PortComparison {
  const { affinitySeconds: manifest } = expected;
  if (endpoints === undefined || endpoints.length === 0 || node === manifest) return nothing;
  return differs({ kind: "affinity", node, manifest });
}

function compareEndpoints({ endpoints: node }: ActualPort, expected: ExpectedPort): PortComparison {
  const { endpoints: manifest, unsure } = expected;
  if (node === undefined) return leaves("endpoints-not-shown");
  switch (unsure) {
    case undefined:
      return node.length === 0 || manifest.length === 0
        ? compareCounts(node, expected)
        : compareAddresses(node, manifest);
    case "endpoint-addresses":
      return withLeft(unsure, compareCounts(node, expected));
    case "endpoint-count":
      return withLeft(unsure, compareTargets(node, manifest));
    default:
      return leaves(unsure);
  }
}

const withLeft = (left: LeftOut, { differences }: PortComparison): PortComparison => ({ differences, left: [left] });

function compareAddresses(node: readonly EndpointPlace[], manifest: readonly Endpoint[]): PortComparison {
  const there = new Set(node.map(textOf));
  const expected = manifest.map(({ address, port }): EndpointPlace => ({ ip: address.ip, port }));
  const here = new Set(expected.map(textOf));
  const onlyOnNode = node.filter((place) => !here.has(textOf(place)));
  const onlyInManifests = expected.filter((place) => !there.has(textOf(place)));
  return onlyOnNode.length + onlyInManifests.length === 0
    ? nothing
    : differs({ kind: "endpoints", onlyOnNode, onlyInManifests });
}

const textOf = ({ ip, port }: EndpointPlace): string => hostPort(ip, port);

function compareCounts(node: readonly EndpointPlace[], expected: ExpectedPort): PortComparison {
  const { endpoints: manifest, withoutEndpoint: because } = expected;
  const targets = compareTargets(node, manifest);
  if (node.length === manifest.length) return targets;
  const count: Difference = { kind: "endpoint-count", node: node.length, manifest: manifest.length, because };
  return { differences: [count, ...targets.differences], left: [] };
}

/** The ports at which endpoints listen. Without endpoints on either side nobody can tell. */
function compareTargets(node: readonly EndpointPlace[], manifest: readonly Endpoint[]): PortComparison {
  const [there, here] = [numbersOf(node), numbersOf(manifest)];
  if (there.length === 0 || here.length === 0 || there.join() === here.join()) return nothing;
  return differs({ kind: "target-ports", node: there, manifest: here });
}

const numbersOf = (endpoints: readonly { readonly port: number }[]): readonly number[] =>
  [...new Set(endpoints.map(({ port }) => port))].sort((a, b) => a - b);
