import { type Family, familyOf, parseIP } from "../base/ip.ts";
import type { EndpointAddress, EndpointsManifest, ServiceManifest, ServicePort } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";
import { servedFamilies, writtenFamilies } from "./families.ts";
import type { Endpoint } from "./resolution.ts";

/**
 * The endpoints that Endpoints and EndpointSlices list for one port of a Service: those of the port's name and protocol.
 * The same address and port is one endpoint, however many of them list it; an EndpointSlice, which says more, before an
 * Endpoints object. Addresses of a family that the Service has not are passed over.
 * Source: kubernetes/kubernetes pkg/proxy/endpointslicecache.go
 * @param port `undefined` for every address whatever its port, which is 0 then
 */
export function sliceEndpoints(
  profile: Profile,
  service: ServiceManifest,
  port: ServicePort | undefined,
  slices: readonly EndpointsManifest[],
): readonly Endpoint[] {
  const found = new Map<string, Endpoint>();
  const isSlice = ({ kind }: EndpointsManifest): boolean => kind.value === "EndpointSlice";
  const ordered = [...slices.filter(isSlice), ...slices.filter((slice) => !isSlice(slice))];
  for (const slice of ordered) {
    const families = familiesIn(profile, service, slice);
    for (const { addresses, ports } of slice.subsets) {
      const numbers = port === undefined ? [0] : ports.filter((own) => isPort(own, port)).map((own) => own.port.value);
      for (const number of numbers) {
        for (const address of addresses) {
          const endpoint = endpointAt(slice, address, number, port?.protocol.value ?? "TCP");
          if (endpoint === undefined || !families.includes(familyOf(endpoint.address.ip))) continue;
          const key = `${endpoint.address.ip} ${number}`;
          if (!found.has(key)) found.set(key, endpoint);
        }
      }
    }
  }
  return [...found.values()];
}

const isPort = (own: EndpointsManifest["subsets"][number]["ports"][number], { name, protocol }: ServicePort): boolean =>
  own.name === (name?.value ?? "") && own.protocol === protocol.value;

/** The families in which a Service may have these endpoints. What was dumped shows them where the Service does not. */
function familiesIn(profile: Profile, service: ServiceManifest, { observed }: EndpointsManifest): readonly Family[] {
  return observed && writtenFamilies(service).length === 0 ? ["IPv4", "IPv6"] : servedFamilies(profile, service);
}

function endpointAt(
  { observed }: EndpointsManifest,
  entry: EndpointAddress,
  port: number,
  protocol: Endpoint["protocol"],
): Endpoint | undefined {
  const ip = parseIP(entry.ip.value);
  if (ip === undefined) return undefined;
  return {
    address: { ip, origin: observed ? "observed" : "written" },
    port,
    protocol,
    ready: entry.ready,
    serving: entry.serving,
    terminating: entry.terminating,
    node: entry.nodeName,
    pod: entry.pod,
    container: undefined,
    hostname: entry.hostname,
    hints: entry.hints,
    because: entry.ip.range,
  };
}
