import type { Origin } from "../base/source.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import { atLeast, type PortRange, type Profile } from "../settings/profile.ts";
import { claim, place, poolOf } from "./placement.ts";

/** The ports of a Service on every node. */
export interface NodePorts {
  /** One for each entry of `spec.ports`, in that order; `undefined` where the type has none, or none is left. */
  readonly ports: readonly (AllocatedPort | undefined)[];
  /** Of a LoadBalancer with `externalTrafficPolicy: Local`; `undefined` for any other, or where none is left. */
  readonly healthCheck: AllocatedPort | undefined;
}

/** A port of the node range, written in a manifest or handed out. */
export interface AllocatedPort {
  readonly port: number;
  readonly origin: Origin;
}

/**
 * Allocates node ports as the API server does: entries of one `port` number share theirs whatever their protocol, and
 * the lower part of the range, meant for written ones, is used up last. A load balancer may do without any.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#avoid-nodeport-collisions
 */
export function planNodePorts(
  profile: Profile,
  services: readonly ServiceManifest[],
): ReadonlyMap<ServiceManifest, NodePorts> {
  const plans = services.map((service) => ({ service, wishes: wishesOf(profile, service) }));
  const pool = poolOf(...allocationRuns(profile.nodePortRange));
  const wishes = plans
    .flatMap((plan) => [...plan.wishes.ports, plan.wishes.healthCheck])
    .filter((wish) => wish !== undefined);
  for (const wish of wishes) if (wish.written !== undefined) claim(pool, wish.written);
  const placed = place(
    pool,
    wishes.flatMap((wish) => (wish.written === undefined ? [wish.key] : [])),
  );
  const grant = (wish: Wish | undefined): AllocatedPort | undefined => {
    if (wish?.written !== undefined) return { port: wish.written, origin: "written" };
    const port = wish && placed.get(wish.key);
    return port === undefined ? undefined : { port, origin: "simulated" };
  };
  return new Map(
    plans.map(({ service, wishes: { ports, healthCheck } }) => [
      service,
      { ports: ports.map(grant), healthCheck: grant(healthCheck) },
    ]),
  );
}

/** A number that a Service wants: a written one, or any, to be found by a key. */
interface Wish {
  readonly key: string;
  readonly written: number | undefined;
}

function wishesOf(
  profile: Profile,
  service: ServiceManifest,
): {
  readonly ports: readonly (Wish | undefined)[];
  readonly healthCheck: Wish | undefined;
} {
  const type = service.serviceType.value;
  const id = `${service.namespace.value}/${service.name.value}`;
  if (service.headless !== undefined || (type !== "NodePort" && type !== "LoadBalancer")) {
    return { ports: service.ports.map(() => undefined), healthCheck: undefined };
  }
  const writtenBy = new Map<number, number>();
  for (const { port, nodePort } of service.ports) if (nodePort?.value) writtenBy.set(port.value, nodePort.value);
  // Written ones are respected, and not shared with an entry of the same number.
  const onlyWritten = type === "LoadBalancer" && !service.allocateLoadBalancerNodePorts && atLeast(profile, 1, 22);
  const checked = type === "LoadBalancer" && service.externalTrafficPolicy.value === "Local";
  return {
    ports: service.ports.map(({ port, nodePort }) =>
      onlyWritten && !nodePort?.value
        ? undefined
        : { key: `${id}:${port.value}`, written: nodePort?.value || writtenBy.get(port.value) },
    ),
    healthCheck: checked
      ? { key: `${id}:health`, written: service.healthCheckNodePort?.value || undefined }
      : undefined,
  };
}

/** The part of the range that numbers are taken from first, then the rest. */
function allocationRuns({ first, last }: PortRange): readonly (readonly [number, number])[] {
  const size = last - first + 1;
  const kept = size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128);
  return [
    [first + kept, last],
    [first, first + kept - 1],
  ];
}
