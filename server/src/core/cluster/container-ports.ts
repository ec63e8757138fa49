import { oncePer } from "../base/once.ts";
import { isPlaceholder } from "../base/text.ts";
import type { Container, ContainerPort, Protocol } from "../manifest/model.ts";

/** A port, and the container that declares it. */
export interface DeclaredPort {
  readonly container: Container;
  readonly port: ContainerPort;
}

/** The container ports of a pod template by number and by name. */
interface ContainerPorts {
  readonly byNumber: ReadonlyMap<string, DeclaredPort>;
  readonly byName: ReadonlyMap<string, DeclaredPort>;
  readonly hasUnknownNames: boolean;
}

/** Of the containers of a role the first port that has a number or a name and a protocol, in the order of the text. */
export function findContainerPort(
  containers: readonly Container[],
  role: Container["role"],
  wanted: number | string,
  protocol: Protocol,
): DeclaredPort | undefined {
  const { byNumber, byName } = portsOf(containers);
  return (typeof wanted === "number" ? byNumber : byName).get(keyOf(role, protocol, wanted));
}

/** Whether there may be more names than are shown: without containers not all is here; a placeholder may be any name. */
export const hasUnknownPortNames = (containers: readonly Container[]): boolean => portsOf(containers).hasUnknownNames;

const portsOf: (containers: readonly Container[]) => ContainerPorts = oncePer((containers: readonly Container[]) => {
  const byNumber = new Map<string, DeclaredPort>();
  const byName = new Map<string, DeclaredPort>();
  let hasUnknownNames = containers.length === 0;
  const add = (ports: Map<string, DeclaredPort>, key: string, declared: DeclaredPort): void => {
    if (!ports.has(key)) ports.set(key, declared);
  };
  for (const container of containers) {
    for (const port of container.ports) {
      const { name, containerPort, protocol } = port;
      const declared = { container, port };
      add(byNumber, keyOf(container.role, protocol.value, containerPort.value), declared);
      if (name === undefined) continue;
      add(byName, keyOf(container.role, protocol.value, name.value), declared);
      hasUnknownNames ||= isPlaceholder(name.value);
    }
  }
  return { byNumber, byName, hasUnknownNames };
});

const keyOf = (role: Container["role"], protocol: Protocol, port: number | string): string =>
  `${role} ${protocol} ${port}`;
