import { groupBy } from "../base/group-by.ts";
import { hostPort } from "../base/ip.ts";
import { list, type Message, message, quote } from "../base/message.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { serviceNames } from "../cluster/dns-names.ts";
import type { ServedPort } from "../cluster/endpoints.ts";
import { variablePrefix } from "../cluster/env.ts";
import { endpointChain, portChain, servicePortName } from "../cluster/iptables/chain-names.ts";
import type { Address, Endpoint, Resolution } from "../cluster/resolution.ts";
import { scopeName } from "../cluster/scope.ts";
import { nearestResolution } from "../cluster/view.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import { endpointsTitle } from "./lens.ts";
import type { Block, Prose, Words } from "./markdown.ts";
import { cut, portText } from "./naming.ts";

/** A Service at a glance: its endpoints, ports, names, variables, and its way through kube-proxy's rules. */
export function describeService(cluster: Cluster, service: ServiceManifest): Prose {
  const resolutions = cluster.resolve(service);
  const resolution = nearestResolution(cluster.snapshot, service.range.uri, resolutions);
  if (resolution === undefined) return [];
  const { endpoints } = resolution;
  if (endpoints.kind === "external") {
    return [
      { kind: "heading", words: message`Service ${quote(service.name.value)} · ExternalName` },
      { kind: "paragraph", words: message`An alias of ${quote(endpoints.name.value)} in DNS: no address, no proxy` },
      ...names(cluster, service),
    ];
  }
  const view = cluster.viewFrom(service.range.uri);
  const addresses = view.plan.services.get(service)?.clusterIPs ?? [];
  const served = cluster.endpointsOf(resolution);
  return [
    { kind: "heading", words: headline(service, addresses) },
    { kind: "paragraph", words: endpointsTitle(cluster, [resolution]) },
    ...otherScopes(resolution, resolutions),
    ...endpointList(served),
    ...portTable(cluster, service, served),
    ...names(cluster, service),
    ...variables(service),
    ...chains(cluster, service, served),
  ];
}

/** Nobody reads more in a hover. */
const MOST_ENDPOINTS = 8;

function headline({ name, serviceType, headless }: ServiceManifest, addresses: readonly Address[]): Message {
  if (headless) return message`Service ${quote(name.value)} · headless`;
  if (addresses.length === 0) return message`Service ${quote(name.value)} · ${serviceType.value}`;
  const ips = list(addresses.map(withOrigin), "comma");
  return message`Service ${quote(name.value)} · ${serviceType.value} ${ips}`;
}

const withOrigin = ({ ip, origin }: Address): Message =>
  origin === "simulated" ? message`${quote(ip)} (simulated)` : message`${quote(ip)}`;

function otherScopes({ scope }: Resolution, resolutions: readonly Resolution[]): readonly Block[] {
  if (resolutions.length < 2) return [];
  const names = list(
    resolutions.map((other) => quote(scopeName(other.scope))),
    "comma",
  );
  return [
    { kind: "paragraph", words: message`It lives in several scopes: ${names}. Here: ${quote(scopeName(scope))}` },
  ];
}

/** One line for each pod, or address kept by hand, with the ports that it serves. */
function endpointList(served: readonly ServedPort[]): readonly Block[] {
  const byAddress = groupBy(
    served.flatMap((port) => port.endpoints),
    ({ address }) => address.ip,
  );
  if (byAddress.size === 0) return [];
  const { shown, more } = cut([...byAddress.values()], MOST_ENDPOINTS);
  const items: readonly Words[] = shown.flatMap(([endpoint, ...others]) =>
    endpoint ? [{ said: endpointLine(endpoint, others), source: endpoint.because }] : [],
  );
  return [{ kind: "list", items: more > 0 ? [...items, message`and ${more} more`] : items }];
}

function endpointLine(endpoint: Endpoint, others: readonly Endpoint[]): Message {
  const ports = [...new Set([endpoint, ...others].map(({ port }) => port))];
  const address = ports.length > 1 ? quote(endpoint.address.ip) : quote(addressOf(endpoint));
  const served = ports.length > 1 ? message`${address} ports ${list(ports, "comma")}` : message`${address}`;
  const pod = quote(endpoint.pod ?? "");
  const node = quote(endpoint.node ?? "");
  const place =
    endpoint.pod === undefined
      ? served
      : endpoint.node === undefined
        ? message`${served} · ${pod}`
        : message`${served} · ${pod} on ${node}`;
  const state = endpoint.ready ? place : message`${place}, not ready`;
  return endpoint.address.origin === "simulated" ? message`${state} (simulated)` : state;
}

