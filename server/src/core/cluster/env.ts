import { hostPort, parseIP } from "../base/ip.ts";
import type { Field, Origin, SourceRange } from "../base/source.ts";
import type { Protocol, ServiceManifest } from "../manifest/model.ts";
import { apiServerAddress, type Profile } from "../settings/profile.ts";
import type { Address } from "./resolution.ts";

/** A variable that the kubelet sets for a Service. */
export interface ServiceVariable {
  readonly name: string;
  readonly value: string;
  /** `undefined` for `kubernetes`, which every cluster has, unless a manifest shows it. */
  readonly service: ServiceManifest | undefined;
  readonly origin: Origin;
  /** The YAML that makes the variable; `undefined` for `kubernetes`. */
  readonly because: SourceRange | undefined;
  /** The container's own variable of this name: it wins, and this one is not set. */
  readonly shadowedBy: Field<string> | undefined;
  /** Another Service makes a variable of this name, too: which of the two is set, nobody knows. */
  readonly contested: boolean;
}

/** A Service that the kubelet sees, with its cluster IPs, the first one first. */
export interface EnvService {
  readonly service: ServiceManifest;
  readonly clusterIPs: readonly Address[];
}

/** The container that the variables are for. */
export interface EnvContainer {
  /** The namespace of its pod. */
  readonly namespace: string;
  /** `spec.enableServiceLinks` of its pod. */
  readonly enableServiceLinks: boolean;
  /** The variables that it sets itself. */
  readonly own: readonly Field<string>[];
}

/**
 * The variables that tell a container about Services: those with a cluster IP in its namespace, if its pod wants them,
 * and always `kubernetes` of `default`. That one comes first, the others follow by name; the kubelet has no order.
 *
 * They are those of a container that starts now: later Services do not reach a running one.
 * A Service without ports, which the API server refuses, makes none.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/envvars/envvars.go
 */
export function serviceEnvironment(
  profile: Profile,
  container: EnvContainer,
  services: readonly EnvService[],
): readonly ServiceVariable[] {
  const sources = servicesInView(profile, container, services);
  const made = sources.flatMap((source) => variablesOf(source).map((variable) => ({ source, variable })));
  const makers = new Map<string, Set<Source>>();
  for (const { source, variable } of made) {
    makers.set(variable.name, (makers.get(variable.name) ?? new Set()).add(source));
  }
  return made.map(({ source, variable }) => ({
    ...variable,
    service: source.service,
    shadowedBy: container.own.find((field) => field.value === variable.name),
    contested: (makers.get(variable.name)?.size ?? 0) > 1,
  }));
}

/** The start of a Service's variables: its name in upper case, dashes as underscores, and nothing else changed. */
export const variablePrefix = (serviceName: string): string => serviceName.toUpperCase().replace(/-/g, "_");

/** What variables are made from. */
interface Source {
  readonly name: string;
  readonly address: Address;
  readonly addressBecause: SourceRange | undefined;
  readonly ports: readonly SourcePort[];
  readonly service: ServiceManifest | undefined;
}

interface SourcePort {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: Protocol;
  readonly origin: Origin;
  readonly because: SourceRange | undefined;
}

type Variable = Pick<ServiceVariable, "name" | "value" | "origin" | "because">;

function servicesInView(
  profile: Profile,
  { namespace, enableServiceLinks }: EnvContainer,
  services: readonly EnvService[],
): readonly Source[] {
  const byName = new Map<string, Source>();
  const kubernetes = services.find(
    ({ service }) => service.namespace.value === "default" && service.name.value === "kubernetes",
  );
  const apiServer = (kubernetes && sourceOf(kubernetes)) ?? apiServerOf(profile);
  if (apiServer) byName.set(apiServer.name, apiServer);
  const neighbours = services
    .filter(({ service }) => service.namespace.value === namespace)
    .filter(({ service }) => enableServiceLinks && service !== kubernetes?.service)
    .flatMap((entry) => sourceOf(entry) ?? [])
    .sort((one, other) => Number(one.name > other.name) - Number(one.name < other.name));
  for (const source of neighbours) byName.set(source.name, source);
  return [...byName.values()];
}

/** `undefined` for a Service without cluster IP: headless, or an ExternalName. */
function sourceOf({ service, clusterIPs }: EnvService): Source | undefined {
  const [address] = clusterIPs;
  if (address === undefined || service.headless !== undefined) return undefined;
  if (service.serviceType.value === "ExternalName") return undefined;
  const written = service.clusterIPs.find((field) => parseIP(field.value) === address.ip);
  return {
    name: service.name.value,
    address,
    addressBecause: (written ?? service.name).range,
    ports: service.ports.map(({ name, port, protocol, range }) => ({
      name: name?.value,
      port: port.value,
      protocol: protocol.value,
      origin: port.origin,
      because: range,
    })),
    service,
  };
}

/** The Service `kubernetes`, which the API server makes for itself; `undefined` in a cluster without Service CIDR. */
function apiServerOf(profile: Profile): Source | undefined {
  const ip = apiServerAddress(profile);
  if (ip === undefined) return undefined;
  return {
    name: "kubernetes",
    address: { ip, origin: "simulated" },
    addressBecause: undefined,
    ports: [{ name: "https", port: 443, protocol: "TCP", origin: "default", because: undefined }],
    service: undefined,
  };
}

function variablesOf({ name, address, addressBecause, ports }: Source): readonly Variable[] {
  const prefix = variablePrefix(name);
  const [first] = ports;
  if (first === undefined) return [];
  const fromAddress = { origin: address.origin, because: addressBecause };
  const number = (suffix: string, port: SourcePort): Variable => ({
    name: `${prefix}_${suffix}`,
    value: String(port.port),
    origin: port.origin,
    because: port.because,
  });
  const named = ports.flatMap((port) => {
    return port.name ? [number(`SERVICE_PORT_${variablePrefix(port.name)}`, port)] : [];
  });
  return [
    { name: `${prefix}_SERVICE_HOST`, value: address.ip, ...fromAddress },
    number("SERVICE_PORT", first),
    ...named,
    { name: `${prefix}_PORT`, value: urlOf(address, first), ...fromAddress },
    ...ports.flatMap((port) => linkVariables(prefix, address, addressBecause, port)),
  ];
}

/** The four variables of one port, in the style of the links that Docker once had. */
function linkVariables(
  prefix: string,
  address: Address,
  addressBecause: SourceRange | undefined,
  port: SourcePort,
): readonly Variable[] {
  const stem = `${prefix}_PORT_${port.port}_${port.protocol}`;
  const fromPort = { origin: port.origin, because: port.because };
  return [
    { name: stem, value: urlOf(address, port), origin: address.origin, because: port.because },
    { name: `${stem}_PROTO`, value: port.protocol.toLowerCase(), ...fromPort },
    { name: `${stem}_PORT`, value: String(port.port), ...fromPort },
    { name: `${stem}_ADDR`, value: address.ip, origin: address.origin, because: addressBecause },
  ];
}

const urlOf = ({ ip }: Address, { protocol, port }: SourcePort): string =>
  `${protocol.toLowerCase()}://${hostPort(ip, port)}`;
