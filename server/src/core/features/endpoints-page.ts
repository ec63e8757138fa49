import { type Message, message, quote } from "../base/message.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { clusterName } from "../cluster/dns-records.ts";
import { listAddresses } from "../cluster/endpoints.ts";
import { MOST_POSSIBLE } from "../cluster/matching.ts";
import { originalOf } from "../cluster/namespaces.ts";
import { isUncounted } from "../cluster/pods.ts";
import type { Endpoint, PodSource, PortTarget, Resolution } from "../cluster/resolution.ts";
import { scopeName } from "../cluster/scope.ts";
import type { ServedService } from "../cluster/served.ts";
import type { ServiceManifest, WorkloadManifest } from "../manifest/model.ts";
import { endpointRemedies } from "./endpoint-remedies.ts";
import { describeTarget } from "./hover-port.ts";
import {
  addressPortText,
  addressText,
  allocatedText,
  blank,
  type Cell,
  fact,
  header,
  indented,
  linked,
  table,
  withLegend,
} from "./layout.ts";
import { nameOf, portText } from "./naming.ts";
import type { Line, Page, Piece } from "./page.ts";
import type { Remedy } from "./remedies.ts";

/**
 * Where a Service leads: what it is, then for each port the endpoints that the EndpointSlice controller would list, and
 * why others are missing.
 * @param resolutions of one Service or of several, one for each scope that is asked about
 */
export function endpointsPage(cluster: Cluster, resolutions: readonly Resolution[]): Page {
  const sections = resolutions.map((resolution) => section(cluster, resolution));
  return { lines: withLegend(sections.flatMap((lines, index) => (index === 0 ? lines : [blank, ...lines]))) };
}

function section(cluster: Cluster, resolution: Resolution): readonly Line[] {
  const served = servedAt(cluster, resolution);
  const { service } = resolution;
  const rows = portRows(cluster, served);
  const remarks = [...remarksOn(served), ...targetRemarks(served)];
  return [
    [linked(message`${nameOf(service)} in namespace ${quote(service.namespace.value)}`, service.name.range, "title")],
    ...facts(cluster, served),
    ...(rows.length > 1 ? [blank, ...table(1, rows)] : []),
    ...(remarks.length > 0 ? [blank, ...remarks] : []),
  ];
}

/** The Service as its scope sees it. */
function servedAt(cluster: Cluster, resolution: Resolution): ServedService {
  const { service } = resolution;
  const addresses = cluster.viewOf(resolution).plan.services.get(service) ?? {
    clusterIPs: [],
    exhausted: [],
    nodePorts: { ports: [], healthCheck: undefined },
    loadBalancerIPs: [],
  };
  return { service, resolution, addresses, ports: cluster.endpointsOf(resolution) };
}

function facts(cluster: Cluster, { service, resolution, addresses }: ServedService): readonly Line[] {
  const { endpoints } = resolution;
  const addressesOf = (texts: readonly string[], source: Piece["source"]): Piece => linked(texts.join(", "), source);
  const lines: Line[] = [fact(message`type`, linked(typeText(service), service.serviceType.range))];
  const { clusterIPs, loadBalancerIPs, nodePorts } = addresses;
  if (clusterIPs.length > 0) {
    const written = service.clusterIPs[0]?.range ?? service.name.range;
    lines.push(fact(message`cluster IP`, addressesOf(clusterIPs.map(addressText), written)));
  }
  if (service.externalIPs.length > 0) {
    const external = service.externalIPs.map(({ value }) => value);
    lines.push(fact(message`external IP`, addressesOf(external, service.externalIPs[0]?.range)));
  }
  if (loadBalancerIPs.length > 0) {
    const range = service.loadBalancerIngress[0]?.ip.range ?? service.loadBalancerIP?.range;
    lines.push(fact(message`load balancer`, addressesOf(loadBalancerIPs.map(addressText), range)));
  }
  if (nodePorts.healthCheck) {
    lines.push(
      fact(message`health check`, linked(allocatedText(nodePorts.healthCheck), service.healthCheckNodePort?.range)),
    );
  }
  const { profile } = cluster.viewOf(resolution);
  if (service.name.value !== "") lines.push(fact(message`name`, { text: clusterName(profile, service) }));
  if (endpoints.kind === "external")
    lines.push(fact(message`alias of`, linked(endpoints.name.value, endpoints.name.range)));
  if (service.selector) {
    const labels = service.selector.entries.map(({ key, value }) => `${key.value}=${value.value}`).join(",");
    lines.push(fact(message`selector`, linked(labels, service.selector.key)));
  }
  return [...lines, fact(message`scope`, { text: scopeName(resolution.scope) })];
}

