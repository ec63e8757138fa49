import { type Family, familyOf, parseIP } from "../../../base/ip.ts";
import { bareAddress } from "../../netfilter/addresses.ts";
import type { RequestDestination, SimulatedRequest } from "../../simulation/request.ts";
import type { World } from "../../simulation/world.ts";
import type { NodeRules } from "../node-rules.ts";
import { nameIn, rulesOf } from "../port-names.ts";
import { addressesOfService, mayName, type ServiceAddress } from "../service-addresses.ts";
import { nodeAddress } from "./rules-client.ts";
import type { RulesDestination } from "./rules-trace.ts";

/** The family in which a request is made, where its destination tells it. */
export function familyOfHost(host: string): Family | undefined {
  const ip = parseIP(host);
  return ip === undefined ? undefined : familyOf(ip);
}

/**
 * What the name and port of a request come to on the node of some rules: an address as it is, the node itself, or the
 * cluster IP that the rules have for a Service. `undefined` for a name that nobody knows.
 * @param namespace that of the client, for names without one
 */
export function resolveInRules(
  world: World,
  rules: NodeRules,
  { destination }: SimulatedRequest,
  namespace: string,
): RulesDestination | undefined {
  const { family } = rules.ruleSet;
  const ip = parseIP(destination.host);
  if (ip !== undefined) return withPort(destination, { ip, by: { kind: "literal" } }, undefined);
  if (isLoopbackName(destination.host)) {
    return withPort(destination, { ip: family === "IPv6" ? "::1" : "127.0.0.1", by: { kind: "literal" } }, undefined);
  }
  const service = serviceName(destination.host, world.profile.domain, namespace);
  const addresses = service === undefined ? [] : addressesOf(rules, service);
  const [first] = addresses;
  if (first?.ip !== undefined) {
    return withPort(destination, { ip: first.ip, by: { kind: "rules", name: first.name } }, addresses);
  }
  const portless = service && findPortless(rules, service);
  if (portless) return withPort(destination, portless, undefined);
  const pinned = service && pinnedAddress(world, service, family);
  if (service !== undefined && pinned !== undefined) {
    const name = `${service.namespace}/${service.name}`;
    return withPort(destination, { ip: pinned, by: { kind: "manifest", name } }, undefined);
  }
  const node = world.profile.nodes.find(({ name }) => name.toLowerCase() === destination.host.toLowerCase());
  if (node === undefined && destination.host !== "node") return undefined;
  const { address, known } = nodeAddress(world, node?.name ?? "", family);
  return withPort(destination, { ip: address, by: { kind: "node", known } }, undefined);
}

const isLoopbackName = (host: string): boolean => /^localhost\.?$/i.test(host);

interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

/** `web`, `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local`, with or without a final dot. */
function serviceName(host: string, domain: string, namespace: string): ServiceName | undefined {
  const bare = host.toLowerCase().replace(/\.$/, "");
  const inside = bare.endsWith(`.svc.${domain}`) ? bare.slice(0, -`.svc.${domain}`.length) : bare.replace(/\.svc$/, "");
  const [name, space, ...others] = inside.split(".");
  return name === undefined || others.length > 0 ? undefined : { name, namespace: space ?? namespace };
}

/** The cluster IP of a Service in each of its ports, as the rules name it. */
const addressesOf = (rules: NodeRules, { namespace, name }: ServiceName): readonly ServiceAddress[] =>
  addressesOfService(rules, namespace, name).filter(({ as }) => as === "cluster-ip");

/** The cluster IP in a rule that says no port: an iptables-save that is older than the rule leaves out what it cannot read. */
function findPortless(
  rules: NodeRules,
  { namespace, name }: ServiceName,
): Pick<RulesDestination, "ip" | "by"> | undefined {
  for (const rule of rulesOf(rules.nat, "KUBE-SERVICES")) {
    const found = mayName(rule, namespace, name) ? nameIn(rule) : undefined;
    if (found?.namespace !== namespace || found.service !== name) continue;
    for (const match of rule.matches) {
      if (match.kind !== "destination" || match.negated) continue;
      return { ip: bareAddress(match.block), by: { kind: "rules", name: found } };
    }
  }
  return undefined;
}

/** A cluster IP that a manifest pins, or that a dump has observed. */
function pinnedAddress(world: World, { namespace, name }: ServiceName, family: Family): string | undefined {
  const served = world.serviceNamed(namespace, name);
  return served?.addresses.clusterIPs.find(({ ip, origin }) => familyOf(ip) === family && origin !== "simulated")?.ip;
}

function withPort(
  { port, schemePort }: RequestDestination,
  found: Pick<RulesDestination, "ip" | "by">,
  addresses: readonly ServiceAddress[] | undefined,
): RulesDestination {
  const given = port ?? schemePort;
  if (given !== undefined) return { ...found, port: given, portFrom: "given" };
  const [only, ...others] = new Set((addresses ?? []).map((address) => address.port));
  return only !== undefined && others.length === 0
    ? { ...found, port: only, portFrom: "service" }
    : { ...found, port: 80, portFrom: "assumed" };
}
