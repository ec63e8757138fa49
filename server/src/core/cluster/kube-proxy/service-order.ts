import { isFrom, type Release, type ServicePort } from "./proxy-input.ts";

/** A service port under the name that its chains and comments carry. */
export interface NamedPort {
  readonly name: string;
  readonly port: ServicePort;
}

/**
 * Service ports in the order in which their rules are shown: by namespace and Service name, and ports of one Service as
 * given. kube-proxy itself has no order: it walks a Go map. Of two ports with one key it knows only one; here the first.
 */
export function orderServicePorts(release: Release, ports: readonly ServicePort[]): readonly NamedPort[] {
  const sorted = [...ports].sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.service, b.service));
  const seen = new Set<string>();
  const named: NamedPort[] = [];
  for (const port of sorted) {
    const name = servicePortName(release, port.namespace, port.service, port.portName);
    const key = `${name} ${port.protocol}`;
    if (seen.has(key)) continue;
    seen.add(key);
    named.push({ name, port });
  }
  return named;
}

/**
 * `namespace/name:portName`, the text that kube-proxy hashes and writes into comments.
 * Up to 1.18 an unnamed port keeps its colon (`default/web:`), which gives it another hash than later releases do.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/types.go `ServicePortName.String`
 */
export function servicePortName(release: Release, namespace: string, service: string, portName: string): string {
  const name = `${namespace}/${service}`;
  return portName === "" && isFrom(release, 19) ? name : `${name}:${portName}`;
}

/** By code units, never by locale. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
