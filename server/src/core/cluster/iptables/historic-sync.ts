import { hostPort } from "../../base/ip.ts";
import type { Endpoint, ProxyInput } from "../kube-proxy/proxy-input.ts";
import type { NamedPort } from "../kube-proxy/service-order.ts";
import { wholeBlock } from "../netfilter/addresses.ts";
import { fraction } from "../netfilter/fraction.ts";
import { endpointChain } from "./chain-names.ts";
import { comment, destination, dport, jump, protocol, statistic } from "./matches.ts";
import type { Match } from "./rule.ts";
import type { Cause, Tables } from "./rule-set-writer.ts";

/** What all steps of one sync of an old kube-proxy share. */
export interface Sync extends Tables {
  readonly input: ProxyInput;
  /** Whether the release is `1.minor` or later. */
  readonly from: (minor: number) => boolean;
  readonly commentsOnEndpoints: boolean;
  /** Whether any address of the node takes node ports. */
  readonly hasNodePorts: boolean;
}

/** One service port, with what every step needs to know of it. */
export interface Plan extends NamedPort {
  readonly svc: string;
  readonly xlb: string;
  readonly fw: string;
  /** Those that have chains. */
  readonly endpoints: readonly Endpoint[];
  /** Those among them that new connections are spread over: all, but in 1.22. */
  readonly ready: readonly Endpoint[];
  /** `externalTrafficPolicy: Local`, called OnlyLocal when it was an annotation; from 1.5. */
  readonly onlyLocal: boolean;
  readonly cause: Cause;
}

/** Sends a client that is remembered back to its endpoint. */
export function addAffinity(
  { nat, from }: Sync,
  plan: Plan,
  chain: string,
  endpoints: readonly Endpoint[],
  why: readonly Match[],
): void {
  const { port } = plan;
  if (port.affinitySeconds === undefined) return;
  // The API lets users choose from 1.8; before, the time was fixed: three minutes at first, three hours later.
  const seconds = from(8) ? port.affinitySeconds : from(3) ? 10800 : 180;
  for (const endpoint of endpoints) {
    const list = sepOf(plan, endpoint);
    nat.rule(chain, [...why, { kind: "recent-check", list, seconds }], jump(list), { port, endpoint });
  }
}

/** What is said in rules that lead to an endpoint; large clusters save it. */
export const commentOnEndpoint = ({ commentsOnEndpoints }: Sync, { name }: Plan): readonly Match[] =>
  commentsOnEndpoints ? [comment(name)] : [];

/** The chance of one endpoint among those that are left; five decimals up to 1.15. */
export const chanceOf = ({ from }: Sync, left: number): readonly Match[] =>
  left > 1 ? [statistic(fraction(1, left), from(16) ? 10 : 5)] : [];

/** The chain of an endpoint. */
export const sepOf = ({ name, port }: Plan, endpoint: Endpoint): string =>
  endpointChain(name, port.protocol, hostPort(endpoint.ip, endpoint.port));

/** An address as it stands in a rule: as a block of one up to 1.22. */
export const addressText = ({ from }: Sync, address: string): string => (from(23) ? address : wholeBlock(address));

/** The match of packets to a port of an address. */
export const toAddress = (sync: Sync, { port }: Plan, address: string): readonly Match[] => [
  protocol(port.protocol),
  destination(addressText(sync, address)),
  dport(port.port),
];

/** Up to 1.21 the chain that dispatches a packet also marks it; later the service's own chain does. */
export const masqueradingChain = ({ from }: Sync, { svc }: Plan, dispatching: string): string =>
  from(22) ? svc : dispatching;