const typeText = ({ serviceType, headless }: ServiceManifest): string =>
  headless ? `${serviceType.value}, headless` : serviceType.value;

/** The table: a row for each endpoint, or one for a port that has none. */
function portRows(cluster: Cluster, served: ServedService): readonly (readonly Cell[])[] {
  const { ports, addresses } = served;
  const rows = ports.flatMap(({ resolution: { port }, endpoints }, index): (readonly Cell[])[] => {
    const nodePort = addresses.nodePorts.ports[index];
    const number = nodePort ? `${port.port.value}:${allocatedText(nodePort)}` : `${port.port.value}`;
    const start: readonly Cell[] = [
      port.name ? linked(port.name.value, port.name.range) : { text: "<unset>", role: "faint" },
      linked(`${number}/${port.protocol.value}`, port.port.range),
      linked(String(port.targetPort.value), port.targetPort.range),
    ];
    if (endpoints.length === 0 && served.resolution.endpoints.kind === "unknown") return [[...start, { text: "?" }]];
    if (endpoints.length === 0) return [[...start, { text: "<none>", role: "bad" }]];
    return endpoints.map((endpoint, place) => [
      ...(place === 0 ? start : start.map((): Cell => ({ text: "" }))),
      ...endpointCells(endpoint, addressPortText(endpoint.address, endpoint.port)),
    ]);
  });
  const portless = ports.length === 0 && served.service.headless ? addressRows(cluster, served) : [];
  return [header("NAME", "PORT", "TARGET", "ENDPOINT", "POD", "NODE", "CONTAINER", "READY"), ...rows, ...portless];
}

/** A headless Service without ports has addresses all the same. */
const addressRows = (cluster: Cluster, { resolution }: ServedService): readonly (readonly Cell[])[] =>
  listAddresses(cluster.viewOf(resolution), resolution).map((endpoint) => [
    { text: "" },
    { text: "" },
    { text: "" },
    ...endpointCells(endpoint, addressText(endpoint.address)),
  ]);

const endpointCells = (endpoint: Endpoint, address: string): readonly Cell[] => [
  linked(address, endpoint.because),
  { text: endpoint.pod ?? "" },
  { text: endpoint.node ?? "" },
  { text: endpoint.container ?? "" },
  endpoint.ready ? { text: "true", role: "good" } : { text: "false", role: "bad" },
];

