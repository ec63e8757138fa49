import { hashedChain, portChain, readChainName } from "../../iptables/chain-names.ts";
import type { Rule } from "../../iptables/rule.ts";
import type { Protocol } from "../../kube-proxy/proxy-input.ts";
import type { BalancedEndpoint, EndpointPlace, NodeRules } from "../node-rules.ts";
import { rulesOf } from "../port-names.ts";
import { listServiceAddresses, type ServiceAddress } from "../service-addresses.ts";

/** A service port as the rules of a node have it. */
export interface ActualPort {
  readonly namespace: string;
  readonly service: string;
  readonly portName: string;
  readonly protocol: Protocol;
  readonly number: number;
  readonly addresses: readonly ServiceAddress[];
  /** Those that any node may choose; `undefined` where the text does not show which. */
  readonly endpoints: readonly EndpointPlace[] | undefined;
  /** `undefined` without session affinity. */
  readonly affinitySeconds: number | undefined;
  /** The first rule that speaks of it. */
  readonly rule: Rule;
}

/**
 * The service ports of a node by {@link keyOfPort}.
 * @param isWhole whether all of table nat is shown, so that no chain ends early
 */
export function listActualPorts(rules: NodeRules, isWhole: boolean): ReadonlyMap<string, ActualPort> {
  const byPort = new Map<string, ServiceAddress[]>();
  for (const address of listServiceAddresses(rules)) {
    const key = keyOfPort(address.name.namespace, address.name.service, address.name.portName, address.protocol);
    const known = byPort.get(key);
    if (known) known.push(address);
    else byPort.set(key, [address]);
  }
  return new Map(
    [...byPort].flatMap(([key, addresses]) => {
      const [first] = addresses;
      return first ? [[key, actualPort(rules, first, addresses, isWhole)] as const] : [];
    }),
  );
}

/** What tells one service port from another. */
export const keyOfPort = (namespace: string, service: string, portName: string, protocol: Protocol): string =>
  `${namespace}/${service}:${portName} ${protocol}`;

function actualPort(
  rules: NodeRules,
  first: ServiceAddress,
  addresses: readonly ServiceAddress[],
  isWhole: boolean,
): ActualPort {
  const { name, protocol } = first;
  const cluster = addresses.find(({ as }) => as === "cluster-ip");
  const chain = balancingChain(first, addresses);
  return {
    namespace: name.namespace,
    service: name.service,
    portName: name.portName,
    protocol,
    number: (cluster ?? first).port,
    addresses,
    endpoints: endpointsOf(rules, chain, addresses, isWhole),
    affinitySeconds: affinityOf(rulesOf(rules.nat, chain)),
    rule: first.rule,
  };
}

/** The chain that chooses among all endpoints. It bears the hash of all others of the port. */
function balancingChain({ name, protocol }: ServiceAddress, addresses: readonly ServiceAddress[]): string {
  for (const { chain } of addresses) {
    const read = chain === undefined ? undefined : readChainName(chain);
    if (read !== undefined && read.kind !== "SEP") return hashedChain("SVC", read.hash);
  }
  return portChain("SVC", name.text, protocol);
}

function endpointsOf(
  rules: NodeRules,
  chain: string,
  addresses: readonly ServiceAddress[],
  isWhole: boolean,
): readonly EndpointPlace[] | undefined {
  if (rules.nat?.chains.has(chain)) {
    const behind = rules.endpointsBehind(chain);
    if (!isWhole && !endsThere(behind)) return undefined;
    const places = behind.flatMap(({ place }) => place ?? []);
    return places.length === behind.length ? places : undefined;
  }
  return addresses.every(({ refusal }) => refusal === "no-endpoints") ? [] : undefined;
}

/** Whether the rule is there that takes whatever those before it left to chance. */
const endsThere = (behind: readonly BalancedEndpoint[]): boolean =>
  behind.at(-1)?.rule.matches.every(({ kind }) => kind === "comment") ?? false;

function affinityOf(rules: readonly Rule[]): number | undefined {
  for (const { matches } of rules) for (const match of matches) if (match.kind === "recent-check") return match.seconds;
  return undefined;
}
