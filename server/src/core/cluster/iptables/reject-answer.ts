/** What a program is told that connects, in the words of the C library. */
export type ConnectError =
  | "connection refused"
  | "no route to host"
  | "network is unreachable"
  | "permission denied"
  | "protocol not available";

/**
 * What becomes of a connection that `REJECT --reject-with` answers. Only the answer that Kubernetes gives looks like a
 * closed port.
 * @param answer as iptables-save prints it; `undefined` for one that it has no name for
 * @see icmp_err_convert of Linux's net/ipv4/icmp.c, and tab_unreach of net/ipv6/icmp.c
 */
export const connectErrorOf = (answer: string): ConnectError | undefined => errors.get(answer);

const errors: ReadonlyMap<string, ConnectError> = new Map([
  ["icmp-port-unreachable", "connection refused"],
  ["icmp6-port-unreachable", "connection refused"],
  ["tcp-reset", "connection refused"],
  ["icmp-host-unreachable", "no route to host"],
  ["icmp-host-prohibited", "no route to host"],
  ["icmp-admin-prohibited", "no route to host"],
  ["icmp6-addr-unreachable", "no route to host"],
  ["icmp-net-unreachable", "network is unreachable"],
  ["icmp-net-prohibited", "network is unreachable"],
  ["icmp6-no-route", "network is unreachable"],
  ["icmp6-adm-prohibited", "permission denied"],
  ["icmp6-policy-fail", "permission denied"],
  ["icmp6-reject-route", "permission denied"],
  ["icmp-proto-unreachable", "protocol not available"],
]);