/** What there is to say about the Service as a whole. */
function remarksOn(served: ServedService): readonly Line[] {
  const { service, resolution } = served;
  const { endpoints, scope } = resolution;
  const said = (text: Message, source?: Piece["source"]): Line => indented(1, linked(text, source));
  const lines: Line[] = [];
  if (service.headless) {
    lines.push(
      said(message`headless: its name leads to the pods themselves, and no port is translated`, service.headless.range),
    );
  }
  if (originalOf(service) !== service) {
    lines.push(said(message`its manifest names no namespace: the one of what is applied with it is assumed`));
  }
  if (service.foreignProxy) lines.push(said(message`a proxy other than kube-proxy serves it`));
  if (resolution.observed.length > 0) {
    lines.push(said(message`the endpoints are those of a dump of a cluster`));
  }
  switch (endpoints.kind) {
    case "external":
      return [...lines, said(message`an alias in DNS: no address, no proxy, no endpoints`, endpoints.name.range)];
    case "none":
      return [
        ...lines,
        said(
          message`no selector, and no EndpointSlice here: something else must provide its endpoints`,
          service.name.range,
        ),
      ];
    case "unknown":
      return [
        ...lines,
        said(
          message`the selector is a placeholder: which pods it selects, if any, is filled in later`,
          endpoints.selector.range,
        ),
      ];
    case "manual":
      return [
        ...lines,
        ...endpoints.slices.map((slice) =>
          said(message`no selector: its endpoints are written by hand, in ${nameOf(slice)}`, slice.name.range),
        ),
      ];
    case "selected": {
      const possible = endpoints.pods.filter(({ match }) => match === "possible");
      const doubts = possible.map(({ workload }) =>
        said(
          message`only a cluster can tell whether the pods of ${nameOf(workload)} are selected`,
          workload.template.labels.key,
        ),
      );
      const further = served.resolution.reach?.isCut
        ? [
            said(
              message`more workloads may be selected: of those with labels that are filled in later, only the first ${MOST_POSSIBLE} are looked at`,
              endpoints.selector.key,
            ),
          ]
        : [];
      const uncounted = endpoints.pods
        .filter(isUncounted)
        .map(({ workload }) =>
          said(
            message`only a cluster can tell how many pods ${nameOf(workload)} has; one stands for them`,
            workload.name.range,
          ),
        );
      if (endpoints.pods.length > 0)
        return [...lines, ...doubts, ...further, ...uncounted, ...missingPods(endpoints.pods)];
      const nobody = message`no pod in namespace ${quote(service.namespace.value)} has all labels of the selector`;
      const open = message`${nobody}, as far as these files tell: more may be deployed with it`;
      return [
        ...lines,
        said(scope.open === undefined ? nobody : open, endpoints.selector.key),
        ...endpointRemedies(served, undefined).map(remedyLine),
      ];
    }
  }
}

/** Dumped Pods that are no endpoints. */
const missingPods = (sources: readonly PodSource[]): readonly Line[] =>
  sources.flatMap(({ workload, observed = [workload] }) => {
    if (observed.length === 0) {
      const said = message`the dumped Pods of ${nameOf(workload)} lack labels that the selector asks for`;
      return [indented(1, linked(said, workload.name.range))];
    }
    return observed.flatMap((pod) => {
      const said = whyNoEndpoint(pod);
      return said ? [indented(1, linked(said, pod.name.range))] : [];
    });
  });

function whyNoEndpoint(pod: WorkloadManifest): Message | undefined {
  if (pod.observed === undefined) return undefined;
  const { phase, podIPs } = pod.observed;
  if (phase === "Succeeded" || phase === "Failed") {
    return message`${nameOf(pod)} is no endpoint: it has ended (${phase})`;
  }
  return phase === "Pending" && podIPs.length === 0
    ? message`${nameOf(pod)} is no endpoint: it is pending and has no address yet`
    : undefined;
}

const remedyLine = ({ said, source }: Remedy): Line => indented(1, linked(message`To fix: ${said}`, source));

/** Why a port leads nowhere in some pods, or leads to a number that nobody declares. */
function targetRemarks({ resolution, service }: ServedService): readonly Line[] {
  return resolution.ports.flatMap(({ port, targets }) => {
    const odd = targets.filter(({ kind }) => kind !== "declared" && kind !== "manual");
    const remarks = odd.map((target: PortTarget): Line => {
      const { said, source } = describeTarget(target);
      return indented(1, linked(message`port ${quote(portText(port))}: ${said}`, source));
    });
    const byHand = resolution.endpoints.kind === "manual" && targets.length === 0;
    if (!byHand) return remarks;
    const missing = message`port ${quote(portText(port))}: no EndpointSlice of it has a port of this name and protocol`;
    return [indented(1, linked(missing, (port.name ?? service.name).range))];
  });
}
