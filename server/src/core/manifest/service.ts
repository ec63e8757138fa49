import { type Family, parseIP } from "../base/ip.ts";
import type { Field } from "../base/source.ts";
import { servicePort, serviceSpec } from "./field-names.ts";
import type { ObjectHeader, Protocol, ServiceManifest, ServicePort, ServiceType, TrafficPolicy } from "./model.ts";
import {
  booleanAt,
  defaulted,
  type Fields,
  fieldsOf,
  integerAt,
  itemsOf,
  labelsAt,
  type Notes,
  placeholderAt,
  stringAt,
  stringsAt,
  treeAt,
  wordAt,
} from "./read.ts";
import type { MapTree, Tree } from "./tree.ts";

export const protocols = ["TCP", "UDP", "SCTP"] as const satisfies readonly Protocol[];
const serviceTypes = [
  "ClusterIP",
  "NodePort",
  "LoadBalancer",
  "ExternalName",
] as const satisfies readonly ServiceType[];
const policies = ["Cluster", "Local"] as const satisfies readonly TrafficPolicy[];

/** Reads `v1 Service` and fills in the API's defaults (kubernetes/kubernetes pkg/apis/core/v1/defaults.go). */
export function readService(header: ObjectHeader, object: Fields, tree: MapTree, notes: Notes): ServiceManifest {
  const spec = fieldsOf(object.get("spec"), serviceSpec, "spec", notes);
  const specRange = spec ? object.key("spec") : header.kind.range;
  const at = (name: string): Tree | undefined => spec?.get(name);
  const annotation = (name: string): Field<string> | undefined =>
    stringAt(treeAt(tree, ["metadata", "annotations", `service.kubernetes.io/${name}`]));
  const clusterIP = stringAt(at("clusterIP"));
  const selectorPlaceholder = placeholderAt(at("selector"));
  const selector = labelsAt(selectorPlaceholder ? undefined : at("selector"), spec?.key("selector") ?? specRange);
  const written = [...(clusterIP ? [clusterIP] : []), ...stringsAt(at("clusterIPs"))];
  return {
    type: "Service",
    serviceType:
      wordAt(at("type"), serviceTypes, "spec.type", notes) ?? defaulted("ClusterIP", spec?.key("type") ?? specRange),
    selector: selector.entries.length > 0 ? selector : undefined,
    selectorPlaceholder,
    ports: itemsOf(at("ports")).flatMap((item, index) => readPort(item, index, notes) ?? []),
    clusterIPs: distinct(written.filter((ip) => parseIP(ip.value) !== undefined)),
    headless: clusterIP?.value === "None" ? { ...clusterIP, value: true } : undefined,
    ipFamilies: itemsOf(at("ipFamilies")).flatMap(
      (item) => wordAt<Family>(item, ["IPv4", "IPv6"], "spec.ipFamilies", notes) ?? [],
    ),
    ipFamilyPolicy: wordAt(
      at("ipFamilyPolicy"),
      ["SingleStack", "PreferDualStack", "RequireDualStack"],
      "spec.ipFamilyPolicy",
      notes,
    ),
    externalIPs: stringsAt(at("externalIPs")),
    externalName: stringAt(at("externalName")),
    loadBalancerIP: stringAt(at("loadBalancerIP")),
    loadBalancerSourceRanges: stringsAt(at("loadBalancerSourceRanges")),
    loadBalancerIngress: itemsOf(treeAt(tree, ["status", "loadBalancer", "ingress"])).flatMap((entry) => {
      const ip = stringAt(treeAt(entry, ["ip"]));
      return ip ? [{ ip, proxied: stringAt(treeAt(entry, ["ipMode"]))?.value === "Proxy" }] : [];
    }),
    sessionAffinity:
      wordAt(at("sessionAffinity"), ["None", "ClientIP"], "spec.sessionAffinity", notes) ??
      defaulted("None", specRange),
    sessionAffinityTimeout:
      integerAt(treeAt(at("sessionAffinityConfig"), ["clientIP", "timeoutSeconds"])) ?? defaulted(10800, specRange),
    externalTrafficPolicy:
      wordAt(at("externalTrafficPolicy"), policies, "spec.externalTrafficPolicy", notes) ??
      defaulted("Cluster", specRange),
    internalTrafficPolicy:
      wordAt(at("internalTrafficPolicy"), policies, "spec.internalTrafficPolicy", notes) ??
      defaulted("Cluster", specRange),
    allocateLoadBalancerNodePorts: booleanAt(at("allocateLoadBalancerNodePorts"))?.value ?? true,
    publishNotReadyAddresses: booleanAt(at("publishNotReadyAddresses"))?.value ?? false,
    healthCheckNodePort: integerAt(at("healthCheckNodePort")),
    trafficDistribution: stringAt(at("trafficDistribution")),
    topologyMode: annotation("topology-mode") ?? annotation("topology-aware-hints"),
    foreignProxy: header.labels.entries.some(({ key }) => key.value === "service.kubernetes.io/service-proxy-name"),
    ...header,
  };
}

function readPort(item: Tree | undefined, index: number, notes: Notes): ServicePort | undefined {
  const path = `spec.ports[${index}]`;
  const port = fieldsOf(item, servicePort, path, notes);
  if (port === undefined || item?.kind !== "map") return undefined;
  const range = item.entries[0]?.key.range ?? item.range;
  const number = integerAt(port.get("port")) ?? defaulted(0, port.has("port") ? port.key("port") : range);
  const target = integerAt(port.get("targetPort")) ?? stringAt(port.get("targetPort"));
  return {
    name: nonEmpty(stringAt(port.get("name"))),
    port: number,
    protocol: wordAt(port.get("protocol"), protocols, `${path}.protocol`, notes) ?? defaulted("TCP", number.range),
    targetPort:
      target === undefined || target.value === 0 || target.value === ""
        ? defaulted(number.value, target?.range ?? number.range)
        : target,
    nodePort: positive(integerAt(port.get("nodePort"))),
    range,
  };
}

const nonEmpty = (field: Field<string> | undefined): Field<string> | undefined => (field?.value ? field : undefined);

const positive = (field: Field<number> | undefined): Field<number> | undefined =>
  field && field.value > 0 ? field : undefined;

function distinct(ips: readonly Field<string>[]): readonly Field<string>[] {
  const seen = new Set<string>();
  return ips.filter(({ value }) => !seen.has(value) && seen.add(value));
}
