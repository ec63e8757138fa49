import type { Field } from "../base/source.ts";
import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  EndpointsManifest,
  NodeManifest,
  ObjectHeader,
  Protocol,
  TopologyHints,
} from "./model.ts";
import { booleanAt, defaulted, integerAt, itemsOf, type Notes, stringAt, stringsAt, treeAt, wordAt } from "./read.ts";
import { protocols } from "./service.ts";
import type { MapTree, Tree } from "./tree.ts";

const MIRRORING_CONTROLLER = "endpointslicemirroring-controller.k8s.io";
const controllers = ["endpointslice-controller.k8s.io", MIRRORING_CONTROLLER];
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

/**
 * Reads `v1 Endpoints`: bound to the Service of the same name, unless it asks not to be copied into EndpointSlices, which
 * are all that kube-proxy and DNS look at.
 */
export function readEndpoints(header: ObjectHeader, tree: MapTree, notes: Notes): EndpointsManifest {
  return {
    type: "Endpoints",
    service: isLeftOut(header) ? undefined : header.name,
    subsets: itemsOf(treeAt(tree, ["subsets"])).map((subset) => ({
      addresses: [
        ...itemsOf(treeAt(subset, ["addresses"])).flatMap((address) => readAddress(address, true)),
        ...itemsOf(treeAt(subset, ["notReadyAddresses"])).flatMap((address) => readAddress(address, false)),
      ],
      ports: readPorts(treeAt(subset, ["ports"]), notes),
    })),
    observed: wasDumped(tree),
    mirrored: false,
    ...header,
  };
}

/** Reads `discovery.k8s.io EndpointSlice`: bound to a Service by its label alone. */
export function readEndpointSlice(header: ObjectHeader, tree: MapTree, notes: Notes): EndpointsManifest {
  const label = (key: string): Field<string> | undefined =>
    header.labels.entries.find((entry) => entry.key.value === key)?.value;
  const fqdn = stringAt(treeAt(tree, ["addressType"]))?.value === "FQDN";
  const subset: EndpointSubset = {
    addresses: fqdn ? [] : itemsOf(treeAt(tree, ["endpoints"])).flatMap(readSliceEndpoint),
    ports: readPorts(treeAt(tree, ["ports"]), notes),
  };
  return {
    type: "Endpoints",
    service: label("kubernetes.io/service-name"),
    subsets: [subset],
    observed: wasDumped(tree) || controllers.includes(label(MANAGED_BY)?.value ?? ""),
    mirrored: label(MANAGED_BY)?.value === MIRRORING_CONTROLLER,
    ...header,
  };
}

/** Reads `v1 Node` of a dump. */
export function readNode(header: ObjectHeader, tree: MapTree): NodeManifest {
  const blocks = stringsAt(treeAt(tree, ["spec", "podCIDRs"]));
  // The only field up to 1.15, and the first of the list ever since.
  const first = stringAt(treeAt(tree, ["spec", "podCIDR"]));
  return {
    type: "Node",
    addresses: itemsOf(treeAt(tree, ["status", "addresses"])).flatMap((address) => {
      const ip = stringAt(treeAt(address, ["address"]));
      return ip && stringAt(treeAt(address, ["type"]))?.value === "InternalIP" ? [ip] : [];
    }),
    podCIDRs: (blocks.length === 0 && first ? [first] : blocks).map(({ value }) => value),
    ...header,
  };
}

const isLeftOut = ({ labels }: ObjectHeader): boolean =>
  labels.entries.some(
    ({ key, value }) => key.value === "endpointslice.kubernetes.io/skip-mirror" && value.value === "true",
  );

/** Only an API server hands out these. */
const wasDumped = (tree: MapTree): boolean =>
  treeAt(tree, ["metadata", "uid"]) !== undefined || treeAt(tree, ["metadata", "resourceVersion"]) !== undefined;

function readAddress(tree: Tree | undefined, ready: boolean): EndpointAddress[] {
  const ip = stringAt(treeAt(tree, ["ip"]));
  if (ip === undefined) return [];
  return [{ ip, ready, serving: ready, terminating: false, hints: noHints, ...placeOf(tree) }];
}

function readSliceEndpoint(tree: Tree | undefined): EndpointAddress[] {
  const ip = stringsAt(treeAt(tree, ["addresses"]))[0];
  if (ip === undefined) return [];
  const condition = (name: string, absent: boolean): boolean =>
    booleanAt(treeAt(tree, ["conditions", name]))?.value ?? absent;
  const ready = condition("ready", true);
  const named = (list: string): readonly string[] =>
    itemsOf(treeAt(tree, ["hints", list])).flatMap((item) => stringAt(treeAt(item, ["name"]))?.value ?? []);
  return [
    {
      ip,
      ready,
      serving: condition("serving", ready),
      terminating: condition("terminating", false),
      hints: { zones: named("forZones"), nodes: named("forNodes") },
      ...placeOf(tree),
    },
  ];
}

const noHints: TopologyHints = { zones: [], nodes: [] };

function placeOf(tree: Tree | undefined): Pick<EndpointAddress, "nodeName" | "hostname" | "pod"> {
  return {
    nodeName: stringAt(treeAt(tree, ["nodeName"]))?.value,
    hostname: stringAt(treeAt(tree, ["hostname"]))?.value,
    pod: stringAt(treeAt(tree, ["targetRef", "name"]))?.value,
  };
}

function readPorts(list: Tree | undefined, notes: Notes): readonly EndpointPort[] {
  return itemsOf(list).flatMap((item, index): EndpointPort[] => {
    const port = integerAt(treeAt(item, ["port"]));
    if (port === undefined) return [];
    const protocol =
      wordAt<Protocol>(treeAt(item, ["protocol"]), protocols, `ports[${index}].protocol`, notes) ??
      defaulted<Protocol>("TCP", port.range);
    return [{ name: stringAt(treeAt(item, ["name"]))?.value ?? "", port, protocol: protocol.value }];
  });
}
