import { list, message, quote } from "../base/message.ts";
import type { PortResolution } from "../cluster/resolution.ts";
import type { EndpointsManifest, ServiceManifest } from "../manifest/model.ts";
import { folderOf } from "../workspace/folders.ts";
import { isWithinRange } from "./edits.ts";
import type { Finding } from "./rule.ts";
import { listObjects } from "./words.ts";

/**
 * A Service port without any address, although some are kept by hand beside the Service: what ties the two together is
 * the name and the protocol of the port alone.
 */
export function unmatchedByHand(
  service: ServiceManifest,
  { port, targets }: PortResolution,
  slices: readonly EndpointsManifest[],
): Finding | undefined {
  const beside = slices.filter(
    ({ observed, range }) => !observed && folderOf(range.uri) === folderOf(service.range.uri),
  );
  const ports = beside.flatMap(({ subsets }) => subsets.flatMap((subset) => subset.ports));
  const [first] = ports;
  if (targets.length > 0 || first === undefined) return undefined;
  const name = port.name?.value ?? "";
  const twin = ports.find((candidate) => candidate.name === name);
  const names = list([...new Set(ports.map((entry) => entry.name))].map(quote), "comma");
  const addresses = listObjects(beside);
  return {
    range: port.name && isWithinRange(port.name.range, service.range) ? port.name.range : port.port.range,
    message: twin
      ? message`port ${quote(name)} is ${port.protocol.value} here and ${twin.protocol} in ${addresses}`
      : name === ""
        ? message`this port has no name, and ${addresses} has ${names}`
        : message`no port of ${addresses} is named ${quote(name)} (it has ${names})`,
    related: [{ range: (twin ?? first).port.range, message: message`a port of ${addresses}` }],
    fixes: [],
  };
}
