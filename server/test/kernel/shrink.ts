import type { ProxyInput, ServicePort } from "../../src/core/cluster/kube-proxy/proxy-input.ts";

/**
 * Takes away from an input whatever can be taken away while something still holds of it.
 * @param deadline when to be content with what there is, on the clock of `performance.now()`
 */
export async function shrink(
  input: ProxyInput,
  deadline: number,
  holds: (input: ProxyInput) => Promise<boolean>,
): Promise<ProxyInput> {
  for (const smaller of smallerThan(input)) {
    if (performance.now() > deadline) break;
    if (await holds(smaller)) return shrink(smaller, deadline, holds);
  }
  return input;
}

/** Inputs with one thing less, the largest things first. */
function* smallerThan(input: ProxyInput): Generator<ProxyInput> {
  const { servicePorts } = input;
  for (const port of servicePorts) yield { ...input, servicePorts: servicePorts.filter((other) => other !== port) };
  for (const port of servicePorts) {
    for (const smaller of smallerPorts(port)) {
      yield { ...input, servicePorts: servicePorts.map((other) => (other === port ? smaller : other)) };
    }
  }
}

function* smallerPorts(port: ServicePort): Generator<ServicePort> {
  for (const endpoint of port.endpoints) {
    yield { ...port, endpoints: port.endpoints.filter((other) => other !== endpoint) };
  }
  if (port.nodePort !== undefined) yield { ...port, nodePort: undefined };
  if (port.affinitySeconds !== undefined) yield { ...port, affinitySeconds: undefined };
  if (port.healthCheckNodePort !== undefined) yield { ...port, healthCheckNodePort: undefined };
  for (const list of ["externalIPs", "loadBalancerVIPs", "sourceRanges"] as const) {
    if (port[list].length > 0) yield { ...port, [list]: [] };
  }
}