const addressOf = ({ address, port }: Endpoint): string => hostPort(address.ip, port);

function portTable(cluster: Cluster, service: ServiceManifest, served: readonly ServedPort[]): readonly Block[] {
  if (service.ports.length === 0) return [];
  const nodePorts = cluster.viewFrom(service.range.uri).plan.services.get(service)?.nodePorts.ports ?? [];
  const hasNodePorts = nodePorts.some((port) => port !== undefined);
  const head = [message`port`, message`targetPort`, ...(hasNodePorts ? [message`nodePort`] : []), message`endpoints`];
  const rows = served.map(({ resolution, endpoints }, index): readonly Words[] => {
    const nodePort = nodePorts[index];
    const allocated =
      nodePort === undefined
        ? message`–`
        : nodePort.origin === "simulated"
          ? message`${nodePort.port} (simulated)`
          : message`${nodePort.port}`;
    return [
      message`${quote(portText(resolution.port))}`,
      message`${quote(resolution.port.targetPort.value)}`,
      ...(hasNodePorts ? [allocated] : []),
      message`${endpoints.length}`,
    ];
  });
  return [{ kind: "table", head, rows }];
}

function names(cluster: Cluster, service: ServiceManifest): readonly Block[] {
  const subject = { service, clusterIPs: [], ports: [] };
  const items = serviceNames(cluster.profileAt(service.range.uri), subject).map(({ name, from, port }) =>
    port
      ? message`${quote(name)} (SRV)`
      : from === undefined
        ? message`${quote(name)} from everywhere in the cluster`
        : message`${quote(name)} from namespace ${quote(from)}`,
  );
  if (items.length === 0) return [];
  return [
    { kind: "paragraph", words: message`Names in the cluster's DNS:` },
    { kind: "list", items },
  ];
}

/** Only Services with a cluster IP and ports have them. */
function variables({ name, ports, headless }: ServiceManifest): readonly Block[] {
  const [first] = ports;
  if (headless || first === undefined) return [];
  const prefix = variablePrefix(name.value);
  const shown = list(
    [
      `${prefix}_SERVICE_HOST`,
      `${prefix}_SERVICE_PORT`,
      ...ports.flatMap((port) => (port.name ? [`${prefix}_SERVICE_PORT_${variablePrefix(port.name.value)}`] : [])),
      `${prefix}_PORT`,
      `${prefix}_PORT_${first.port.value}_${first.protocol.value}`,
    ].map(quote),
    "comma",
  );
  return [{ kind: "paragraph", words: message`Variables for containers of its namespace: ${shown}` }];
}

/** The chains that a packet to the cluster IP passes, in short. A port without endpoints has none: it is rejected. */
function chains(cluster: Cluster, service: ServiceManifest, served: readonly ServedPort[]): readonly Block[] {
  const { proxy, kubernetesVersion } = cluster.profileAt(service.range.uri);
  if (service.headless || service.foreignProxy || proxy.mode !== "iptables" || served.length === 0) return [];
  const kind = service.internalTrafficPolicy.value === "Local" ? "SVL" : "SVC";
  const items = served.map(({ resolution: { port }, endpoints }): Message => {
    const { namespace, name } = service;
    const hashed = servicePortName(kubernetesVersion, namespace.value, name.value, port.name?.value ?? "");
    const ready = endpoints.filter((endpoint) => endpoint.ready);
    const [first] = ready;
    if (first === undefined) return message`${quote(portText(port))}: no endpoint, every connection is rejected`;
    const chain = portChain(kind, hashed, port.protocol.value);
    const last = endpointChain(hashed, port.protocol.value, addressOf(first));
    const way = message`${quote(portText(port))}: ${quote("KUBE-SERVICES")} → ${quote(chain)} → ${quote(last)}`;
    return ready.length === 1 ? way : message`${way} and ${ready.length - 1} more`;
  });
  return [
    { kind: "paragraph", words: message`The way through iptables:` },
    { kind: "list", items },
  ];
}
