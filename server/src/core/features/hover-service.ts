import { cut } from "../base/cut.ts";
import { list, type Message, message, quote } from "../base/message.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { serviceNames } from "../cluster/dns-names.ts";
import { variablePrefix } from "../cluster/env.ts";
import type { Address, Resolution } from "../cluster/resolution.ts";
import { nearestResolution } from "../cluster/seen-services.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import { listEndpoints, listPorts, listWorkloads } from "./hover-endpoints.ts";
import { filledInLater } from "./hover-selector.ts";
import { addressText } from "./layout.ts";
import { endpointsTitle } from "./lens.ts";
import type { Block, Prose } from "./markdown.ts";
import { listPaths } from "./proxy-path.ts";
import { scopeLabel } from "./scope-words.ts";

/** A Service at a glance: its endpoints, ports, names, variables, and its way through kube-proxy's rules. */
export function describeService(cluster: Cluster, written: ServiceManifest): Prose {
  const resolutions = cluster.placed(written);
  const resolution = nearestResolution(written.range.uri, resolutions);
  if (resolution === undefined) return [];
  const { endpoints, service } = resolution;
  if (endpoints.kind === "external") {
    return [
      { kind: "heading", words: message`Service ${quote(service.name.value)} · ExternalName` },
      { kind: "paragraph", words: message`An alias of ${quote(endpoints.name.value)} in DNS: no address, no proxy` },
      ...names(cluster, service),
    ];
  }
  const isLarge = cluster.snapshot.files.size > MOST_FILES;
  const plan = isLarge ? undefined : cluster.viewOf(resolution).plan.services.get(service);
  const served = isLarge || endpoints.kind === "unknown" ? undefined : cluster.endpointsOf(resolution);
  const addresses = plan?.clusterIPs ?? writtenAddresses(service);
  return [
    { kind: "heading", words: headline(service, addresses) },
    { kind: "paragraph", words: endpointsTitle(cluster, [resolution]) },
    ...(endpoints.kind === "unknown" ? [filledInLater] : []),
    ...otherScopes(cluster, resolution, resolutions),
    ...(served ? listEndpoints(served) : listWorkloads(resolution)),
    ...listPorts(service, served, plan?.nodePorts.ports),
    ...names(cluster, service),
    ...variables(service),
    ...listPaths(cluster, service, served, addresses[0]),
  ];
}

/** In a larger workspace a hover leaves out the addresses, which are handed out for all of it at once. */
const MOST_FILES = 10_000;

const writtenAddresses = ({ clusterIPs }: ServiceManifest): readonly Address[] =>
  clusterIPs.map(({ value }) => ({ ip: value, origin: "written" }));

function headline({ name, serviceType, headless }: ServiceManifest, addresses: readonly Address[]): Message {
  if (headless) return message`Service ${quote(name.value)} · headless`;
  if (addresses.length === 0) return message`Service ${quote(name.value)} · ${serviceType.value}`;
  const ips = list(
    addresses.map((address) => quote(addressText(address))),
    "comma",
  );
  return message`Service ${quote(name.value)} · ${serviceType.value} ${ips}`;
}

function otherScopes(cluster: Cluster, shown: Resolution, resolutions: readonly Resolution[]): readonly Block[] {
  if (resolutions.length < 2) return [];
  const scopes = cut(resolutions, MOST_SCOPES);
  const items = scopes.shown.map(
    (resolution) => message`${scopeLabel(resolution, resolutions)}: ${endpointsTitle(cluster, [resolution])}`,
  );
  return [
    {
      kind: "paragraph",
      words: message`It is in several scopes, of which ${scopeLabel(shown, resolutions)} is shown:`,
    },
    { kind: "list", items: scopes.more > 0 ? [...items, message`and ${scopes.more} more`] : items },
  ];
}

const MOST_SCOPES = 8;

function names(cluster: Cluster, service: ServiceManifest): readonly Block[] {
  const subject = { service, clusterIPs: [], ports: [] };
  const items = serviceNames(cluster.profileAt(service.range.uri), subject).map(({ name, from, port }) =>
    port
      ? message`${quote(name)} (SRV)`
      : from === undefined
        ? message`${quote(name)} from any namespace`
        : message`${quote(name)} from namespace ${quote(from)}`,
  );
  if (items.length === 0) return [];
  return [
    { kind: "paragraph", words: message`Cluster DNS names:` },
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
  return [{ kind: "paragraph", words: message`Environment variables in containers of its namespace: ${shown}` }];
}
