import { cut } from "../base/cut.ts";
import { groupBy } from "../base/group-by.ts";
import { list, type Message, message, quote } from "../base/message.ts";
import type { Field } from "../base/source.ts";
import type { ServedPort } from "../cluster/endpoints.ts";
import type { AllocatedPort, NodePorts } from "../cluster/node-ports.ts";
import type { Endpoint, Resolution } from "../cluster/resolution.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import { addressPortText, addressText, allocatedText } from "./layout.ts";
import type { Block, Words } from "./markdown.ts";
import { linkTo, portText } from "./naming.ts";

/** Nobody reads more in a hover. */
const MOST_ENDPOINTS = 8;

/** One line for each pod, or address kept by hand, with the ports that it serves. */
export function listEndpoints(served: readonly ServedPort[]): readonly Block[] {
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
  const address = quote(
    ports.length > 1 ? addressText(endpoint.address) : addressPortText(endpoint.address, endpoint.port),
  );
  const served = ports.length > 1 ? message`${address} ports ${list(ports, "comma")}` : message`${address}`;
  const pod = quote(endpoint.pod ?? "");
  const node = quote(endpoint.node ?? "");
  const place =
    endpoint.pod === undefined
      ? served
      : endpoint.node === undefined
        ? message`${served} · ${pod}`
        : message`${served} · ${pod} on ${node}`;
  return endpoint.ready ? place : message`${place}, not ready`;
}

/** The workloads whose pods are the endpoints. */
export function listWorkloads({ endpoints }: Resolution): readonly Block[] {
  if (endpoints.kind !== "selected" || endpoints.pods.length === 0) return [];
  const { shown, more } = cut(endpoints.pods, MOST_ENDPOINTS);
  const items = shown.map(({ workload }) => linkTo(workload));
  return [{ kind: "list", items: more > 0 ? [...items, message`and ${more} more`] : items }];
}

/**
 * The ports of a Service: what they are called, where they lead, and how many endpoints each has.
 * @param nodePorts the written ones, where it is not known which ones a cluster would hand out
 */
export function listPorts(
  service: ServiceManifest,
  served: readonly ServedPort[] | undefined,
  nodePorts: NodePorts["ports"] = service.ports.map(({ nodePort }) => writtenPort(nodePort)),
): readonly Block[] {
  if (service.ports.length === 0) return [];
  const hasNodePorts = nodePorts.some((port) => port !== undefined);
  const head = [
    message`port`,
    message`targetPort`,
    ...(hasNodePorts ? [message`nodePort`] : []),
    ...(served ? [message`endpoints`] : []),
  ];
  const rows = service.ports.map((port, index): readonly Words[] => [
    message`${quote(portText(port))}`,
    message`${quote(port.targetPort.value)}`,
    ...(hasNodePorts ? [describeNodePort(nodePorts[index])] : []),
    ...(served ? [message`${served[index]?.endpoints.length ?? 0}`] : []),
  ]);
  return [{ kind: "table", head, rows }];
}

const writtenPort = (port: Field<number> | undefined): AllocatedPort | undefined =>
  port && { port: port.value, origin: "written" };

function describeNodePort(nodePort: AllocatedPort | undefined): Message {
  return nodePort === undefined ? message`–` : message`${allocatedText(nodePort)}`;
}
